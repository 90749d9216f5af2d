//! `doorward connection delete`

use anyhow::Result;
use directory::{Actor, Store, connection, organization, token};
use serde_json::json;

use super::{super::confirm::confirm, find};
use crate::{answer::Answer, words::count};

pub(super) async fn run(store: &Store, id: &str, yes: bool) -> Result<Answer> {
    let (tenant, connection) = find(store, id).await?;
    let id = connection.id;
    let (organization, tokens) = store
        .read(&tenant, move |reader| Ok((organization::get(reader)?, token::list(reader, id)?)))
        .await?;
    let now = store.clock().now();
    let live = tokens.iter().filter(|token| token.is_live(now)).count();
    let question = format!(
        "Connection {id} of {} ({}) has {}. It will be deleted for good; the \
         people and groups that it brought stay.",
        organization.name,
        connection.provider,
        count(live as u64, "live token")
    );
    confirm(yes, &question, "yes")?;
    store.write(&tenant, &Actor::Operator, move |writer| connection::delete(writer, id)).await?;
    let json = json!({
        "id": id.to_string(),
        "organization": organization.slug.as_str(),
        "deleted": true,
    });
    let text = format!(
        "Connection {id} of {} is deleted. Its tokens are refused from now on. The people and \
         groups that it brought stay, and no connection manages them.",
        organization.name
    );
    Ok(Answer::new(json, text))
}

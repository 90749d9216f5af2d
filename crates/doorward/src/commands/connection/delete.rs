//! `doorward connection delete`

use anyhow::Result;
use directory::{Error, Installation, connection, organization, token};
use serde_json::json;

use super::{super::confirm::confirm, find};
use crate::{answer::Answer, words::count};

pub(super) async fn run(installation: &Installation, id: &str, yes: bool) -> Result<Answer> {
    let (access, connection) = find(installation, id).await?;
    let (id, store) = (connection.id, installation.store());
    let (organization, tokens) = store
        .read(&access, move |reader| {
            Ok::<_, Error>((organization::get(reader)?, token::list(reader, id)?))
        })
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
    connection::delete(store, &access, id).await?;
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

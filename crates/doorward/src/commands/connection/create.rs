//! `doorward connection create`

use anyhow::Result;
use directory::{
    Actor, Store,
    connection::{self, Protocol, Provider},
    token,
};
use doorward::config::Config;
use scim::Profile;
use serde_json::json;

use super::{
    super::{organization, public_url, token::Lifetime},
    Addresses, advice, pair,
};
use crate::answer::Answer;

/// The connection to make.
pub(super) struct Wanted {
    pub(super) provider: Provider,
    pub(super) protocol: Protocol,
    pub(super) name: Option<String>,
    pub(super) profile: Option<Profile>,
}

pub(super) async fn run(
    store: &Store,
    config: &Config,
    slug: &str,
    wanted: Wanted,
    lifetime: &Lifetime,
) -> Result<Answer> {
    let (tenant, organization) = organization::find(store, slug).await?;
    let Wanted { provider, protocol, name, profile } = wanted;
    let made =
        connection::create(store, &tenant, &Actor::Operator, provider, protocol, profile).await?;
    let (id, expires) = (made.id, lifetime.end(store.clock().now()));
    let issued = store
        .write(&tenant, &Actor::Operator, move |writer| {
            if let Some(name) = &name {
                connection::rename(writer, id, name)?;
            }
            token::issue(writer, &tenant, id, expires)
        })
        .await?;
    let addresses = Addresses::new(public_url::known(config, store).await?, &made);
    let mut json = json!({
        "id": id.to_string(),
        "protocol": protocol.as_str(),
        "base_url": null,
        "token": issued.reveal(),
    });
    addresses.put_into(&mut json);
    let end = issued.token.expires.map(|end| end.to_string());
    let text = format!(
        "Connection {id} of {} ({provider}, {protocol}) is in use.\n\n{}\n{}",
        organization.name,
        pair(provider, &addresses.shown(addresses.base_url()), issued.reveal()),
        advice(provider, addresses.url(), end.as_deref()),
    );
    Ok(Answer::new(json, text))
}

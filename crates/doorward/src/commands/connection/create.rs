//! `doorward connection create`

use anyhow::Result;
use directory::{
    Installation,
    connection::{self, Connection, NewConnection, Protocol, State},
    organization::Organization,
    token,
};
use doorward::config::Config;
use serde_json::json;

use super::{
    super::{organization::find, public_url, token::Lifetime},
    Addresses, advice, pair,
};
use crate::answer::Answer;

pub(super) async fn run(
    installation: &Installation,
    config: &Config,
    slug: &str,
    new: NewConnection,
    lifetime: &Lifetime,
) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let store = installation.store();
    let made = connection::create(store, &access, new).await?;
    let (id, expires) = (made.id, lifetime.end(store.clock().now()));
    if made.protocol == Protocol::None {
        return Ok(for_sign_in(&organization, &made));
    }
    let issued = store.write(&access, move |writer| token::issue(writer, id, expires)).await?;
    let addresses = Addresses::new(public_url::known(config, installation).await?, &made);
    let mut json = json!({
        "id": id.to_string(),
        "protocol": made.protocol.as_str(),
        "base_url": null,
        "token": issued.reveal(),
    });
    addresses.put_into(&mut json);
    let state = if made.state == State::Active {
        "is in use".to_owned()
    } else {
        format!(
            "is being set up: what arrives gives no sign-in and no role until `doorward connection \
             enable {id}` takes it into use"
        )
    };
    let end = issued.token.expires.map(|end| end.to_string());
    let text = format!(
        "Connection {id} of {} ({}, {}) {state}.\n\n{}\n{}",
        organization.name,
        made.provider,
        made.protocol,
        pair(made.provider, &addresses.shown(addresses.base_url()), issued.reveal()),
        advice(made.provider, addresses.url(), end.as_deref()),
    );
    Ok(Answer::new(json, text))
}

/// A connection that provisions no one has no token.
fn for_sign_in(organization: &Organization, made: &Connection) -> Answer {
    let id = made.id;
    let json = json!({
        "id": id.to_string(),
        "protocol": made.protocol.as_str(),
        "base_url": null,
        "token": null,
    });
    let text = format!(
        "Connection {id} of {} ({}) is for sign-in only. `doorward connection saml show {id}` prints \
         what the identity provider is told.",
        organization.name, made.provider
    );
    Answer::new(json, text)
}

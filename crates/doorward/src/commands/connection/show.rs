//! `doorward connection show`

use anyhow::Result;
use directory::{Error, Installation, organization, token};
use doorward::config::Config;
use serde_json::json;

use super::{
    super::{
        public_url,
        token::{listed, tabled},
    },
    Addresses, find, profile, view,
};
use crate::{answer::Answer, table};

pub(super) async fn run(installation: &Installation, config: &Config, id: &str) -> Result<Answer> {
    let (access, connection) = find(installation, id).await?;
    let (id, store) = (connection.id, installation.store());
    let (organization, tokens) = store
        .read(&access, move |reader| {
            Ok::<_, Error>((organization::get(reader)?, token::list(reader, id)?))
        })
        .await?;
    let now = store.clock().now();
    let addresses = Addresses::new(public_url::known(config, installation).await?, &connection);
    let mut json = view(&organization, &connection);
    addresses.put_into(&mut json);
    json["connection_url"] = json!(addresses.connection_url());
    json["tokens"] = listed(&tokens, now);
    let takes =
        if connection.ipsie { "access tokens only (IPSIE)" } else { "API and access tokens" };
    let sheet = table::sheet([
        ("organization", format!("{} ({})", organization.name, organization.slug)),
        ("name", connection.name.clone().unwrap_or_else(|| "-".to_owned())),
        ("provider", connection.provider.to_string()),
        ("protocol", connection.protocol.to_string()),
        ("profile", profile::described(&connection)),
        ("state", connection.state.to_string()),
        ("takes", takes.to_owned()),
        ("created", connection.created.to_string()),
        ("base URL", addresses.shown(addresses.base_url())),
        ("its own URL", addresses.shown(addresses.connection_url())),
    ]);
    let note = addresses.note().map_or_else(String::new, |note| format!("\n({note})\n"));
    let text = format!("Connection {id}\n\n{sheet}{note}\n{}", tabled(&tokens, now, id));
    Ok(Answer::new(json, text))
}

//! Requests to addresses that others chose, sent as a server with this configuration sends them.

use anyhow::Result;
use directory::Installation;
use doorward::config::Config;
use server::outbound::Outbound;

use super::public_url;

/// Sends them.
pub(crate) async fn of(installation: &Installation, config: &Config) -> Result<Outbound> {
    let url = public_url::known(config, installation).await?;
    let url = url.map_or_else(|| "https://".to_owned(), |url| url.to_string());
    Ok(Outbound::for_server(&url, config.network.outbound_allow.clone()))
}

//! The address that providers are told: the one that was set here, or else the one with which a
//! server ran last. A server writes it into the store, and commands read it there.

use anyhow::{Context as _, Result};
use directory::{Error, Installation, installation::Setting};
use doorward::config::{Config, PublicUrl};

/// What is said where it is not known.
pub(crate) const UNKNOWN: &str = "the public URL is not known yet: start `doorward serve \
                                  --public-url https://...` once, or give `--public-url`";

/// The public URL, where one is known. A wrong one would be worse than none.
pub(crate) async fn known(
    config: &Config,
    installation: &Installation,
) -> Result<Option<PublicUrl>> {
    if let Some(url) = &config.network.public_url {
        return Ok(Some(url.clone()));
    }
    let Some(text) = installation.setting(Setting::PublicUrl).await? else { return Ok(None) };
    let url = PublicUrl::parse(&text)
        .map_err(anyhow::Error::msg)
        .context("the public URL in the store cannot be read")?;
    // Of a server that listens on every address and was told no other.
    Ok(Some(url).filter(|url| !url.is_unspecified()))
}

/// Writes the public URL of a server for the commands that come after. One that was set stays until
/// another is set: a server that was told none writes where it listens only where nothing better is
/// known.
pub(crate) async fn remember(
    config: &Config,
    installation: &Installation,
    url: &PublicUrl,
) -> Result<(), Error> {
    let stored = installation.setting(Setting::PublicUrl).await?;
    let stored = stored.and_then(|text| PublicUrl::parse(&text).ok());
    if config.network.public_url.is_none() && stored.is_some_and(|url| !url.is_of_a_listener()) {
        return Ok(());
    }
    installation.set(Setting::PublicUrl, Some(url.as_str())).await
}

//! `doorward setup-link`

use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use directory::{
    Access, Installation, SetupLinkId, Time,
    setup_link::{self, Issued, SetupLink},
};
use doorward::{config::Config, duration};
use serde_json::{Value as Json, json};

use super::{
    connection,
    organization::find,
    public_url::{self, UNKNOWN},
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    problem::within,
    table::{self, whole},
};

/// `doorward setup-link`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a link by which someone without an account connects the identity provider
    Create {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// Id of a connection to set up; without it, the link makes one
        #[arg(long, value_name = "ID")]
        connection: Option<String>,
        /// How long the link works: 7d, 12h, 90m; at most 90d
        #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = duration::parse)]
        expires: Duration,
    },
    /// Set-up links of an organization, never their secret
    List {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
    /// Revoke a set-up link: whoever started by it goes on no longer
    Revoke {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// Id of the link, as `doorward setup-link list` shows it
        id: String,
    },
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Create { organization, connection, expires } => {
            create(installation, config, &organization, connection.as_deref(), expires).await
        }
        Command::List { organization } => list(installation, &organization).await,
        Command::Revoke { organization, id } => revoke(installation, &organization, &id).await,
    })
    .await
}

async fn create(
    installation: &Installation,
    config: &Config,
    slug: &str,
    connection: Option<&str>,
    life: Duration,
) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let connection = match connection {
        None => None,
        Some(id) => Some(connection::find(installation, id).await?.1.id),
    };
    let sender = config.application.name.clone();
    let make = move |writer: &mut directory::Writer<'_>| {
        setup_link::create(writer, connection, &sender, life)
    };
    let issued = installation.store().write(&access, make).await;
    let issued = issued.map_err(within(&organization.slug))?;
    let url = address(config, installation, &issued).await?;
    let expires = issued.link.expires.to_string();
    let json = json!({
        "id": issued.link.id.to_string(),
        "organization": organization.slug.as_str(),
        "url": url,
        "expires": expires,
    });
    let shown = url.unwrap_or_else(|| format!("not known: {UNKNOWN}"));
    let text = format!(
        "Send this link to whoever administers the identity provider of {}:\n\n  {shown}\n\nIt is \
         shown once, opens in one browser, and works until {expires}.",
        organization.name
    );
    Ok(Answer::new(json, text))
}

/// A link of an organization that was just made, for its first administrator.
pub(crate) async fn first(
    config: &Config,
    installation: &Installation,
    access: &Access,
) -> Result<Option<String>> {
    // Without an address a link would be of no use, and could not be shown again.
    if public_url::known(config, installation).await?.is_none() {
        return Ok(None);
    }
    let sender = config.application.name.clone();
    let make = move |writer: &mut directory::Writer<'_>| {
        setup_link::create(writer, None, &sender, setup_link::LIFETIME)
    };
    let issued = installation.store().write(access, make).await?;
    address(config, installation, &issued).await
}

/// Where a link leads.
async fn address(
    config: &Config,
    installation: &Installation,
    issued: &Issued,
) -> Result<Option<String>> {
    let url = public_url::known(config, installation).await?;
    Ok(url.map(|url| format!("{url}/setup/{}", issued.handle.reveal())))
}

async fn list(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let store = installation.store();
    let links = store.read(&access, setup_link::list).await?;
    let now = store.clock().now();
    let listed: Vec<Json> = links.iter().map(|link| view(link, now)).collect();
    let json = json!({ "organization": organization.slug.as_str(), "links": listed });
    let text = if links.is_empty() {
        format!(
            "There is no set-up link; `doorward setup-link create --organization {slug}` makes one."
        )
    } else {
        let row = |link: &SetupLink| {
            [
                link.id.to_string(),
                link.state(now).as_str().to_owned(),
                link.created.to_string(),
                link.expires.to_string(),
            ]
        };
        table::columns(
            [whole("id"), whole("state"), whole("created"), whole("expires")],
            links.iter().map(row),
        )
    };
    Ok(Answer::new(json, text))
}

fn view(link: &SetupLink, now: Time) -> Json {
    json!({
        "id": link.id.to_string(),
        "state": link.state(now).as_str(),
        "sender": link.sender,
        "created": link.created.to_string(),
        "started": link.started.map(|time| time.to_string()),
        "expires": link.expires.to_string(),
        "revoked": link.revoked.map(|time| time.to_string()),
    })
}

async fn revoke(installation: &Installation, slug: &str, id: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let id = SetupLinkId::parse(id).with_context(|| {
        format!(
            "\"{}\" is not the id of a set-up link; `doorward setup-link list --organization {slug}` \
             shows all",
            id.escape_debug()
        )
    })?;
    let revoke = move |writer: &mut directory::Writer<'_>| setup_link::revoke(writer, id);
    let changed = installation.store().write(&access, revoke).await;
    let changed = changed.map_err(within(&organization.slug))?;
    let text = if changed {
        format!("Set-up link {id} is revoked.")
    } else {
        format!("Set-up link {id} worked no longer before.")
    };
    Ok(Answer::new(json!({ "id": id.to_string(), "changed": changed }), text))
}

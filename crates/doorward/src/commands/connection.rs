//! `doorward connection`

use anyhow::{Result, anyhow};
use clap::{Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use directory::{
    Actor, ConnectionId, Store, Tenant,
    connection::{self, Connection, Protocol, Provider},
    organization::{self, Organization},
    token,
};
use doorward::config::{Config, PublicUrl};
use scim::Profile;
use serde_json::{Value as Json, json};

use super::{
    organization::find as find_organization,
    profile,
    store::{self, Missing},
    token::{Lifetime, listed, tabled},
};
use crate::{answer::Answer, table};

/// `doorward connection`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Connect an identity provider: prints the base URL and a token for it
    Create {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
        /// Who is at the other end
        #[arg(long, default_value = "okta", value_parser = provider())]
        provider: Provider,
        /// What is spoken
        #[arg(long, default_value = "scim2", value_parser = protocol())]
        protocol: Protocol,
        /// What is forgiven to it: see `doorward connection profiles` [default: the provider's own]
        #[arg(long, value_name = "NAME", value_parser = profile::parse)]
        profile: Option<Profile>,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// Connections, of all organizations or of one
    List {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
    },
    /// One connection, with its addresses and tokens
    Show {
        /// Its id
        id: String,
    },
    /// Choose what is forgiven to a connection, from its next request on
    SetProfile {
        /// Its id
        id: String,
        /// The name of a profile, with or without a version, or `default` for the provider's own
        #[arg(value_name = "NAME", value_parser = profile::Choice::parse)]
        profile: profile::Choice,
    },
    /// Profiles: what each forgives of what clients get wrong
    Profiles,
    /// Switch a connection on
    Enable {
        /// Its id
        id: String,
    },
    /// Switch a connection off: every request is refused until it is on again
    Disable {
        /// Its id
        id: String,
    },
}

fn provider() -> impl TypedValueParser<Value = Provider> {
    PossibleValuesParser::new(Provider::ALL.iter().map(|provider| provider.as_str()))
        .map(|word| Provider::parse(&word).expect("the possible values are all providers"))
}

fn protocol() -> impl TypedValueParser<Value = Protocol> {
    PossibleValuesParser::new([Protocol::Scim2.as_str(), Protocol::Scim1.as_str()])
        .map(|word| Protocol::parse(&word).expect("the possible values are protocols"))
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    let url = &config.network.public_url;
    if matches!(command, Command::Profiles) {
        return Ok(profile::list());
    }
    store::with(config, Missing::Refuse, async |store| match command {
        Command::Create { organization, provider, protocol, profile, lifetime } => {
            create(store, url, &organization, provider, protocol, profile, &lifetime).await
        }
        Command::List { organization } => list(store, organization.as_deref()).await,
        Command::Show { id } => show(store, url, &id).await,
        Command::SetProfile { id, profile } => set_profile(store, &id, profile).await,
        Command::Profiles => Ok(profile::list()),
        Command::Enable { id } => set_enabled(store, &id, true).await,
        Command::Disable { id } => set_enabled(store, &id, false).await,
    })
    .await
}

/// The connection that a command names.
pub(crate) async fn find(store: &Store, id: &str) -> Result<(Tenant, Connection)> {
    let id = ConnectionId::parse(id).ok_or_else(|| {
        anyhow!(
            "\"{}\" is not the id of a connection; `doorward connection list` shows all",
            id.escape_debug()
        )
    })?;
    Ok(connection::find(store, id).await?)
}

async fn create(
    store: &Store,
    url: &PublicUrl,
    slug: &str,
    provider: Provider,
    protocol: Protocol,
    profile: Option<Profile>,
    lifetime: &Lifetime,
) -> Result<Answer> {
    let (tenant, organization) = find_organization(store, slug).await?;
    let made =
        connection::create(store, &tenant, &Actor::Operator, provider, protocol, profile).await?;
    let (id, expires) = (made.id, lifetime.end(store.clock().now()));
    let issued = store
        .write(&tenant, &Actor::Operator, move |writer| token::issue(writer, &tenant, id, expires))
        .await?;
    let base_url = base_url(url.as_str(), protocol);
    let json = json!({
        "id": id.to_string(),
        "protocol": protocol.as_str(),
        "base_url": base_url,
        "token": issued.reveal(),
    });
    let text = format!(
        "Connection {id} of {} ({provider}, {protocol}) is in use.\n\n{}\n{}",
        organization.name,
        pair(provider, base_url.as_deref().unwrap_or("-"), issued.reveal()),
        advice(provider, url, issued.token.expires.map(|end| end.to_string()).as_deref()),
    );
    Ok(Answer::new(json, text))
}

/// Base URL and token in a box, in the words of the provider's own form.
pub(crate) fn pair(provider: Provider, base_url: &str, token: &str) -> String {
    let [url_label, token_label] = match provider {
        Provider::Okta => ["SCIM connector base URL", "API token"],
        Provider::Entra => ["Tenant URL", "Secret Token"],
        Provider::OneLogin => ["SCIM Base URL", "SCIM Bearer Token"],
        Provider::JumpCloud => ["Base URL", "Token Key"],
        Provider::Other => ["Base URL", "API token"],
    };
    match provider {
        Provider::Okta => table::boxed([
            [url_label, base_url],
            ["Unique identifier field for users", "userName"],
            [token_label, token],
        ]),
        _ => table::boxed([[url_label, base_url], [token_label, token]]),
    }
}

/// What to do with the pair, and what may stand in the way.
fn advice(provider: Provider, url: &PublicUrl, expires: Option<&str>) -> String {
    let shown = match expires {
        Some(end) => {
            format!("The token is shown once: only its hash is kept. It works until {end}.")
        }
        None => "The token is shown once: only its hash is kept. It never expires.".to_owned(),
    };
    let place = match provider {
        Provider::Okta => {
            "\nIn Okta: Provisioning > Integration > Configure API Integration, paste both, press \
             Test. (A custom app asks for the authentication mode: HTTP Header.)"
        }
        _ => "",
    };
    let address = if url.is_loopback() {
        format!(
            "\n{url} can be reached from this machine only. For a provider in the cloud, set \
             `--public-url` to the https address that it uses."
        )
    } else if url.is_secure() {
        String::new()
    } else {
        format!("\n{url} is not https: a provider in the cloud refuses it.")
    };
    format!("{shown}{place}{address}")
}

/// What a provider is told: the same for all customers, as the token tells which.
pub(crate) fn base_url(public_url: &str, protocol: Protocol) -> Option<String> {
    Some(format!("{public_url}{}", path(protocol)?))
}

/// The address of one connection: another connection's token is refused there.
fn connection_url(public_url: &str, connection: &Connection) -> Option<String> {
    Some(format!("{public_url}/c/{}{}", connection.id, path(connection.protocol)?))
}

fn path(protocol: Protocol) -> Option<&'static str> {
    match protocol {
        Protocol::Scim2 => Some("/scim/v2"),
        Protocol::Scim1 => Some("/scim/v1"),
        Protocol::None => None,
    }
}

async fn list(store: &Store, slug: Option<&str>) -> Result<Answer> {
    let organizations = match slug {
        Some(slug) => vec![find_organization(store, slug).await?],
        None => organization::list(store).await?,
    };
    let mut all: Vec<(Organization, Connection)> = Vec::new();
    for (tenant, organization) in organizations {
        for connection in store.read(&tenant, connection::list).await? {
            all.push((organization.clone(), connection));
        }
    }
    let json: Vec<Json> =
        all.iter().map(|(organization, connection)| view(organization, connection)).collect();
    let text = if all.is_empty() {
        "There is no connection yet; `doorward connection create --organization SLUG` makes one."
            .to_owned()
    } else {
        table::columns(
            ["id", "organization", "provider", "protocol", "profile", "state", "created"],
            all.iter().map(|(organization, connection)| {
                [
                    connection.id.to_string(),
                    organization.slug.to_string(),
                    connection.provider.to_string(),
                    connection.protocol.to_string(),
                    connection.profile_in_force().to_string(),
                    connection.state.to_string(),
                    connection.created.to_string(),
                ]
            }),
        )
    };
    Ok(Answer::new(json!({ "connections": json }), text))
}

async fn show(store: &Store, url: &PublicUrl, id: &str) -> Result<Answer> {
    let (tenant, connection) = find(store, id).await?;
    let id = connection.id;
    let (organization, tokens) = store
        .read(&tenant, move |reader| Ok((organization::get(reader)?, token::list(reader, id)?)))
        .await?;
    let now = store.clock().now();
    let base_url = base_url(url.as_str(), connection.protocol);
    let connection_url = connection_url(url.as_str(), &connection);
    let mut json = view(&organization, &connection);
    json["base_url"] = json!(base_url);
    json["connection_url"] = json!(connection_url);
    json["tokens"] = listed(&tokens, now);
    let text = format!(
        "Connection {id} of {} ({})\n  provider        {}\n  protocol        {}\n  \
         profile         {}\n  state           {}\n  created         {}\n  base URL        {}\n  its own URL     {}\n\n{}",
        organization.name,
        organization.slug,
        connection.provider,
        connection.protocol,
        profile::described(&connection),
        connection.state,
        connection.created,
        base_url.as_deref().unwrap_or("-"),
        connection_url.as_deref().unwrap_or("-"),
        tabled(&tokens, now, id),
    );
    Ok(Answer::new(json, text))
}

async fn set_enabled(store: &Store, id: &str, enabled: bool) -> Result<Answer> {
    let (tenant, connection) = find(store, id).await?;
    let id = connection.id;
    let (organization, connection) = store
        .write(&tenant, &Actor::Operator, move |writer| {
            Ok((organization::get(writer)?, connection::set_enabled(writer, id, enabled)?))
        })
        .await?;
    let text = if enabled {
        format!("Connection {id} of {} is in use.", organization.name)
    } else {
        format!(
            "Connection {id} of {} is switched off: every request is refused from now on. \
             `doorward connection enable {id}` switches it on.",
            organization.name
        )
    };
    Ok(Answer::new(view(&organization, &connection), text))
}

async fn set_profile(store: &Store, id: &str, choice: profile::Choice) -> Result<Answer> {
    let (tenant, connection) = find(store, id).await?;
    let id = connection.id;
    let (organization, connection) = store
        .write(&tenant, &Actor::Operator, move |writer| {
            let changed = connection::set_profile(writer, id, choice.profile())?;
            Ok((organization::get(writer)?, changed))
        })
        .await?;
    let text = format!(
        "Connection {id} of {} has the profile {} from its next request on.",
        organization.name,
        profile::described(&connection)
    );
    Ok(Answer::new(view(&organization, &connection), text))
}

/// A connection, for programs.
fn view(organization: &Organization, connection: &Connection) -> Json {
    json!({
        "id": connection.id.to_string(),
        "organization": organization.slug.as_str(),
        "provider": connection.provider.as_str(),
        "protocol": connection.protocol.as_str(),
        "profile": connection.profile_in_force().to_string(),
        "profile_chosen": connection.profile.is_some(),
        "state": connection.state.as_str(),
        "created": connection.created.to_string(),
    })
}

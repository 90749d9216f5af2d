//! `doorward connection`

mod address;
mod change;
mod create;
mod delete;
mod guard;
mod list;
mod log;
mod name;
mod pair;
mod profile;
mod saml;
mod show;

use anyhow::{Result, anyhow};
use clap::{Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use directory::{
    Access, ConnectionId, Installation,
    connection::{self, Connection, NewConnection, Protocol, Provider, State},
    organization::Organization,
    removal::Limits,
};
use doorward::config::Config;
use scim::Profile;
use serde_json::{Value as Json, json};

pub(crate) use self::{
    address::Addresses,
    name::Names,
    pair::{advice, pair},
};
use super::{
    store::{self, Missing},
    token::Lifetime,
};
use crate::answer::Answer;

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
        /// A name for people, such as "Acme's Okta" [default: none]
        #[arg(long)]
        name: Option<String>,
        /// What is accepted leniently: see `doorward connection profiles` [default: the provider's
        /// own]
        #[arg(long, value_name = "NAME", value_parser = profile::parse)]
        profile: Option<Profile>,
        /// Not in use yet: what arrives is stored and shown, and gives no sign-in and no role until
        /// the connection is enabled
        #[arg(long)]
        setup: bool,
        /// Whether a provider that takes many people away at once is stopped until that is released
        #[arg(long, value_name = "on|off", default_value = "on", value_parser = saml::switch(),
              action = clap::ArgAction::Set)]
        removal_guard: bool,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// The mass-removal guard: what a provider may take away before the rest is held
    #[command(subcommand)]
    Guard(guard::Command),
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
    /// How people sign in through a connection by SAML
    #[command(subcommand)]
    Saml(saml::Command),
    /// Give a connection another name for people
    Rename {
        /// Its id
        id: String,
        /// The name, such as "Acme's Okta"
        #[arg(required_unless_present = "none")]
        name: Option<String>,
        /// Take its name away
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Choose what is accepted leniently of a connection, from its next request on
    SetProfile {
        /// Its id
        id: String,
        /// The name of a profile, with or without a version, or `default` for the provider's own
        #[arg(value_name = "NAME", value_parser = profile::Choice::parse)]
        profile: profile::Choice,
    },
    /// Have the provider prove who it is as IPSIE asks: no API tokens, and no secrets in bodies
    Ipsie {
        /// Its id
        id: String,
        /// on, or off
        #[arg(value_name = "on|off", value_parser = ["on", "off"])]
        ipsie: String,
    },
    /// Profiles: what each accepts leniently of what clients get wrong
    Profiles,
    /// Requests of a connection, newest first: what was asked, and what was answered
    Log(log::Options),
    /// Take a connection into use, or switch it on again
    Enable {
        /// Its id
        id: String,
    },
    /// Switch a connection off: every request is refused until it is on again
    Disable {
        /// Its id
        id: String,
    },
    /// Delete a connection: its tokens stop working; the people and groups that it brought stay
    Delete {
        /// Its id
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

fn provider() -> impl TypedValueParser<Value = Provider> {
    PossibleValuesParser::new(Provider::ALL.iter().map(|provider| provider.as_str()))
        .map(|word| Provider::parse(&word).expect("the possible values are all providers"))
}

fn protocol() -> impl TypedValueParser<Value = Protocol> {
    PossibleValuesParser::new(Protocol::ALL.iter().map(|protocol| protocol.as_str()))
        .map(|word| Protocol::parse(&word).expect("the possible values are all protocols"))
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    if matches!(command, Command::Profiles) {
        return Ok(profile::list());
    }
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Create {
            organization,
            provider,
            protocol,
            name,
            profile,
            setup,
            removal_guard,
            lifetime,
        } => {
            let state = if setup { State::Setup } else { State::Active };
            let removals = removal_guard.then(Limits::default);
            let new =
                NewConnection { provider, protocol, profile, name, state, app: None, removals };
            create::run(installation, config, &organization, new, &lifetime).await
        }
        Command::List { organization } => list::run(installation, organization.as_deref()).await,
        Command::Show { id } => show::run(installation, config, &id).await,
        Command::Guard(command) => guard::run(installation, command).await,
        Command::Saml(command) => saml::run(installation, config, command).await,
        Command::Rename { id, name, .. } => change::rename(installation, &id, name).await,
        Command::SetProfile { id, profile } => {
            change::set_profile(installation, &id, profile).await
        }
        Command::Ipsie { id, ipsie } => change::set_ipsie(installation, &id, ipsie == "on").await,
        Command::Enable { id } => change::enable(installation, &id).await,
        Command::Disable { id } => change::disable(installation, &id).await,
        Command::Log(options) => log::run(installation, &options, json).await,
        Command::Delete { id, yes } => delete::run(installation, &id, yes).await,
        Command::Profiles => unreachable!("it needs no store"),
    })
    .await
}

/// The connection that a command names.
pub(crate) async fn find(installation: &Installation, id: &str) -> Result<(Access, Connection)> {
    let id = ConnectionId::parse(id).ok_or_else(|| {
        anyhow!(
            "\"{}\" is not the id of a connection; `doorward connection list` shows all",
            id.escape_debug()
        )
    })?;
    Ok(connection::find(installation, id).await?)
}

/// A connection, for programs.
fn view(organization: &Organization, connection: &Connection) -> Json {
    json!({
        "id": connection.id.to_string(),
        "organization": organization.slug.as_str(),
        "name": connection.name,
        "provider": connection.provider.as_str(),
        "protocol": connection.protocol.as_str(),
        "profile": connection.profile_in_force().to_string(),
        "profile_chosen": connection.profile.is_some(),
        "state": connection.state.as_str(),
        "ipsie": connection.ipsie,
        "created": connection.created.to_string(),
    })
}

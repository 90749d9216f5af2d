//! `doorward api-key`

use anyhow::{Result, anyhow};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use directory::{
    Error, Installation, KeyNo, Time,
    api_key::{self, ApiKey, NewKey, Scope},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    organization::find,
    store::{self, Missing},
    token::Lifetime,
};
use crate::{
    answer::Answer,
    table::{self, cut, number as numbers, whole},
};

/// `doorward api-key`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a key: it is shown once
    Create {
        /// Name for people, such as "billing service"
        name: String,
        #[command(flatten)]
        home: Home,
        /// What the key may do: look; look and change people, groups and roles; or everything
        #[arg(long, default_value = "read", value_parser = scope())]
        scope: Scope,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// Keys, never their text
    List(Home),
    /// Revoke a key: from the next request on it is refused
    Revoke {
        #[command(flatten)]
        home: Home,
        /// Number of the key, as `doorward api-key list` shows it
        #[arg(value_parser = number)]
        number: KeyNo,
    },
}

/// Whose keys.
#[derive(Debug, Args)]
pub(crate) struct Home {
    /// Short name of the organization that the key is for [default: all, and the installation]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

impl Home {
    /// What repeats the choice in another command.
    fn option(&self) -> String {
        self.organization.as_ref().map_or(String::new(), |slug| format!(" --organization {slug}"))
    }
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
        .map(|word| Scope::parse(&word).expect("the possible values are all scopes"))
}

fn number(text: &str) -> Result<KeyNo, &'static str> {
    KeyNo::parse(text).ok_or("a key has a number, which `doorward api-key list` shows")
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    let missing = match command {
        // An installation may begin with a key and no organization.
        Command::Create { .. } => Missing::Create,
        _ => Missing::Refuse,
    };
    store::with(config, missing, async |installation| match command {
        Command::Create { name, home, scope, lifetime } => {
            create(installation, &home, (name, scope), &lifetime).await
        }
        Command::List(home) => list(installation, &home).await,
        Command::Revoke { home, number } => revoke(installation, &home, number).await,
    })
    .await
}

async fn create(
    installation: &Installation,
    home: &Home,
    (name, scope): (String, Scope),
    lifetime: &Lifetime,
) -> Result<Answer> {
    let store = installation.store();
    let now = store.clock().now();
    let new = NewKey { name, scope, expires: lifetime.end(now) };
    let made = match &home.organization {
        None => installation.create_api_key(new).await?,
        Some(slug) => {
            let (access, _) = find(installation, slug).await?;
            store.write(&access, move |writer| api_key::create(writer, &new)).await?
        }
    };
    let mut json = view(&made.key, now);
    json["organization"] = json!(home.organization);
    json["api_key"] = json!(made.reveal());
    let reach = match &home.organization {
        None => "the installation and all of its organizations".to_owned(),
        Some(slug) => format!("the organization {slug}"),
    };
    let end = made.key.expires;
    let text = format!(
        "API key {} (scope {}) for {reach}:\n\n  {}\n\nThe key is shown once: only its hash is kept. {}",
        made.key.no,
        made.key.scope,
        made.reveal(),
        end.map_or("It never expires.".to_owned(), |end| format!("It works until {end}.")),
    );
    Ok(Answer::new(json, text))
}

async fn list(installation: &Installation, home: &Home) -> Result<Answer> {
    let store = installation.store();
    let keys = match &home.organization {
        None => installation.api_keys().await?,
        Some(slug) => {
            let (access, _) = find(installation, slug).await?;
            store.read(&access, api_key::list).await?
        }
    };
    let now = store.clock().now();
    let json: Json = keys.iter().map(|key| view(key, now)).collect();
    Ok(Answer::new(json!({ "api_keys": json }), tabled(&keys, now, home)))
}

async fn revoke(installation: &Installation, home: &Home, number: KeyNo) -> Result<Answer> {
    let store = installation.store();
    let revoked = match &home.organization {
        None => installation.revoke_api_key(number).await,
        Some(slug) => {
            let (access, _) = find(installation, slug).await?;
            store.write(&access, move |writer| api_key::revoke(writer, number)).await
        }
    };
    let (key, changed) = revoked.map_err(|error| match error {
        Error::NotFound { .. } => anyhow!(
            "there is no API key {number}; `doorward api-key list{}` shows all",
            home.option()
        ),
        error => error.into(),
    })?;
    let text = match key.revoked.filter(|_| !changed) {
        None => format!("API key {number} is revoked: it is refused from the next request on."),
        Some(time) => {
            format!("API key {number} was revoked already, on {time}: nothing changed.")
        }
    };
    let mut json = view(&key, store.clock().now());
    json["changed"] = json!(changed);
    Ok(Answer::new(json, text))
}

fn tabled(keys: &[ApiKey], now: Time, home: &Home) -> String {
    if keys.is_empty() {
        let option = home.option();
        return format!(
            "There is no API key yet; `doorward api-key create NAME{option}` makes one."
        );
    }
    let shown = |time: Option<Time>| time.map_or("-".to_owned(), |time| time.to_string());
    table::columns(
        [
            numbers("key"),
            cut("name"),
            whole("scope"),
            whole("state"),
            whole("created"),
            whole("last used"),
            whole("expires"),
        ],
        keys.iter().map(|key| {
            [
                key.no.to_string(),
                key.name.clone(),
                key.scope.to_string(),
                state(key, now).to_owned(),
                key.created.to_string(),
                shown(key.last_used),
                shown(key.expires),
            ]
        }),
    )
}

fn view(key: &ApiKey, now: Time) -> Json {
    let shown = |time: Option<Time>| time.map(|time| time.to_string());
    json!({
        "number": key.no.number(),
        "name": key.name,
        "scope": key.scope,
        "state": state(key, now),
        "created": key.created.to_string(),
        "last_used": shown(key.last_used),
        "expires": shown(key.expires),
        "revoked": shown(key.revoked),
    })
}

fn state(key: &ApiKey, now: Time) -> &'static str {
    match key.revoked {
        Some(_) => "revoked",
        None if key.is_live(now) => "live",
        None => "expired",
    }
}

//! `doorward token`

use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use directory::{
    Actor, ConnectionId, Error, KeyNo, Store, Time,
    token::{self, Token},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    connection::{base_url, find, pair},
    store::{self, Missing},
};
use crate::{answer::Answer, table};

/// `doorward token`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Issue a further token: the others keep working, so that a provider can change over
    Issue {
        /// Id of the connection
        #[arg(long, value_name = "ID")]
        connection: String,
        #[command(flatten)]
        lifetime: Lifetime,
    },
    /// Tokens of a connection, never their text
    List {
        /// Id of the connection
        #[arg(long, value_name = "ID")]
        connection: String,
    },
    /// Revoke a token: from the next request on it is refused
    Revoke {
        /// Id of the connection
        #[arg(long, value_name = "ID")]
        connection: String,
        /// Number of the token, as `doorward token list` shows it
        #[arg(value_parser = number)]
        number: KeyNo,
    },
}

/// How long a token works.
#[derive(Debug, Args)]
pub(crate) struct Lifetime {
    /// How long the token works, in days or hours
    #[arg(long, value_name = "SPAN", default_value = "365d", value_parser = span)]
    expires_in: Duration,
    /// The token works until it is revoked
    #[arg(long, conflicts_with = "expires_in")]
    never_expires: bool,
}

impl Lifetime {
    /// When a token that is issued now stops working.
    pub(crate) fn end(&self, now: Time) -> Option<Time> {
        (!self.never_expires).then(|| now.plus(self.expires_in))
    }
}

fn span(text: &str) -> Result<Duration, &'static str> {
    /// A hundred years.
    const LONGEST: u64 = 100 * 365 * 24;
    let wrong = "a span is a number of days or hours, such as 365d or 12h";
    let hours = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => days.parse::<u64>().ok().and_then(|days| days.checked_mul(24)),
        (_, Some(hours)) => hours.parse().ok(),
        _ => None,
    };
    match hours {
        Some(0) | None => Err(wrong),
        Some(hours) if hours > LONGEST => Err("the longest span is 36500d; or use --never-expires"),
        Some(hours) => Ok(Duration::from_secs(hours * 3600)),
    }
}

fn number(text: &str) -> Result<KeyNo, &'static str> {
    KeyNo::parse(text).ok_or("a token has a number, which `doorward token list` shows")
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |store| match command {
        Command::Issue { connection, lifetime } => {
            issue(store, config, &connection, &lifetime).await
        }
        Command::List { connection } => list(store, &connection).await,
        Command::Revoke { connection, number } => revoke(store, &connection, number).await,
    })
    .await
}

async fn issue(
    store: &Store,
    config: &Config,
    connection: &str,
    lifetime: &Lifetime,
) -> Result<Answer> {
    let (tenant, connection) = find(store, connection).await?;
    let now = store.clock().now();
    let (id, expires) = (connection.id, lifetime.end(now));
    let issued = store
        .write(&tenant, &Actor::Operator, move |writer| token::issue(writer, &tenant, id, expires))
        .await?;
    let base_url = base_url(config.network.public_url.as_str(), connection.protocol);
    let mut json = view(&issued.token, now);
    json["connection"] = json!(id.to_string());
    json["base_url"] = json!(base_url);
    json["token"] = json!(issued.reveal());
    let end = issued.token.expires;
    let text = format!(
        "Token {} of connection {id}:\n\n{}\nThe token is shown once: only its hash is kept. {}\n\
         Other tokens of the connection keep working until they are revoked.",
        issued.token.no,
        pair(connection.provider, base_url.as_deref().unwrap_or("-"), issued.reveal()),
        end.map_or("It never expires.".to_owned(), |end| format!("It works until {end}.")),
    );
    Ok(Answer::new(json, text))
}

async fn list(store: &Store, connection: &str) -> Result<Answer> {
    let (tenant, connection) = find(store, connection).await?;
    let id = connection.id;
    let tokens = store.read(&tenant, move |reader| token::list(reader, id)).await?;
    let now = store.clock().now();
    Ok(Answer::new(json!({ "tokens": listed(&tokens, now) }), tabled(&tokens, now, id)))
}

async fn revoke(store: &Store, connection: &str, number: KeyNo) -> Result<Answer> {
    let (tenant, connection) = find(store, connection).await?;
    let id = connection.id;
    let revoked = store
        .write(&tenant, &Actor::Operator, move |writer| token::revoke(writer, id, number))
        .await
        .map_err(|error| match error {
            Error::NotFound => anyhow!(
                "connection {id} has no token {number}; `doorward token list --connection {id}` \
                 shows all"
            ),
            error => error.into(),
        })?;
    let text = format!("Token {number} is revoked: it is refused from the next request on.");
    Ok(Answer::new(view(&revoked, store.clock().now()), text))
}

/// Tokens, for programs.
pub(crate) fn listed(tokens: &[Token], now: Time) -> Json {
    tokens.iter().map(|token| view(token, now)).collect()
}

/// Tokens, for people.
pub(crate) fn tabled(tokens: &[Token], now: Time, connection: ConnectionId) -> String {
    if tokens.is_empty() {
        return format!(
            "There is no token yet; `doorward token issue --connection {connection}` makes one."
        );
    }
    let shown = |time: Option<Time>| time.map_or("-".to_owned(), |time| time.to_string());
    table::columns(
        ["token", "state", "created", "last used", "expires"],
        tokens.iter().map(|token| {
            [
                token.no.to_string(),
                state(token, now).to_owned(),
                token.created.to_string(),
                shown(token.last_used),
                shown(token.expires),
            ]
        }),
    )
}

fn view(token: &Token, now: Time) -> Json {
    let shown = |time: Option<Time>| time.map(|time| time.to_string());
    json!({
        "number": token.no.number(),
        "state": state(token, now),
        "created": token.created.to_string(),
        "last_used": shown(token.last_used),
        "expires": shown(token.expires),
        "revoked": shown(token.revoked),
    })
}

fn state(token: &Token, now: Time) -> &'static str {
    match token.revoked {
        Some(_) => "revoked",
        None if token.is_live(now) => "live",
        None => "expired",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn spans_are_days_or_hours() {
        assert_eq!(span("365d"), Ok(Duration::from_hours(365 * 24)));
        assert_eq!(span("12h"), Ok(Duration::from_hours(12)));
        for wrong in ["", "d", "0d", "365", "-1d", "1.5h", "5m", "36501d", "99999999999999999999d"]
        {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}

//! `doorward token`

use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use directory::{
    ConnectionId, Error, Installation, Time, TokenNo,
    token::{self, Token},
};
use doorward::{config::Config, duration};
use serde_json::{Value as Json, json};

use super::{
    connection::{Addresses, find, pair},
    public_url,
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    table::{self, number as numbers, whole},
};

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
        number: TokenNo,
    },
}

/// How long a token or a key works.
#[derive(Debug, Args)]
pub(crate) struct Lifetime {
    /// How long it works: 1y, 52w, 30d, 12h, 90m
    #[arg(
        long,
        visible_alias = "expires",
        value_name = "DURATION",
        default_value = "365d",
        value_parser = lifetime
    )]
    expires_in: Duration,
    /// It works until it is revoked
    #[arg(long, conflicts_with = "expires_in")]
    never_expires: bool,
}

impl Lifetime {
    /// How long; `None`: without an end.
    pub(crate) fn duration(&self) -> Option<Duration> {
        (!self.never_expires).then_some(self.expires_in)
    }

    /// When what is made now stops working.
    pub(crate) fn end(&self, now: Time) -> Option<Time> {
        self.duration().map(|lives| now.plus(lives))
    }
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    /// A hundred years.
    const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);
    let longest = || "the longest lifetime is 100y; or use --never-expires".to_owned();
    match duration::parse(text) {
        Ok(Duration::ZERO) => Err("a token that works for no time is of no use".to_owned()),
        Ok(lifetime) if lifetime <= LONGEST => Ok(lifetime),
        Ok(_) | Err(duration::Wrong::TooLong) => Err(longest()),
        Err(wrong) => Err(wrong.to_string()),
    }
}

fn number(text: &str) -> Result<TokenNo, &'static str> {
    TokenNo::parse(text).ok_or("a token has a number, which `doorward token list` shows")
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Issue { connection, lifetime } => {
            issue(installation, config, &connection, &lifetime).await
        }
        Command::List { connection } => list(installation, &connection).await,
        Command::Revoke { connection, number } => revoke(installation, &connection, number).await,
    })
    .await
}

async fn issue(
    installation: &Installation,
    config: &Config,
    connection: &str,
    lifetime: &Lifetime,
) -> Result<Answer> {
    let (access, connection) = find(installation, connection).await?;
    let store = installation.store();
    let now = store.clock().now();
    let (id, expires) = (connection.id, lifetime.end(now));
    let issued = store.write(&access, move |writer| token::issue(writer, id, expires)).await?;
    let addresses = Addresses::new(public_url::known(config, installation).await?, &connection);
    let mut json = view(&issued.token, now);
    json["connection"] = json!(id.to_string());
    addresses.put_into(&mut json);
    json["token"] = json!(issued.reveal());
    let end = issued.token.expires;
    let note = addresses.note().map_or_else(String::new, |note| format!("\n({note})"));
    let text = format!(
        "Token {} of connection {id}:\n\n{}\nThe token is shown once: only its hash is kept. {}\n\
         Other tokens of the connection keep working until they are revoked.{note}",
        issued.token.no,
        pair(connection.provider, &addresses.shown(addresses.base_url()), issued.reveal()),
        end.map_or("It never expires.".to_owned(), |end| format!("It works until {end}.")),
    );
    Ok(Answer::new(json, text))
}

async fn list(installation: &Installation, connection: &str) -> Result<Answer> {
    let (access, connection) = find(installation, connection).await?;
    let (id, store) = (connection.id, installation.store());
    let tokens = store.read(&access, move |reader| token::list(reader, id)).await?;
    let now = store.clock().now();
    Ok(Answer::new(json!({ "tokens": listed(&tokens, now) }), tabled(&tokens, now, id)))
}

async fn revoke(installation: &Installation, connection: &str, number: TokenNo) -> Result<Answer> {
    let (access, connection) = find(installation, connection).await?;
    let (id, store) = (connection.id, installation.store());
    let (token, changed) = store
        .write(&access, move |writer| token::revoke(writer, id, number))
        .await
        .map_err(|error| match error {
            Error::NotFound { .. } => anyhow!(
                "connection {id} has no token {number}; `doorward token list --connection {id}` \
                 shows all"
            ),
            error => error.into(),
        })?;
    let text = match token.revoked.filter(|_| !changed) {
        None => format!("Token {number} is revoked: it is refused from the next request on."),
        Some(time) => {
            format!("Token {number} was revoked already, on {time}: nothing changed.")
        }
    };
    let mut json = view(&token, store.clock().now());
    json["changed"] = json!(changed);
    Ok(Answer::new(json, text))
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
        [numbers("token"), whole("state"), whole("created"), whole("last used"), whole("expires")],
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

    use super::lifetime;

    #[test]
    fn a_lifetime_is_a_duration_of_at_most_a_hundred_years() {
        let year = Duration::from_hours(365 * 24);
        for (text, expected) in [
            ("1y", year),
            ("365d", year),
            ("52w", Duration::from_hours(52 * 7 * 24)),
            ("12h", Duration::from_hours(12)),
            ("90m", Duration::from_mins(90)),
            ("100y", 100 * year),
        ] {
            assert_eq!(lifetime(text), Ok(expected), "{text}");
        }
        for (text, words) in [
            ("0d", "of no use"),
            ("365", "whole number with a unit"),
            ("-1d", "whole number with a unit"),
            ("101y", "the longest lifetime is 100y"),
            ("99999999999999999999d", "the longest lifetime is 100y"),
        ] {
            let error = lifetime(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}

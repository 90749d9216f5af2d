//! What is wrong with the way in which a provider calls, in sentences that name the provider's own fields.

use directory::{
    Error, Reader, Time,
    connection::Connection,
    token::{self, Token},
    trouble::{self, Kind, Trouble},
};

use super::{
    time::{Moment, clock},
    words::{self, Words},
};

/// Troubles are shown for so long.
const SHOWN: std::time::Duration = std::time::Duration::from_hours(7 * 24);
/// What was read leniently is no trouble for so long: the same provider goes on like that.
const LENIENT: std::time::Duration = std::time::Duration::from_hours(1);

/// A trouble told.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) text: String,
    pub(super) last: Moment,
    pub(super) times: i64,
    /// Whether the caller was let in nevertheless.
    pub(super) is_let_in: bool,
}

/// What was wrong lately, newest first.
pub(super) fn lately(
    reader: &mut Reader<'_>,
    connection: &Connection,
    base_url: Option<&str>,
    now: Time,
) -> Result<Vec<Told>, Error> {
    let mut troubles = trouble::list(reader, connection)?;
    troubles.retain(|trouble| trouble.last.plus(SHOWN) > now);
    tell(reader, connection, base_url, &troubles, now)
}

/// What is wrong now: what is not over by a request that was served since.
pub(super) fn open(
    reader: &mut Reader<'_>,
    connection: &Connection,
    base_url: Option<&str>,
    (served, now): (Option<Time>, Time),
) -> Result<Vec<Told>, Error> {
    let mut troubles = trouble::list(reader, connection)?;
    troubles.retain(|trouble| {
        if trouble.kind.is_let_in() {
            trouble.last.plus(LENIENT) > now
        } else {
            trouble.last.plus(SHOWN) > now && served.is_none_or(|served| served < trouble.last)
        }
    });
    tell(reader, connection, base_url, &troubles, now)
}

fn tell(
    reader: &mut Reader<'_>,
    connection: &Connection,
    base_url: Option<&str>,
    troubles: &[Trouble],
    now: Time,
) -> Result<Vec<Told>, Error> {
    if troubles.is_empty() {
        return Ok(Vec::new());
    }
    let tokens = token::list(reader, connection.id)?;
    let teller = Teller { words: words::of(connection), base_url, tokens: &tokens, now };
    let told = troubles.iter().map(|trouble| Told {
        text: teller.text(trouble),
        last: Moment(trouble.last),
        times: trouble.times,
        is_let_in: trouble.kind.is_let_in(),
    });
    Ok(told.collect())
}

struct Teller<'t> {
    words: &'static Words,
    base_url: Option<&'t str>,
    tokens: &'t [Token],
    now: Time,
}

impl Teller<'_> {
    fn text(&self, trouble: &Trouble) -> String {
        let Words { provider, url, token, .. } = self.words;
        match trouble.kind {
            Kind::WrongPath => {
                let ours = self.base_url.unwrap_or("as Credentials shows it");
                match &trouble.path {
                    Some(path) => format!(
                        "{provider} called {path}. Copy the base URL, {ours}, into {url} again."
                    ),
                    None => format!(
                        "A call came to an address that leads nowhere. Copy the base URL, {ours}, into \
                         {url} again."
                    ),
                }
            }
            Kind::DoubledPrefix => format!(
                "The word Bearer came twice. This {provider} app adds it: paste only the token into \
                 {token}."
            ),
            Kind::WhiteSpace => {
                "The token had white space in it. We ignored that; nothing to do.".to_owned()
            }
            Kind::TokenInUrl => format!(
                "The token is in the address. Take it out of {url}, then reset the token: addresses get \
                 logged."
            ),
            Kind::UrlAsToken => format!(
                "A web address came as the token. Put the base URL into {url}, the token into {token}."
            ),
            Kind::Missing => {
                format!("The call came without a token. Paste it into {token} and save.")
            }
            Kind::NotAToken => format!(
                "What came as the token is none of ours: those begin with scim_. Paste {} into {token}.",
                self.live()
            ),
            Kind::Basic => format!(
                "A user name and password came that cannot be read. Paste the token into {token}, as the \
                 password where one is asked for."
            ),
            Kind::Repeated => {
                format!("The token came in two headers. Keep {token}, and take the other one away.")
            }
            Kind::Incomplete => {
                "The token is not complete. Copy it again, or reset the token.".to_owned()
            }
            Kind::Unknown => format!(
                "The token that came is not known here. Paste {} into {token}.",
                self.live()
            ),
            Kind::Revoked => format!(
                "The revoked token{} was used at {} UTC. If that was {provider}, paste the current token \
                 into {token}.",
                ending(trouble),
                clock(trouble.last)
            ),
            Kind::Expired => format!(
                "The token{} expired{}. Reset the token. No user or group is lost.",
                ending(trouble),
                self.expired(trouble)
            ),
            Kind::OtherConnection => {
                format!("This token belongs to another connection. Paste {}.", self.live())
            }
            Kind::Static => format!(
                "An API token was used, and this connection takes none. Set {provider} up to get access \
                 tokens at /oauth/token."
            ),
            Kind::Disabled => format!(
                "{provider} called while the connection is disabled, and was refused. Enable it under \
                 Health."
            ),
            Kind::NotEntitled => format!(
                "{provider} called, and provisioning is not part of the plan. Nothing is lost."
            ),
        }
    }

    /// The token that works, as people tell it from others.
    fn live(&self) -> String {
        let live = self.tokens.iter().filter(|token| token.is_live(self.now));
        match live.max_by_key(|token| token.no) {
            Some(token) => format!("the one ending {}", token.ending),
            None => "a new one, made under Credentials,".to_owned(),
        }
    }

    /// When a token expired.
    fn expired(&self, trouble: &Trouble) -> String {
        let ending = trouble.ending.as_deref();
        let mut tokens = self.tokens.iter().filter(|token| Some(token.ending.as_str()) == ending);
        let expires = tokens.next().and_then(|token| token.expires);
        expires.map_or_else(String::new, |end| {
            format!(" on {}", end.timestamp().strftime("%-d %b %Y"))
        })
    }
}

fn ending(trouble: &Trouble) -> String {
    trouble.ending.as_ref().map_or_else(String::new, |ending| format!(" ending {ending}"))
}

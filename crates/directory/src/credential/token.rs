//! Tokens: what an identity provider shows to prove which connection it is.
//!
//! A token is made once, shown once and kept as a hash.

use secrecy::{ExposeSecret as _, SecretString};

use super::format;
pub use super::{
    caller::{Caller, Refusal, Refused, authenticate, identify},
    presented::Presented,
};
use crate::{
    access::Verb,
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection},
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, TokenNo},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into token (org, no, connection, hash, ending, by, created, expires) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    };
    GET = Sql {
        "select no, connection, ending, by, created, expires, last_used, revoked, hash from token \
         where org = $1 and no = $2"
    };
    ALL = Sql {
        "select no, connection, ending, by, created, expires, last_used, revoked from token \
         where org = $1 and connection = $2 order by no"
    };
    REVOKE = Sql { "update token set revoked = $3 where org = $1 and no = $2" };
    DELETE = Sql { "delete from token where org = $1 and connection = $2" };
}

pub(super) const PREFIX: &str = "scim";
/// So many characters of a token are shown later. They must be fewer than the checksum has.
const ENDING: usize = 4;
/// So many tokens of one connection may be live at a time.
pub(crate) const MOST_LIVE: usize = 20;

/// A token as it was issued. It is shown once; it cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    secret: SecretString,
    /// What is kept of it.
    pub token: Token,
}

impl IssuedToken {
    /// The text to hand to the identity provider.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.secret.expose_secret()
    }
}

/// What is kept of a token.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its number in the organization.
    pub no: TokenNo,
    pub(super) connection: ConnectionNo,
    /// Its last four characters, by which people tell tokens apart. They are of the checksum.
    pub ending: String,
    /// Who issued it, as text: `operator`, `user:<id>`.
    pub by: String,
    /// When it was issued.
    pub created: Time,
    /// When it stops working by itself.
    pub expires: Option<Time>,
    /// When it was last used, to the minute.
    pub last_used: Option<Time>,
    /// When it was revoked.
    pub revoked: Option<Time>,
}

impl Token {
    /// Whether it works at this time.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }

    pub(super) fn from_row(row: &mut Row) -> Result<Self, Error> {
        Ok(Self {
            no: row.get("no")?,
            connection: row.get("connection")?,
            ending: row.get("ending")?,
            by: row.get("by")?,
            created: row.get("created")?,
            expires: row.get("expires")?,
            last_used: row.get("last_used")?,
            revoked: row.get("revoked")?,
        })
    }
}

/// Issues a token for a connection. Other tokens of the connection keep working.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Conflict`] where 20 tokens of the connection are live, and where it
/// takes none; [`Error::Denied`].
pub fn issue(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    expires: Option<Time>,
) -> Result<IssuedToken, Error> {
    writer.permit(Verb::IssueToken)?;
    let connection = known(writer, connection)?;
    if connection.ipsie {
        return Err(Error::conflict(
            "token",
            "This connection takes no API tokens: its provider gets access tokens at /oauth/token.",
        ));
    }
    let now = writer.now();
    let live = rows(writer, &connection)?.iter().filter(|token| token.is_live(now)).count();
    if live >= MOST_LIVE {
        return Err(Error::conflict(
            "token",
            format!("{MOST_LIVE} tokens of this connection are live; revoke one first."),
        ));
    }
    let no = writer.next_token();
    let made = format::make(PREFIX, writer.org(), no.0, writer.random());
    let payload = kinds::TokenIssued {
        connection: connection.id,
        expires: expires.map(|time| time.to_string()),
    };
    audit::record(writer, &no.to_string(), payload)?;
    let token = Token {
        no,
        connection: connection.no(),
        ending: made.ending(ENDING),
        by: writer.access().principal().to_string(),
        created: now,
        expires,
        last_used: None,
        revoked: None,
    };
    let columns = [
        no.into(),
        token.connection.into(),
        made.hash.as_slice().into(),
        (&token.ending).into(),
        (&token.by).into(),
        now.into(),
        expires.into(),
    ];
    writer.send(INSERT, &columns)?;
    Ok(IssuedToken { secret: made.text, token })
}

fn known(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Connection, Error> {
    let found = connection::by_id(reader, id)?;
    found.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))
}

/// The tokens of a connection, oldest first, revoked and expired ones included.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn list(reader: &mut Reader<'_>, connection: ConnectionId) -> Result<Vec<Token>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let connection = known(reader, connection)?;
    rows(reader, &connection)
}

fn rows(reader: &mut Reader<'_>, connection: &Connection) -> Result<Vec<Token>, Error> {
    let rows = reader.query(ALL, &[connection.no().into()])?;
    rows.into_iter().map(|mut row| Token::from_row(&mut row)).collect()
}

/// Deletes the tokens of a connection. Answers how many of them were live.
pub(crate) fn delete_all(writer: &mut Writer<'_>, connection: &Connection) -> Result<i64, Error> {
    let now = writer.now();
    let live = rows(writer, connection)?.iter().filter(|token| token.is_live(now)).count();
    writer.send(DELETE, &[connection.no().into()])?;
    Ok(i64::try_from(live).unwrap_or(i64::MAX))
}

/// Revokes a token of a connection: from the next request on it is refused, by every process.
/// Revoking it again changes nothing. Answers whether it was live or expired before.
///
/// # Errors
///
/// [`Error::NotFound`] where the connection has no such token; [`Error::Denied`].
pub fn revoke(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    no: TokenNo,
) -> Result<(Token, bool), Error> {
    writer.permit(Verb::RevokeToken)?;
    let connection = known(writer, connection)?;
    let missing = || Error::no_such(Noun::Token, no.to_string());
    let mut row = writer.query_one(GET, &[no.into()])?.ok_or_else(missing)?;
    let mut token = Token::from_row(&mut row)?;
    if token.connection != connection.no() {
        return Err(missing());
    }
    if token.revoked.is_some() {
        return Ok((token, false));
    }
    let now = writer.now();
    writer.send(REVOKE, &[no.into(), now.into()])?;
    audit::record(writer, &no.to_string(), kinds::TokenRevoked { connection: connection.id })?;
    token.revoked = Some(now);
    Ok((token, true))
}

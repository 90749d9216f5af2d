//! Tokens: what an identity provider shows to prove which connection it is.
//!
//! A token names its organization and its own number, so that it is found by one keyed read, and
//! ends in a checksum, so that a typing error is told apart from a wrong token without looking.
//! Only the SHA-256 of its secret part is stored: 256 random bits need no slow hash.

use std::{fmt, sync::Arc};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use scim::schema::Schemas;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::{
    base62,
    clock::Time,
    connection::{self, Connection, State},
    db::{Reader, Row, Store, Writer, statements},
    error::Error,
    event::{self, Actor, EventKind},
    id::{ConnectionId, KeyNo, OrgNo},
    organization::{self, Tenant},
    schemas,
};

statements! {
    INSERT = Sql {
        "insert into token (org, no, connection, hash, created, expires) \
         values ($1, $2, $3, $4, $5, $6)"
    };
    GET = Sql {
        "select no, connection, created, expires, last_used, revoked, hash from token \
         where org = $1 and no = $2"
    };
    ALL = Sql {
        "select no, connection, created, expires, last_used, revoked from token \
         where org = $1 and connection = $2 order by no"
    };
    REVOKE = Sql { "update token set revoked = $3 where org = $1 and no = $2" };
    TOUCH = Sql { "update token set last_used = $3 where org = $1 and no = $2" };
}

const PREFIX: &str = "scim";
const SECRET_DIGITS: usize = 43;
const CHECKSUM_DIGITS: usize = 6;
/// `last_used` is written at most this often for one token.
const TOUCH_EVERY: std::time::Duration = std::time::Duration::from_mins(1);
/// So many tokens of one connection may be live at a time.
const MOST_LIVE: usize = 20;

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
    pub no: KeyNo,
    connection: KeyNo,
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
}

/// Issues a token for a connection. Other tokens of the connection keep working.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Refused`] where 20 tokens of the connection are live.
pub fn issue(
    writer: &mut Writer<'_>,
    tenant: &Tenant,
    connection: ConnectionId,
    expires: Option<Time>,
) -> Result<IssuedToken, Error> {
    let connection = connection::by_id(writer, connection)?.ok_or(Error::NotFound)?;
    let now = writer.now();
    let live = rows(writer, &connection)?.iter().filter(|token| token.is_live(now)).count();
    if live >= MOST_LIVE {
        return Err(Error::refused(format!(
            "{MOST_LIVE} tokens of this connection are live; revoke one first"
        )));
    }
    let no = writer.next_key();
    let secret = base62::encode::<32, SECRET_DIGITS>(writer.chance().bytes());
    let hash = hash(&secret);
    let org = tenant.org();
    writer.execute(
        INSERT,
        &[
            no.0.into(),
            connection.no.0.into(),
            hash.as_slice().into(),
            now.as_micros().into(),
            expires.map(Time::as_micros).into(),
        ],
    )?;
    let body = json!({ "connection": connection.id.to_string() });
    event::emit(writer, EventKind::TokenIssued, &no.to_string(), &body)?;
    let body = format!(
        "{PREFIX}_{}_{}_{secret}",
        base62::encode_number(org.0),
        base62::encode_number(no.0)
    );
    let text = format!("{body}{}", checksum(&body));
    let token = Token {
        no,
        connection: connection.no,
        created: now,
        expires,
        last_used: None,
        revoked: None,
    };
    Ok(IssuedToken { secret: text.into(), token })
}

/// The tokens of a connection, oldest first, revoked and expired ones included.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn list(reader: &mut Reader<'_>, connection: ConnectionId) -> Result<Vec<Token>, Error> {
    let connection = connection::by_id(reader, connection)?.ok_or(Error::NotFound)?;
    rows(reader, &connection)
}

fn rows(reader: &mut Reader<'_>, connection: &Connection) -> Result<Vec<Token>, Error> {
    reader.query(ALL, &[connection.no.0.into()])?.iter().map(from_row).collect()
}

/// Revokes a token of a connection: from the next request on it is refused, by every process.
/// Revoking it again changes nothing.
///
/// # Errors
///
/// [`Error::NotFound`] where the connection has no such token.
pub fn revoke(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    no: KeyNo,
) -> Result<Token, Error> {
    let connection = connection::by_id(writer, connection)?.ok_or(Error::NotFound)?;
    let row = writer.query_one(GET, &[no.0.into()])?.ok_or(Error::NotFound)?;
    let mut token = from_row(&row)?;
    if token.connection != connection.no {
        return Err(Error::NotFound);
    }
    if token.revoked.is_none() {
        let now = writer.now();
        writer.execute(REVOKE, &[no.0.into(), now.as_micros().into()])?;
        let body = json!({ "connection": connection.id.to_string() });
        event::emit(writer, EventKind::TokenRevoked, &no.to_string(), &body)?;
        token.revoked = Some(now);
    }
    Ok(token)
}

fn from_row(row: &Row) -> Result<Token, Error> {
    Ok(Token {
        no: KeyNo(row.int(0)?),
        connection: KeyNo(row.int(1)?),
        created: Time::from_micros(row.int(2)?),
        expires: row.opt_int(3)?.map(Time::from_micros),
        last_used: row.opt_int(4)?.map(Time::from_micros),
        revoked: row.opt_int(5)?.map(Time::from_micros),
    })
}

/// Who is at the other end of a request, proven by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The key to the organization's data.
    pub tenant: Tenant,
    /// The connection that the token belongs to.
    pub connection: Connection,
    /// The resource types of the organization.
    pub schemas: Arc<Schemas>,
    token: Token,
}

impl Caller {
    /// Whose changes these are.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Connection { id: self.connection.id, no: self.connection.no }
    }

    /// The number of the token, for the log.
    #[must_use]
    pub fn token_no(&self) -> KeyNo {
        self.token.no
    }
}

/// Why a token does not open the door.
///
/// A refusal that tells something about a token is only given to whoever showed the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not look like a token.
    Malformed,
    /// It looks like a token with a typing error, or with a part missing.
    Mistyped,
    /// There is no such token.
    Unknown,
    /// It was revoked.
    Revoked,
    /// It expired.
    Expired,
    /// It is another connection's than the one in the address.
    WrongAddress,
    /// Its connection is switched off.
    Disabled,
}

/// Finds out who shows a token. `connection` is the one that the address names, if it names one.
///
/// The token is read from the store each time, so that a revocation by any process works at once.
///
/// # Errors
///
/// Those of the store; a refusal is the inner error.
pub async fn authenticate(
    store: &Store,
    presented: &str,
    connection: Option<&str>,
) -> Result<Result<Caller, Refusal>, Error> {
    let presented = match Presented::parse(presented) {
        Ok(presented) => presented,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let tenant = Tenant::new(presented.org);
    let now = store.clock().now();
    let connection = connection.map(str::to_owned);
    let found = store
        .read(&tenant, move |reader| {
            look_up(reader, tenant, &presented, connection.as_deref(), now)
        })
        .await?;
    if let Ok(caller) = &found {
        touch(store, caller, now);
    }
    Ok(found)
}

fn look_up(
    reader: &mut Reader<'_>,
    tenant: Tenant,
    presented: &Presented,
    address: Option<&str>,
    now: Time,
) -> Result<Result<Caller, Refusal>, Error> {
    let Some(mut row) = reader.query_one(GET, &[presented.no.into()])? else {
        return Ok(Err(Refusal::Unknown));
    };
    if verify_slices_are_equal(&row.bytes(6)?, &presented.hash).is_err() {
        return Ok(Err(Refusal::Unknown));
    }
    match organization::get(reader) {
        Ok(_) => {}
        Err(Error::NotFound) => return Ok(Err(Refusal::Unknown)),
        Err(error) => return Err(error),
    }
    let token = from_row(&row)?;
    if token.revoked.is_some() {
        return Ok(Err(Refusal::Revoked));
    }
    if !token.is_live(now) {
        return Ok(Err(Refusal::Expired));
    }
    let connection = connection::by_no(reader, token.connection)?
        .ok_or_else(|| Error::corrupt("a token belongs to no connection"))?;
    if address.is_some_and(|address| address != connection.id.to_string()) {
        return Ok(Err(Refusal::WrongAddress));
    }
    if connection.state == State::Disabled {
        return Ok(Err(Refusal::Disabled));
    }
    let schemas = schemas::current(reader)?;
    Ok(Ok(Caller { tenant, connection, schemas, token }))
}

/// Notes that a token was used. Nobody waits for it: it must not slow a request or fail one.
fn touch(store: &Store, caller: &Caller, now: Time) {
    let token = &caller.token;
    if token.last_used.is_some_and(|used| now < used.plus(TOUCH_EVERY)) {
        return;
    }
    let no = token.no;
    store.write_later(caller.tenant, move |writer| {
        let row = writer.query_one(GET, &[no.0.into()])?.ok_or(Error::NotFound)?;
        // Many requests may have seen the same old time; the first of them writes.
        if from_row(&row)?.last_used.is_none_or(|used| now >= used.plus(TOUCH_EVERY)) {
            writer.execute(TOUCH, &[no.0.into(), now.as_micros().into()])?;
        }
        Ok(())
    });
}

/// A token as it was shown, taken apart: what it claims, before the store was asked.
pub struct Presented {
    org: OrgNo,
    no: i64,
    hash: Vec<u8>,
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("no", &self.no).finish_non_exhaustive()
    }
}

impl Presented {
    /// Reads a token. Its checksum tells a typing error from a token that does not exist.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] where it does not look like a token, [`Refusal::Mistyped`] where it
    /// does and is none.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut parts = text.split('_');
        let (Some(PREFIX), Some(org), Some(no), Some(end), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed);
        };
        if end.len() != SECRET_DIGITS + CHECKSUM_DIGITS || !base62::is_digits(end) {
            return Err(Refusal::Mistyped);
        }
        let (body, sum) = text.split_at(text.len() - CHECKSUM_DIGITS);
        if checksum(body) != sum {
            return Err(Refusal::Mistyped);
        }
        let number = |text| base62::decode_number(text).ok_or(Refusal::Mistyped);
        Ok(Self { org: OrgNo(number(org)?), no: number(no)?, hash: hash(&end[..SECRET_DIGITS]) })
    }
}

fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

fn checksum(body: &str) -> String {
    base62::encode::<4, CHECKSUM_DIGITS>(crc32fast::hash(body.as_bytes()).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Presented, Refusal, checksum};

    fn sample() -> String {
        let body = format!("scim_7Z_2_{}", "aB3".repeat(20).split_at(43).0);
        format!("{body}{}", checksum(&body))
    }

    #[test]
    fn a_typing_error_is_told_from_another_kind_of_secret() {
        let token = sample();
        assert!(Presented::parse(&token).is_ok());
        let refusal = |text: &str| Presented::parse(text).err();
        for other in ["", "Bearer", "non-token", "xoxb_1_2_3_4", "ghp_abc"] {
            assert_eq!(refusal(other), Some(Refusal::Malformed), "{other}");
        }
        assert_eq!(refusal(&token[..token.len() - 1]), Some(Refusal::Mistyped));
        assert_eq!(refusal(&token.replace("aB3", "aB4")), Some(Refusal::Mistyped));
        assert_eq!(refusal(&token.replace("_2_", "_3_")), Some(Refusal::Mistyped));
    }

    #[test]
    fn every_single_changed_character_is_noticed() {
        let token = sample();
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            let other = String::from_utf8(other).expect("ASCII");
            assert!(Presented::parse(&other).is_err(), "position {at}");
        }
    }
}

//! Tokens: what an identity provider shows to prove which connection it is.
//!
//! A token names its organization and its own number, so that it is found by one keyed read, and
//! ends in a checksum, so that a typing error is told apart from a wrong token without looking.
//! Only the SHA-256 of its secret part is stored: 256 random bits need no slow hash.

use std::{fmt, sync::Arc};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use scim::schema::Schemas;
use secrecy::{ExposeSecret as _, SecretString};

use super::base62;
use crate::{
    access::{Access, Principal, Provider, Verb},
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection, State},
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, OrgNo, RequestId, TokenNo},
    organization,
    plan::{self, Feature},
    store::{Reader, Store, Writer},
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
    DELETE = Sql { "delete from token where org = $1 and connection = $2" };
    TOUCH = Sql {
        "update token set last_used = $3 where org = $1 and no = $2 \
         and (last_used is null or last_used <= $4)"
    };
    ORGANIZATION = Sql {
        "select o.state, o.plan, c.schemas from organization o \
         join organization_counter c on c.org = o.org where o.org = $1 and c.org = $1"
    };
}

const PREFIX: &str = "scim";
const SECRET_DIGITS: usize = 43;
const CHECKSUM_DIGITS: usize = 6;
/// `last_used` is written at most this often for one token.
const TOUCH_EVERY: std::time::Duration = std::time::Duration::from_mins(1);
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
    connection: ConnectionNo,
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

    fn from_row(row: &mut Row) -> Result<Self, Error> {
        Ok(Self {
            no: row.get("no")?,
            connection: row.get("connection")?,
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
/// [`Error::NotFound`]; [`Error::Conflict`] where 20 tokens of the connection are live;
/// [`Error::Denied`].
pub fn issue(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    expires: Option<Time>,
) -> Result<IssuedToken, Error> {
    writer.permit(Verb::IssueToken)?;
    let connection = known(writer, connection)?;
    let now = writer.now();
    let live = rows(writer, &connection)?.iter().filter(|token| token.is_live(now)).count();
    if live >= MOST_LIVE {
        return Err(Error::conflict(
            "token",
            format!("{MOST_LIVE} tokens of this connection are live; revoke one first."),
        ));
    }
    let no = writer.next_token();
    let secret = base62::encode::<32, SECRET_DIGITS>(writer.random().bytes());
    let hash = hash(&secret);
    writer.execute(
        INSERT,
        &[no.into(), connection.no().into(), hash.as_slice().into(), now.into(), expires.into()],
    )?;
    let payload = kinds::TokenIssued {
        connection: connection.id,
        expires: expires.map(|time| time.to_string()),
    };
    audit::record(writer, &no.to_string(), payload)?;
    let body = format!(
        "{PREFIX}_{}_{}_{secret}",
        base62::encode_number(writer.org().0),
        base62::encode_number(no.0)
    );
    let text = format!("{body}{}", checksum(&body));
    let token = Token {
        no,
        connection: connection.no(),
        created: now,
        expires,
        last_used: None,
        revoked: None,
    };
    Ok(IssuedToken { secret: text.into(), token })
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
    writer.execute(DELETE, &[connection.no().into()])?;
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
    writer.execute(REVOKE, &[no.into(), now.into()])?;
    audit::record(writer, &no.to_string(), kinds::TokenRevoked { connection: connection.id })?;
    token.revoked = Some(now);
    Ok((token, true))
}

/// Who is at the other end of a request, proven by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The key to the organization's data.
    pub access: Access,
    /// The connection that the token belongs to.
    pub connection: Connection,
    /// The resource types of the organization.
    pub schemas: Arc<Schemas>,
    token: Token,
}

impl Caller {
    /// The number of the token, for the log.
    #[must_use]
    pub fn token_no(&self) -> TokenNo {
        self.token.no
    }
}

/// Why a token is not accepted.
///
/// A refusal that tells something about a token is only given to whoever showed the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The plan of the organization, if it has one, does not include provisioning.
    NotEntitled(Option<String>),
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
    request: Option<RequestId>,
) -> Result<Result<Caller, Refusal>, Error> {
    let presented = match Presented::parse(presented) {
        Ok(presented) => presented,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // To look a credential up is Doorward's own business; what is done with it is the caller's.
    let org = presented.org;
    let now = store.clock().now();
    let connection = connection.map(str::to_owned);
    let found = store
        .read(&Access::system(org), move |reader| {
            look_up(reader, &presented, connection.as_deref(), request, now)
        })
        .await?;
    if let Ok(caller) = &found {
        touch(store, org, caller, now);
    }
    Ok(found)
}

fn look_up(
    reader: &mut Reader<'_>,
    presented: &Presented,
    address: Option<&str>,
    request: Option<RequestId>,
    now: Time,
) -> Result<Result<Caller, Refusal>, Error> {
    let Some(mut row) = reader.query_one(GET, &[presented.no.into()])? else {
        return Ok(Err(Refusal::Unknown));
    };
    if verify_slices_are_equal(&row.get::<Vec<u8>>("hash")?, &presented.hash).is_err() {
        return Ok(Err(Refusal::Unknown));
    }
    let Some(mut organization) = reader.query_one(ORGANIZATION, &[])? else {
        return Ok(Err(Refusal::Unknown));
    };
    if organization.get::<organization::State>("state")? != organization::State::Live {
        return Ok(Err(Refusal::Unknown));
    }
    let token = Token::from_row(&mut row)?;
    if token.revoked.is_some() {
        return Ok(Err(Refusal::Revoked));
    }
    if !token.is_live(now) {
        return Ok(Err(Refusal::Expired));
    }
    let connection = connection::by_no(reader, token.connection)?
        .ok_or_else(|| Error::damaged("token", token.no, "it belongs to no connection"))?;
    if address.is_some_and(|address| address != connection.id.to_string()) {
        return Ok(Err(Refusal::WrongAddress));
    }
    if connection.state == State::Disabled {
        return Ok(Err(Refusal::Disabled));
    }
    let plan: Option<String> = organization.get("plan")?;
    if !plan::includes(reader, plan.as_deref(), Feature::Scim)? {
        return Ok(Err(Refusal::NotEntitled(plan)));
    }
    let schemas = reader.schemas_of(organization.get("schemas")?)?;
    let org = reader.org();
    let provider = Provider { org, no: connection.no(), id: connection.id };
    let access = Principal::connection(provider).on(org)?;
    let access = request.map_or(access.clone(), |request| access.for_request(request));
    Ok(Ok(Caller { access, connection, schemas, token }))
}

/// Notes that a token was used. No request waits for it, and the organization is not locked.
fn touch(store: &Store, org: OrgNo, caller: &Caller, now: Time) {
    let Token { no, last_used, .. } = caller.token;
    let since = now.minus(TOUCH_EVERY);
    if last_used.is_some_and(|used| used > since) {
        return;
    }
    // Many requests may have seen the same old time; the first of them writes. None waits.
    drop(store.append_later(org, move |appender| {
        appender.execute(TOUCH, &[no.into(), now.into(), since.into()]).map(drop)
    }));
}

/// A token as it was shown, taken apart: what it claims, before the store was asked.
pub struct Presented {
    org: OrgNo,
    no: TokenNo,
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
        Ok(Self {
            org: OrgNo(number(org)?),
            no: TokenNo(number(no)?),
            hash: hash(&end[..SECRET_DIGITS]),
        })
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

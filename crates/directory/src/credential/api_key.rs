//! API keys: what a program shows to use the management API, for one organization or for the whole
//! installation.
//!
//! A key is made once, shown once and kept as a hash. Its scope says what it
//! may do; `access/matrix.txt` says what that is. Keys of the installation stand under organization 0.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret as _, SecretString};

use super::format::{self, Unreadable};
pub use crate::access::Scope;
use crate::{
    access::{Access, Verb},
    audit::{self, INSTALLATION, kinds},
    clock::Time,
    db::{Param, Row, statements},
    error::{Error, Noun},
    id::{KeyNo, OrgNo},
    installation::Installation,
    name, organization,
    store::{Reader, Store, Writer},
};

statements! {
    INSERT = Sql {
        "insert into api_key (org, no, name, scope, hash, created, expires) \
         values ($1, $2, $3, $4, $5, $6, $7)"
    };
    GET = Sql {
        "select no, name, scope, created, expires, last_used, revoked, hash from api_key \
         where org = $1 and no = $2"
    };
    ALL = Sql {
        "select no, name, scope, created, expires, last_used, revoked, hash from api_key \
         where org = $1 order by no"
    };
    REVOKE = Sql { "update api_key set revoked = $3 where org = $1 and no = $2" };
    TOUCH = Sql {
        "update api_key set last_used = $3 where org = $1 and no = $2 \
         and (last_used is null or last_used <= $4)"
    };
}

const PREFIX: &str = "dwkey";
/// So many keys of one organization, or of the installation, may be live at a time.
pub(crate) const MOST_LIVE: usize = 100;
/// So many are kept, revoked and expired ones included.
pub(crate) const MOST: usize = 10_000;
/// The longest name of a key, in characters.
pub(crate) const LONGEST_NAME: usize = 100;
/// `last_used` is written at most this often for one key.
const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// What is kept of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its number, among those of its organization or of the installation.
    pub no: KeyNo,
    /// The name for people.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created: Time,
    /// When it stops working by itself.
    pub expires: Option<Time>,
    /// When it was last used, to the minute.
    pub last_used: Option<Time>,
    /// When it was revoked.
    pub revoked: Option<Time>,
}

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The name for people.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it stops working by itself.
    pub expires: Option<Time>,
}

/// A key as it was made. It is shown once; it cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct MadeKey {
    secret: SecretString,
    /// What is kept of it.
    pub key: ApiKey,
}

impl MadeKey {
    /// The text to hand to the program.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.secret.expose_secret()
    }
}

impl ApiKey {
    /// Whether it works at this time.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }

    fn check(&self, now: Time) -> Result<(), Refusal> {
        if self.revoked.is_some() {
            Err(Refusal::Revoked)
        } else if self.is_live(now) {
            Ok(())
        } else {
            Err(Refusal::Expired)
        }
    }

    fn from_row(row: &mut Row) -> Result<Self, Error> {
        Ok(Self {
            no: row.get("no")?,
            name: row.get("name")?,
            scope: row.get("scope")?,
            created: row.get("created")?,
            expires: row.get("expires")?,
            last_used: row.get("last_used")?,
            revoked: row.get("revoked")?,
        })
    }
}

impl NewKey {
    /// The key that comes after those that are there, the hash to keep, and the text to show.
    fn make(
        &self,
        there: &[ApiKey],
        org: OrgNo,
        (now, random): (Time, &crate::random::Random),
    ) -> Result<(MadeKey, Vec<u8>), Error> {
        let name = name::parse(&self.name, "name", "An API key", LONGEST_NAME)?;
        if there.iter().filter(|key| key.is_live(now)).count() >= MOST_LIVE {
            let detail = format!("{MOST_LIVE} API keys are live; revoke one first.");
            return Err(Error::conflict("api-key", detail));
        }
        if there.len() >= MOST {
            let detail = format!("{MOST} API keys have been made: no more are.");
            return Err(Error::conflict("api-key", detail));
        }
        if self.expires.is_some_and(|expires| expires <= now) {
            let detail = "A key that has expired already is of no use.";
            return Err(Error::invalid("expires", detail));
        }
        let no = KeyNo(there.last().map_or(0, |key| key.no.0) + 1);
        let made = format::make(PREFIX, org, no.0, random);
        let key = ApiKey {
            no,
            name,
            scope: self.scope,
            created: now,
            expires: self.expires,
            last_used: None,
            revoked: None,
        };
        Ok((MadeKey { secret: made.text, key }, made.hash))
    }
}

/// The columns of a key after its organization.
fn columns<'k>(key: &'k ApiKey, hash: &'k [u8]) -> [Param<'k>; 6] {
    [
        key.no.into(),
        (&key.name).into(),
        key.scope.as_str().into(),
        hash.into(),
        key.created.into(),
        key.expires.into(),
    ]
}

fn created(key: &ApiKey) -> kinds::ApiKeyCreated {
    kinds::ApiKeyCreated {
        name: key.name.clone(),
        scope: key.scope,
        expires: key.expires.map(|time| time.to_string()),
    }
}

fn all(reader: &mut Reader<'_>) -> Result<Vec<ApiKey>, Error> {
    let rows = reader.query(ALL, &[])?;
    rows.into_iter().map(|mut row| ApiKey::from_row(&mut row)).collect()
}

fn known(reader: &mut Reader<'_>, no: KeyNo) -> Result<ApiKey, Error> {
    let row = reader.query_one(GET, &[no.into()])?;
    let mut row = row.ok_or_else(|| Error::no_such(Noun::Key, no.to_string()))?;
    ApiKey::from_row(&mut row)
}

/// The keys of the organization, oldest first, revoked and expired ones included.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<ApiKey>, Error> {
    reader.permit(Verb::ReadKeys)?;
    all(reader)
}

/// Makes a key of the organization.
///
/// # Errors
///
/// [`Error::Invalid`]; [`Error::Conflict`] where a hundred are live; [`Error::Denied`].
pub fn create(writer: &mut Writer<'_>, new: &NewKey) -> Result<MadeKey, Error> {
    writer.permit(Verb::CreateKey)?;
    let there = all(writer)?;
    let (made, hash) = new.make(&there, writer.org(), (writer.now(), writer.random()))?;
    writer.send(INSERT, &columns(&made.key, &hash))?;
    audit::record(writer, &made.key.no.to_string(), created(&made.key))?;
    Ok(made)
}

/// Revokes a key of the organization: from the next request on it is refused, by every process.
/// Revoking it again changes nothing. Answers whether it was live or expired before.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn revoke(writer: &mut Writer<'_>, no: KeyNo) -> Result<(ApiKey, bool), Error> {
    writer.permit(Verb::RevokeKey)?;
    let key = known(writer, no)?;
    if key.revoked.is_some() {
        return Ok((key, false));
    }
    let now = writer.now();
    writer.send(REVOKE, &[no.into(), now.into()])?;
    let payload = kinds::ApiKeyRevoked { name: key.name.clone() };
    audit::record(writer, &no.to_string(), payload)?;
    Ok((ApiKey { revoked: Some(now), ..key }, true))
}

impl Installation {
    /// The keys of the installation, oldest first, revoked and expired ones included.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; those of the store.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        self.permit(Verb::ReadKeys)?;
        let access = self.access(INSTALLATION)?;
        self.store().read_catalog(move |catalog| all(&mut catalog.reader(&access))).await
    }

    /// Makes a key of the installation.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`]; [`Error::Conflict`] where a hundred are live; [`Error::Denied`].
    pub async fn create_api_key(&self, new: NewKey) -> Result<MadeKey, Error> {
        self.permit(Verb::CreateKey)?;
        let (access, by) = (self.access(INSTALLATION)?, self.by());
        self.store()
            .write_catalog(move |catalog| {
                // Whoever makes another key at this moment waits for this one.
                audit::lock_installation(catalog)?;
                let there = all(&mut catalog.reader(&access))?;
                let (now, random) = (catalog.now, catalog.random);
                let (made, hash) = new.make(&there, INSTALLATION, (now, random))?;
                let columns = columns(&made.key, &hash);
                catalog.send(INSERT, &[&[INSTALLATION.into()], &columns[..]].concat())?;
                let (target, payload) = (made.key.no.to_string(), created(&made.key));
                audit::record_for_installation(catalog, (&by.0, by.1), &target, payload)?;
                Ok(made)
            })
            .await
    }

    /// Revokes a key of the installation, as [`revoke`] does one of an organization.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn revoke_api_key(&self, no: KeyNo) -> Result<(ApiKey, bool), Error> {
        self.permit(Verb::RevokeKey)?;
        let (access, by) = (self.access(INSTALLATION)?, self.by());
        self.store()
            .write_catalog(move |catalog| {
                audit::lock_installation(catalog)?;
                let key = known(&mut catalog.reader(&access), no)?;
                if key.revoked.is_some() {
                    return Ok((key, false));
                }
                let now = catalog.now;
                catalog.send(REVOKE, &[INSTALLATION.into(), no.into(), now.into()])?;
                let payload = kinds::ApiKeyRevoked { name: key.name.clone() };
                audit::record_for_installation(catalog, (&by.0, by.1), &no.to_string(), payload)?;
                Ok((ApiKey { revoked: Some(now), ..key }, true))
            })
            .await
    }
}

/// Why a key is not accepted.
///
/// A refusal that tells something about a key is only given to whoever showed the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not look like a key.
    Malformed,
    /// It looks like a key with a typing error, or with a part missing.
    Mistyped,
    /// There is no such key.
    Unknown,
    /// It was revoked.
    Revoked,
    /// It expired.
    Expired,
}

/// A key that was shown, and whose it is: an organization's, or the installation's. Each request looks it up, by
/// its number: what was revoked by any process counts from the next request on.
///
/// # Errors
///
/// Those of the store; a refusal is the inner error.
pub(super) async fn find(
    store: &Store,
    shown: &str,
) -> Result<Result<(OrgNo, ApiKey), Refusal>, Error> {
    let shown = match format::read(PREFIX, shown) {
        Ok(shown) => shown,
        Err(Unreadable::Malformed) => return Ok(Err(Refusal::Malformed)),
        Err(Unreadable::Mistyped) => return Ok(Err(Refusal::Mistyped)),
    };
    let (org, now) = (shown.org, store.clock().now());
    // To look a credential up is Doorward's own business; what is done with it is the caller's.
    let found = store
        .read_unproven(&Access::system(org), move |reader| look_up(reader, &shown, now))
        .await?;
    Ok(found.map(|key| {
        touch(store, org, &key, now);
        (org, key)
    }))
}

/// Whether a key that was shown before still works.
pub(super) async fn check(
    store: &Store,
    org: OrgNo,
    no: KeyNo,
) -> Result<Result<(), Refusal>, Error> {
    let now = store.clock().now();
    let read = move |reader: &mut Reader<'_>| reader.query_one(GET, &[no.into()]);
    let Some(mut row) = store.read(&Access::system(org), read).await? else {
        return Ok(Err(Refusal::Unknown));
    };
    Ok(ApiKey::from_row(&mut row)?.check(now))
}

fn look_up(
    reader: &mut Reader<'_>,
    shown: &format::Shown,
    now: Time,
) -> Result<Result<ApiKey, Refusal>, Error> {
    let Some(mut row) = reader.query_one(GET, &[KeyNo(shown.no).into()])? else {
        return Ok(Err(Refusal::Unknown));
    };
    if verify_slices_are_equal(&row.get::<Vec<u8>>("hash")?, &shown.hash).is_err() {
        return Ok(Err(Refusal::Unknown));
    }
    if shown.org != INSTALLATION {
        match organization::read(reader) {
            Err(Error::NotFound { .. }) => return Ok(Err(Refusal::Unknown)),
            other => drop(other?),
        }
    }
    let key = ApiKey::from_row(&mut row)?;
    Ok(key.check(now).map(|()| key))
}

/// Notes that a key was used. No request waits for it, and the organization is not locked.
fn touch(store: &Store, org: OrgNo, key: &ApiKey, now: Time) {
    let (no, since) = (key.no, now.minus(TOUCH_EVERY));
    if key.last_used.is_some_and(|used| used > since) {
        return;
    }
    drop(store.append_later(org, move |appender| {
        appender.execute(TOUCH, &[no.into(), now.into(), since.into()]).map(drop)
    }));
}

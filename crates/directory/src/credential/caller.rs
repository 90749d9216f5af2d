//! [`Caller`]: who shows a token, and the proof of it: a token of a connection, or an access token that a
//! client of OAuth was granted for one.
//!
//! To look a token up takes four statements, which would be a good part of what a small request
//! costs. So a proof is kept, and each request makes sure by one key that it still holds: every
//! change of a credential, of a connection, of the organization's plan or of the organization itself
//! moves the organization's audit on, and a proof remembers where it was. What was revoked or changed
//! by any process counts from the next request on; only what a plan of the installation includes is
//! not in that audit, and counts after [`KEPT`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ::oauth::{ClientId, scope};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use scim::schema::Schemas;

use super::{
    presented::{Name, Presented},
    token::Token,
};
use crate::{
    access::{Access, Principal, Provider},
    clock::Time,
    connection::{self, Connection, State},
    db::statements,
    error::Error,
    id::{AuditNo, ConnectionNo, OrgNo, RequestId, TokenNo},
    oauth::{Grant, grant, token as granted},
    organization,
    plan::{self, Feature},
    store::{Reader, Store},
    trouble::Owner,
};

statements! {
    GET = Sql {
        "select no, connection, ending, by, created, expires, last_used, revoked, hash from token \
         where org = $1 and no = $2"
    };
    TOUCH = Sql {
        "update token set last_used = $3 where org = $1 and no = $2 \
         and (last_used is null or last_used <= $4)"
    };
    ORGANIZATION = Sql {
        "select o.state, o.plan, c.schemas, c.audit_seq from organization o \
         join organization_counter c on c.org = o.org where o.org = $1 and c.org = $1"
    };
}

/// How long a proof is kept: what changes without the organization's audit, such as a plan of the
/// installation, counts after so long.
const KEPT: Duration = Duration::from_secs(5);
/// So many proofs are kept in memory; those that are too old go first.
const MOST_KEPT: usize = 50_000;
/// `last_used` is written at most this often for one token.
const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// Who is at the other end of a request, proven by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The key to the organization's data.
    pub access: Access,
    /// The connection that the token belongs to.
    pub connection: Arc<Connection>,
    /// The resource types of the organization.
    pub schemas: Arc<Schemas>,
    credential: Credential,
}

/// What was shown.
#[derive(Clone, Debug)]
enum Credential {
    Token(Token),
    /// An access token that works until then, of a grant that works until then.
    Access(Time),
}

impl Credential {
    fn is_live(&self, now: Time) -> bool {
        match self {
            Self::Token(token) => token.is_live(now),
            Self::Access(expires) => now < *expires,
        }
    }
}

impl Caller {
    /// The number of the token, for the log; `None` for an access token of OAuth.
    #[must_use]
    pub fn token_no(&self) -> Option<TokenNo> {
        match &self.credential {
            Credential::Token(token) => Some(token.no),
            Credential::Access(_) => None,
        }
    }

    /// The connection that the credential belongs to.
    #[must_use]
    pub fn owner(&self) -> Owner {
        Owner { org: self.access.org(), connection: self.connection.no() }
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
    /// It is a token that stays the same, and its connection takes none: IPSIE asks for that.
    Static,
    /// Its connection is switched off.
    Disabled,
    /// The plan of the organization, if it has one, does not include provisioning.
    NotEntitled(Option<String>),
}

/// A refusal, and whose credential it was that was shown, where that is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// The connection that the credential belongs to.
    pub owner: Option<Owner>,
    /// The last characters of a token.
    pub ending: Option<String>,
}

impl From<Refusal> for Refused {
    fn from(why: Refusal) -> Self {
        Self { why, owner: None, ending: None }
    }
}

impl Refused {
    /// The credential of a connection is refused.
    fn of(org: OrgNo, connection: ConnectionNo, why: Refusal) -> Self {
        Self { why, owner: Some(Owner { org, connection }), ending: None }
    }
}

/// Where an organization was in what a proof depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    /// The newest entry of its audit, which tells of credentials, connections, roles and settings.
    audit: AuditNo,
    /// The version of its resource types.
    schemas: i64,
}

impl Stamp {
    /// Where the organization is now; `None`: it is nowhere.
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Error> {
        let Some(mut row) = reader.query_one(ORGANIZATION, &[])? else { return Ok(None) };
        let state: organization::State = row.get("state")?;
        let stamp = Self { audit: row.get("audit_seq")?, schemas: row.get("schemas")? };
        Ok((state == organization::State::Live).then_some(stamp))
    }
}

/// The callers that were looked up last.
#[derive(Debug, Default)]
pub(crate) struct ProofCache(Mutex<HashMap<(OrgNo, Name), Kept>>);

/// A proof.
#[derive(Clone, Debug)]
struct Kept {
    caller: Caller,
    /// Of the secret that was shown.
    hash: Vec<u8>,
    stamp: Stamp,
    until: Time,
}

impl Kept {
    fn holds(&self, now: Time) -> bool {
        now < self.until && self.caller.credential.is_live(now)
    }
}

impl ProofCache {
    fn lock(&self) -> MutexGuard<'_, HashMap<(OrgNo, Name), Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The proof of what is shown, if it was looked up before. One that is too old [holds](Kept::holds)
    /// no longer, and tells who asks all the same.
    fn get(&self, presented: &Presented) -> Option<Kept> {
        let kept = self.lock();
        let found = kept.get(&(presented.org, presented.name))?;
        let is_same = verify_slices_are_equal(&found.hash, &presented.hash).is_ok();
        is_same.then(|| found.clone())
    }

    fn put(&self, presented: &Presented, (caller, stamp): (&Caller, Stamp), now: Time) {
        let mut kept = self.lock();
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, one| now < one.until);
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
        }
        let (caller, hash) = (caller.clone(), presented.hash.clone());
        let one = Kept { caller, hash, stamp, until: now.plus(KEPT) };
        kept.insert((presented.org, presented.name), one);
    }
}

/// Finds out who shows a token. `connection` is the one that the address names, if it names one.
///
/// A proof that is kept is compared with the store each time, so that a revocation by any process
/// works at once.
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
    let found = identify(store, presented, connection, request).await?;
    Ok(found.map_err(|refused| refused.why))
}

/// The same, and whose credential it is where it is refused.
///
/// # Errors
///
/// As [`authenticate`].
pub async fn identify(
    store: &Store,
    presented: &str,
    connection: Option<&str>,
    request: Option<RequestId>,
) -> Result<Result<Caller, Refused>, Error> {
    let presented = match Presented::parse(presented) {
        Ok(presented) => presented,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let mut caller = match find(store, presented).await? {
        Ok(caller) => caller,
        Err(refused) => return Ok(Err(refused)),
    };
    if connection.is_some_and(|address| address != caller.connection.id.to_string()) {
        return Ok(Err(Refused {
            why: Refusal::WrongAddress,
            owner: Some(caller.owner()),
            ending: None,
        }));
    }
    if let Some(request) = request {
        caller.access = caller.access.for_request(request);
    }
    Ok(Ok(caller))
}

/// Finds out whose token it is: by the proof that is kept, or in the store.
async fn find(store: &Store, presented: Presented) -> Result<Result<Caller, Refused>, Error> {
    let (org, now) = (presented.org, store.clock().now());
    let known = store.services().proofs.get(&presented);
    let is_known = known.is_some();
    let kept = known.filter(|kept| kept.holds(now));
    let stamp = kept.as_ref().map(|kept| kept.stamp);
    let presented = Arc::new(presented);
    let shown = Arc::clone(&presented);
    // To look a credential up is Doorward's own business; what is done with it is the caller's.
    let access = Access::system(org);
    let work = move |reader: &mut Reader<'_>| {
        if stamp.is_some() && Stamp::read(reader)? == stamp {
            return Ok(None);
        }
        look_up(reader, &shown, now).map(Some)
    };
    // Whoever has shown this token before asks for itself. A stranger may be anyone.
    let found = if is_known {
        store.read(&access, work).await?
    } else {
        store.read_unproven(&access, work).await?
    };
    match (found, kept) {
        (None, Some(kept)) => Ok(Ok(kept.caller)),
        (None, None) => Ok(Err(Refusal::Unknown.into())),
        (Some(Err(refused)), _) => Ok(Err(refused)),
        (Some(Ok((caller, stamp))), _) => {
            store.services().proofs.put(&presented, (&caller, stamp), now);
            touch(store, org, &caller, now);
            Ok(Ok(caller))
        }
    }
}

fn look_up(
    reader: &mut Reader<'_>,
    presented: &Presented,
    now: Time,
) -> Result<Result<(Caller, Stamp), Refused>, Error> {
    let found = match presented.name {
        Name::Token(no) => token_shown(reader, no, &presented.hash, now)?,
        Name::Access(hash) => access_shown(reader, &hash, now)?,
    };
    let (credential, connection, client) = match found {
        Ok(found) => found,
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(mut organization) = reader.query_one(ORGANIZATION, &[])? else {
        return Ok(Err(Refusal::Unknown.into()));
    };
    if organization.get::<organization::State>("state")? != organization::State::Live {
        return Ok(Err(Refusal::Unknown.into()));
    }
    let Some(connection) = connection::by_no(reader, connection)? else {
        return Ok(Err(Refusal::Unknown.into()));
    };
    let org = reader.org();
    let refused = |why| Ok(Err(Refused::of(org, connection.no(), why)));
    if connection.ipsie && matches!(credential, Credential::Token(_)) {
        return refused(Refusal::Static);
    }
    if connection.state == State::Disabled {
        return refused(Refusal::Disabled);
    }
    let plan: Option<String> = organization.get("plan")?;
    if !plan::includes(reader, plan.as_deref(), Feature::Scim)? {
        return refused(Refusal::NotEntitled(plan));
    }
    let stamp =
        Stamp { audit: organization.get("audit_seq")?, schemas: organization.get("schemas")? };
    let schemas = reader.schemas_of(stamp.schemas)?;
    let provider = Provider { org, no: connection.no(), id: connection.id };
    let principal = match client {
        None => Principal::connection(provider),
        Some(client) => Principal::grant(provider, &client),
    };
    let access = principal.on(org)?;
    let caller = Caller { access, connection: Arc::new(connection), schemas, credential };
    Ok(Ok((caller, stamp)))
}

/// A credential that is good by itself, its connection, and the client that was granted it.
type Good = (Credential, ConnectionNo, Option<ClientId>);

fn token_shown(
    reader: &mut Reader<'_>,
    no: TokenNo,
    hash: &[u8],
    now: Time,
) -> Result<Result<Good, Refused>, Error> {
    let Some(mut row) = reader.query_one(GET, &[no.into()])? else {
        return Ok(Err(Refusal::Unknown.into()));
    };
    if verify_slices_are_equal(&row.get::<Vec<u8>>("hash")?, hash).is_err() {
        return Ok(Err(Refusal::Unknown.into()));
    }
    let token = Token::from_row(&mut row)?;
    if !token.is_live(now) {
        let why = if token.revoked.is_some() { Refusal::Revoked } else { Refusal::Expired };
        let refused = Refused::of(reader.org(), token.connection, why);
        return Ok(Err(Refused { ending: Some(token.ending), ..refused }));
    }
    let connection = token.connection;
    Ok(Ok((Credential::Token(token), connection, None)))
}

fn access_shown(
    reader: &mut Reader<'_>,
    hash: &[u8; 32],
    now: Time,
) -> Result<Result<Good, Refused>, Error> {
    let Some((token, grant)) = granted(reader, hash)? else {
        return Ok(Err(Refusal::Unknown.into()));
    };
    // An access token expires all the time, and whoever has it asks for the next one.
    if token.expires <= now {
        return Ok(Err(Refusal::Expired.into()));
    }
    if !grant.is_open(now) {
        return Ok(Err(Refusal::Revoked.into()));
    }
    match grant.connection() {
        Some(connection) if token.scopes()?.contains(scope::SCIM) => {
            Ok(Ok((Credential::Access(token.expires), connection, Some(grant.client))))
        }
        // A person's token for an application, or a machine's for the management API.
        _ => Ok(Err(Refusal::Unknown.into())),
    }
}

/// The access token with this hash, and its grant.
fn granted(
    reader: &mut Reader<'_>,
    hash: &[u8; 32],
) -> Result<Option<(granted::Token, Grant)>, Error> {
    let Some(token) = granted::find(reader, hash)? else { return Ok(None) };
    if token.purpose != granted::Purpose::Access {
        return Ok(None);
    }
    Ok(grant::by_id(reader, token.grant)?.map(|grant| (token, grant)))
}

/// Notes that a token was used. No request waits for it, and the organization is not locked.
fn touch(store: &Store, org: OrgNo, caller: &Caller, now: Time) {
    let Credential::Token(Token { no, last_used, .. }) = caller.credential else { return };
    let since = now.minus(TOUCH_EVERY);
    if last_used.is_some_and(|used| used > since) {
        return;
    }
    // Many requests may have seen the same old time; the first of them writes. None waits.
    drop(store.append_later(org, move |appender| {
        appender.execute(TOUCH, &[no.into(), now.into(), since.into()]).map(drop)
    }));
}

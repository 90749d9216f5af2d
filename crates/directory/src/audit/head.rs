//! [`SignedHead`]: a signature, once a day, over where the two chains of an organization end.
//!
//! A chain of hashes finds an entry that was edited, removed or swapped; it does not find a chain that was written anew
//! from an entry on, with all hashes. A signed head does, where it was taken away in time: whoever keeps it elsewhere
//! proves what the chains were. The key is of the installation (Ed25519, RFC 8032), made when it is first needed and
//! kept sealed.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{AuditNo, INSTALLATION};
use crate::{
    access::{Access, Verb},
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    event::retention,
    id::{EventNo, OrgNo},
    maintenance::prune::start_of_day,
    organization,
    saml::certificate::hexadecimal,
    seal::Seal,
    store::{Appender, Catalog, Reader, Store},
};

statements! {
    KEYS = Sql { "select id, public, sealed from audit_key order by created, id" };
    PUBLIC = Sql { "select id, public from audit_key order by created, id" };
    INSERT_KEY = Sql {
        "insert into audit_key (id, public, sealed, created) values ($1, $2, $3, $4) \
         on conflict (id) do nothing"
    };
    INSERT = Sql {
        "insert into audit_head (org, day, seq, hash, event_seq, event_hash, at, key, signature) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (org, day) do nothing"
    };
    AFTER = Sql {
        "select day, seq, hash, event_seq, event_hash, at, key, signature from audit_head \
         where org = $1 and day > $2 order by day limit $3"
    };
    NEWEST = Sql {
        "select day, seq, event_seq, at from audit_head where org = $1 order by day desc limit 1"
    };
    ENDS = Sql {
        "select audit_seq, audit_head, event_seq, event_head from organization_counter \
         where org = $1"
    };
    ENTRY = Sql { "select hash from audit where org = $1 and seq = $2" };
    EVENT = Sql { "select hash from event where org = $1 and seq = $2" };
}

/// Before the first day.
const BEFORE_ALL: Time = Time::from_micros(i64::MIN);

/// Where the two chains of an organization ended, and a signature over that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The id of the organization, or `installation`: that one has an audit only.
    pub organization: String,
    /// The number of the newest audit entry.
    pub audit: i64,
    /// Its hash, hexadecimal.
    pub audit_hash: String,
    /// The number of the newest event; 0: there was none.
    pub event: i64,
    /// Its hash, hexadecimal.
    pub event_hash: String,
    /// When it was signed, in RFC 3339.
    pub at: String,
    /// The key that signed: the first 16 hexadecimal digits of its SHA-256.
    pub key: String,
    /// The public key, 32 bytes in Base64.
    pub public: String,
    /// The signature over [`SignedHead::statement`], 64 bytes in Base64.
    pub signature: String,
}

impl SignedHead {
    /// What is signed: a line for each of these, each ended by a line feed.
    #[must_use]
    pub fn statement(&self) -> String {
        let Self { organization, audit, audit_hash, event, event_hash, at, .. } = self;
        format!(
            "doorward audit head 1\n{organization}\n{audit}\n{audit_hash}\n{event}\n{event_hash}\n{at}\n"
        )
    }

    /// Whether its signature is that of its key.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        let decoded = |text: &str| BASE64_STANDARD.decode(text).ok();
        let (Some(public), Some(signature)) = (decoded(&self.public), decoded(&self.signature))
        else {
            return false;
        };
        let key = UnparsedPublicKey::new(&ED25519, &public);
        self.key == id_of(&public) && key.verify(self.statement().as_bytes(), &signature).is_ok()
    }

    /// The day (UTC) on which it was signed: there is one head for each at the most.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where its time is none.
    pub fn day(&self) -> Result<Time, Error> {
        let at = Time::parse(&self.at).ok_or_else(|| {
            Error::invalid("at", format!("\"{}\" is no time of RFC 3339.", self.at.escape_debug()))
        });
        at.map(start_of_day)
    }

    fn from_row(
        row: &mut Row,
        organization: &str,
        keys: &[(String, Vec<u8>)],
    ) -> Result<Self, Error> {
        let key: String = row.get("key")?;
        let known = keys.iter().find(|(id, _)| *id == key);
        let public = known.map(|(_, public)| BASE64_STANDARD.encode(public)).unwrap_or_default();
        Ok(Self {
            organization: organization.to_owned(),
            audit: row.get("seq")?,
            audit_hash: hexadecimal(&row.get::<Vec<u8>>("hash")?),
            event: row.get("event_seq")?,
            event_hash: hexadecimal(&row.get::<Vec<u8>>("event_hash")?),
            at: row.get::<Time>("at")?.to_string(),
            key,
            public,
            signature: BASE64_STANDARD.encode(row.get::<Vec<u8>>("signature")?),
        })
    }
}

/// A name for a public key.
fn id_of(public: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, public);
    hexadecimal(&hash.as_ref()[..8])
}

/// The signed heads of an organization after a day, oldest first, at most `limit`. `None`: from the first on.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn heads(
    reader: &mut Reader<'_>,
    after: Option<Time>,
    limit: u32,
) -> Result<Vec<SignedHead>, Error> {
    reader.permit(Verb::ReadAudit)?;
    let after = after.unwrap_or(BEFORE_ALL);
    let organization = name(reader)?;
    let keys = public_keys(reader)?;
    let rows = reader.query(AFTER, &[after.into(), i64::from(limit).into()])?;
    rows.into_iter().map(|mut row| SignedHead::from_row(&mut row, &organization, &keys)).collect()
}

/// When a head of the organization was signed last.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn last_signed(reader: &mut Reader<'_>) -> Result<Option<Time>, Error> {
    reader.permit(Verb::ReadAudit)?;
    reader.query_one(NEWEST, &[])?.map(|mut row| row.get("at")).transpose()
}

/// How a statement names whose chains they are.
fn name(reader: &mut Reader<'_>) -> Result<String, Error> {
    if reader.org() == INSTALLATION {
        return Ok("installation".to_owned());
    }
    Ok(organization::read(reader)?.id.to_string())
}

fn public_keys(reader: &mut Reader<'_>) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let rows = reader.query_shared(PUBLIC, &[])?;
    rows.into_iter().map(|mut row| Ok((row.get("id")?, row.get("public")?))).collect()
}

/// Signs the head of every organization whose audit or events went on since the last was signed, and that of the
/// installation; of each once a day (UTC) at the most. Answers how many.
///
/// Cost: O(organizations).
///
/// # Errors
///
/// Those of the store, and of the cryptographic library.
pub async fn sign(store: &Store) -> Result<u64, Error> {
    let today = start_of_day(store.clock().now());
    let slugs = store.read_catalog(organization::slugs).await?;
    let orgs = std::iter::once(INSTALLATION).chain(slugs.into_iter().map(|(_, org)| org));
    let (mut signed, mut pair) = (0, None);
    for org in orgs {
        let ends = store.read(&Access::system(org), move |reader| due(reader, today)).await;
        let ends = match ends {
            Ok(Some(ends)) => ends,
            // Nothing is due, or it was deleted meanwhile.
            Ok(None) | Err(Error::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        if pair.is_none() {
            pair = Some(key(store).await?);
        }
        let Some((id, key)) = &pair else { continue };
        signed += sign_one(store, org, ends, (id.clone(), key)).await?;
    }
    Ok(signed)
}

/// Where the chains end, without a signature.
struct Ends {
    head: SignedHead,
    hash: Vec<u8>,
    event_hash: Vec<u8>,
    at: Time,
}

/// Where the chains of an organization end, if that is to be signed today.
fn due(reader: &mut Reader<'_>, today: Time) -> Result<Option<Ends>, Error> {
    let (audit, hash, event, event_hash) = ends(reader)?;
    let at = reader.services().clock.now();
    if let Some(mut row) = reader.query_one(NEWEST, &[])? {
        let signed: (AuditNo, EventNo) = (row.get("seq")?, row.get("event_seq")?);
        if row.get::<Time>("day")? >= today || signed == (audit, event) {
            return Ok(None);
        }
    }
    if audit == AuditNo::START {
        return Ok(None);
    }
    let head = SignedHead {
        organization: name(reader)?,
        audit: audit.0,
        audit_hash: hexadecimal(&hash),
        event: event.0,
        event_hash: hexadecimal(&event_hash),
        at: at.to_string(),
        key: String::new(),
        public: String::new(),
        signature: String::new(),
    };
    Ok(Some(Ends { head, hash, event_hash, at }))
}

fn ends(reader: &mut Reader<'_>) -> Result<(AuditNo, Vec<u8>, EventNo, Vec<u8>), Error> {
    if reader.org() == INSTALLATION {
        let row = reader.query_shared(super::HEAD, &[])?.pop();
        let mut row = row.ok_or_else(|| Error::damaged("installation", "no=1", "it is missing"))?;
        let (audit, hash) = (row.get("audit_seq")?, row.get("audit_head")?);
        return Ok((audit, hash, EventNo::START, Vec::new()));
    }
    let row = reader.query_one(ENDS, &[])?;
    let mut row = row.ok_or(Error::not_found(Noun::Organization))?;
    Ok((
        row.get("audit_seq")?,
        row.get("audit_head")?,
        row.get("event_seq")?,
        row.get("event_head")?,
    ))
}

async fn sign_one(
    store: &Store,
    org: OrgNo,
    Ends { head, hash, event_hash, at }: Ends,
    (id, key): (String, &Ed25519KeyPair),
) -> Result<u64, Error> {
    // The time is signed as it is stored. Where another node was faster today, its head stands.
    let signature = key.sign(head.statement().as_bytes()).as_ref().to_vec();
    let (day, audit, event) = (start_of_day(at), head.audit, head.event);
    let insert = move |appender: &mut Appender<'_>| {
        appender.execute(
            INSERT,
            &[
                day.into(),
                audit.into(),
                hash.as_slice().into(),
                event.into(),
                event_hash.as_slice().into(),
                at.into(),
                (&id).into(),
                signature.as_slice().into(),
            ],
        )
    };
    store.append(org, insert).await
}

/// The key that signs, and its id. The first is made here.
async fn key(store: &Store) -> Result<(String, Ed25519KeyPair), Error> {
    let seal = store.key_seal().await?;
    if let Some(found) = store.read_catalog(|catalog| catalog.query(KEYS, &[])).await?.pop() {
        return opened(found, &seal);
    }
    let seed: [u8; 32] = store.random().bytes();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
    let pair = pair.map_err(|error| Error::Store(Box::new(error)))?;
    let public = pair.public_key().as_ref().to_vec();
    let id = id_of(&public);
    let sealed = seal.seal(store.random(), id.as_bytes(), &seed);
    let insert = move |catalog: &mut Catalog<'_>| {
        let params = [(&id).into(), public.as_slice().into(), (&sealed).into(), catalog.now.into()];
        catalog.execute(INSERT_KEY, &params)?;
        // Another node may have been faster: the oldest is the key.
        let mut keys = catalog.query(KEYS, &[])?;
        keys.truncate(1);
        keys.pop().ok_or_else(|| Error::damaged("audit_key", &id, "it is missing"))
    };
    opened(store.write_catalog(insert).await?, &seal)
}

fn opened(mut row: Row, seal: &Seal) -> Result<(String, Ed25519KeyPair), Error> {
    let (id, sealed): (String, String) = (row.get("id")?, row.get("sealed")?);
    let seed = seal.open(id.as_bytes(), &sealed);
    let seed = seed.ok_or_else(|| row.damaged("sealed", "it cannot be opened"))?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
    Ok((id, pair.map_err(|error| row.damaged("sealed", error.to_string()))?))
}

/// What is wrong with signed heads: their signatures, or the chains that they were signed for. Of an organization that
/// was deleted only its audit is left.
pub(crate) fn check(reader: &mut Reader<'_>, name: Option<&str>) -> Result<Vec<String>, Error> {
    let mut wrong = Vec::new();
    let keys = public_keys(reader)?;
    let mut last = BEFORE_ALL;
    loop {
        let rows = reader.query(AFTER, &[last.into(), 1_000_i64.into()])?;
        if rows.is_empty() {
            return Ok(wrong);
        }
        for mut row in rows {
            let head = SignedHead::from_row(&mut row, name.unwrap_or_default(), &keys)?;
            last = row.get("day")?;
            // The id of an organization that was deleted is told by the installation's audit only.
            if name.is_some() && !head.is_genuine() {
                wrong.push(format!(
                    "the signature of the head at audit entry {} is not genuine",
                    head.audit
                ));
            }
            wrong.extend(differs(reader, &head)?);
        }
    }
}

/// How the chains of an organization differ from a head that was signed for them, if they do.
pub(crate) fn differs(reader: &mut Reader<'_>, head: &SignedHead) -> Result<Option<String>, Error> {
    let hash = |row: Option<Row>| -> Result<Option<String>, Error> {
        row.map(|mut row| Ok(hexadecimal(&row.get::<Vec<u8>>("hash")?))).transpose()
    };
    let audit = hash(reader.query_one(ENTRY, &[head.audit.into()])?)?;
    if audit.as_ref() != Some(&head.audit_hash) {
        let no = head.audit;
        return Ok(Some(format!("audit entry {no} is not the one whose hash was signed")));
    }
    if head.event == 0 || reader.org() == INSTALLATION {
        return Ok(None);
    }
    let anchor = match retention::anchor(reader) {
        Ok(anchor) => anchor,
        // It was deleted, with its events.
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let event = match head.event {
        no if no < anchor.no.0 => return Ok(None),
        no if no == anchor.no.0 => Some(hexadecimal(&anchor.hash)),
        no => hash(reader.query_one(EVENT, &[no.into()])?)?,
    };
    if event.as_ref() == Some(&head.event_hash) {
        return Ok(None);
    }
    Ok(Some(format!("event {} is not the one whose hash was signed", head.event)))
}

/// Compares the chains of an organization with a head that was kept elsewhere. Answers what is wrong, if something is.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn compare(reader: &mut Reader<'_>, head: &SignedHead) -> Result<Option<String>, Error> {
    reader.permit(Verb::Verify)?;
    if !head.is_genuine() {
        return Ok(Some(format!("the signature at audit entry {} is not genuine", head.audit)));
    }
    if name(reader)? != head.organization {
        return Ok(Some("it was signed for another organization".to_owned()));
    }
    differs(reader, head)
}

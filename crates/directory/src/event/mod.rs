//! [`Event`]: one change, numbered per organization without gaps, in the transaction that made it.
//!
//! Events are what the application follows. Each carries the hash of itself and of the one before,
//! so that a row that was changed, removed or moved later is found. Who did what to credentials and
//! settings is in [another record](crate::audit).

pub mod kinds;

pub use self::kinds::{EventKind, Payload};
use crate::{
    access::Verb,
    clock::Time,
    db::{Row, statements},
    error::Error,
    id::{EventNo, RequestId},
    record::Hashed,
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into event (org, seq, at, principal, request, kind, target, body, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
    AFTER = Sql {
        "select seq, at, principal, request, kind, target, body, hash from event \
         where org = $1 and seq > $2 order by seq limit $3"
    };
}

/// One change.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number: 1, 2, 3 … in its organization.
    pub no: EventNo,
    /// When it was made. Never before the one with the number before.
    pub at: Time,
    /// Who asked for it, as text: `operator`, `connection:<id>`.
    pub principal: String,
    /// For which request.
    pub request: Option<RequestId>,
    /// The id or name of what changed.
    pub target: String,
    /// What changed.
    pub payload: Payload,
    pub(crate) hash: Vec<u8>,
    body: String,
}

impl Event {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.payload.kind()
    }

    /// What changed, in JSON: the text that the chain hashes.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.body
    }

    /// The hash that an event with this content must carry after one with hash `previous`.
    pub(crate) fn expected_hash(&self, previous: &[u8]) -> Vec<u8> {
        let request = self.request.map(|id| id.to_string());
        let hashed = Hashed {
            no: self.no.0,
            at: self.at,
            principal: &self.principal,
            request: request.as_deref(),
            kind: self.kind().number(),
            target: &self.target,
            body: &self.body,
        };
        hashed.after(previous)
    }
}

/// Writes an event. Called once by each verb that changed something, in its transaction.
pub(crate) fn emit(
    writer: &mut Writer<'_>,
    target: &str,
    payload: impl Into<Payload>,
) -> Result<(), Error> {
    let payload = payload.into();
    let at = writer.now();
    let principal = writer.access().principal().to_string();
    let request = writer.access().request().map(|id| id.to_string());
    let kind = payload.kind().number();
    let body = serde_json::to_string(&payload).map_err(|error| Error::Store(Box::new(error)))?;
    let head = writer.event_head();
    head.no = head.no.next();
    let hashed = Hashed {
        no: head.no.0,
        at,
        principal: &principal,
        request: request.as_deref(),
        kind,
        target,
        body: &body,
    };
    head.hash = hashed.after(&head.hash);
    let (no, hash) = (head.no, head.hash.clone());
    writer.execute(
        INSERT,
        &[
            no.into(),
            at.into(),
            (&principal).into(),
            request.as_ref().into(),
            kind.into(),
            target.into(),
            (&body).into(),
            hash.as_slice().into(),
        ],
    )?;
    Ok(())
}

/// The events after one, in order, at most `limit`.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn after(reader: &mut Reader<'_>, no: EventNo, limit: u32) -> Result<Vec<Event>, Error> {
    reader.permit(Verb::ReadEvents)?;
    all_after(reader, no, limit)
}

/// The same, for whoever verifies.
pub(crate) fn all_after(
    reader: &mut Reader<'_>,
    no: EventNo,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let rows = reader.query(AFTER, &[no.into(), i64::from(limit).into()])?;
    rows.into_iter().map(from_row).collect()
}

fn from_row(mut row: Row) -> Result<Event, Error> {
    let kind: EventKind = row.get("kind")?;
    let body: String = row.get("body")?;
    let payload = Payload::read(kind, &body).map_err(|error| row.damaged("body", error))?;
    Ok(Event {
        no: row.get("seq")?,
        at: row.get("at")?,
        principal: row.get("principal")?,
        request: row.get("request")?,
        target: row.get("target")?,
        payload,
        hash: row.get("hash")?,
        body,
    })
}

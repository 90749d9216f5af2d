//! [`AuditEntry`]: who did what to credentials, roles and settings.
//!
//! Each organization has a chain of its own, which outlives it, and so has the installation: making
//! and deleting an organization, plans, settings. Each entry carries the hash of itself and of the
//! one before.

pub mod kinds;

pub use self::kinds::{AuditKind, Payload};
use crate::{
    access::{Access, Principal, Verb},
    clock::Time,
    db::{Param, Row, Sql, statements},
    error::{Error, Noun},
    id::{AuditNo, OrgNo, RequestId},
    record::{Hashed, Head},
    store::{Catalog, Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into audit (org, seq, at, principal, request, kind, target, body, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
    AFTER = Sql {
        "select seq, at, principal, request, kind, target, body, hash from audit \
         where org = $1 and seq > $2 order by seq limit $3"
    };
    NEWEST = Sql { "select audit_seq from organization_counter where org = $1" };
    HEAD = Sql { "select audit_seq, audit_head from installation where no = 1" };
    LOCKED_HEAD = Sql {
        "select c.audit_seq, c.audit_head from installation c where c.no = 1 for update of c"
    };
    MOVE_HEAD = Sql { "update installation set audit_seq = $1, audit_head = $2 where no = 1" };
}

/// The installation's own chain stands under this number; no organization has it.
pub(crate) const INSTALLATION: OrgNo = OrgNo(0);

/// Who did what.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its number: 1, 2, 3 … in its chain.
    pub no: AuditNo,
    /// When it was done.
    pub at: Time,
    /// Who did it, as text: `operator`, `user:<id>`.
    pub principal: String,
    /// For which request or command.
    pub request: Option<RequestId>,
    /// The id, number or name of what it was done to.
    pub target: String,
    /// What was done.
    pub payload: Payload,
    pub(crate) hash: Vec<u8>,
    body: String,
}

impl AuditEntry {
    /// What was done.
    #[must_use]
    pub fn kind(&self) -> AuditKind {
        self.payload.kind()
    }

    /// The hash that an entry with this content must carry after one with hash `previous`.
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

/// An entry that is about to be written.
struct Draft {
    at: Time,
    principal: String,
    request: Option<String>,
    kind: i64,
    target: String,
    body: String,
}

impl Draft {
    fn new(
        at: Time,
        principal: &Principal,
        request: Option<RequestId>,
        target: &str,
        payload: &Payload,
    ) -> Result<Self, Error> {
        let body = serde_json::to_string(payload).map_err(|error| Error::Store(Box::new(error)))?;
        Ok(Self {
            at,
            principal: principal.to_string(),
            request: request.map(|id| id.to_string()),
            kind: payload.kind().number(),
            target: target.to_owned(),
            body,
        })
    }

    /// Moves the head of a chain on to this entry.
    fn extend(&self, head: &mut Head<AuditNo>) {
        head.no = AuditNo(head.no.0 + 1);
        let hashed = Hashed {
            no: head.no.0,
            at: self.at,
            principal: &self.principal,
            request: self.request.as_deref(),
            kind: self.kind,
            target: &self.target,
            body: &self.body,
        };
        head.hash = hashed.after(&head.hash);
    }

    /// The parameters of [`INSERT`] after the organization.
    fn params<'p>(&'p self, head: &'p Head<AuditNo>) -> [Param<'p>; 8] {
        [
            head.no.into(),
            self.at.into(),
            (&self.principal).into(),
            self.request.as_ref().into(),
            self.kind.into(),
            (&self.target).into(),
            (&self.body).into(),
            head.hash.as_slice().into(),
        ]
    }
}

/// Writes an entry into the chain of the organization.
pub(crate) fn record(
    writer: &mut Writer<'_>,
    target: &str,
    payload: impl Into<Payload>,
) -> Result<(), Error> {
    let access: &Access = writer.access();
    let draft =
        Draft::new(writer.now(), access.principal(), access.request(), target, &payload.into())?;
    draft.extend(writer.audit_head());
    let head = writer.audit_head().clone();
    writer.execute(INSERT, &draft.params(&head)).map(drop)
}

/// Writes an entry into the chain of the installation.
pub(crate) fn record_for_installation(
    catalog: &mut Catalog<'_>,
    by: (&Principal, Option<RequestId>),
    target: &str,
    payload: impl Into<Payload>,
) -> Result<(), Error> {
    let mut head = read_head(catalog, LOCKED_HEAD)?;
    let draft = Draft::new(catalog.now, by.0, by.1, target, &payload.into())?;
    draft.extend(&mut head);
    let mut params = vec![INSTALLATION.into()];
    params.extend(draft.params(&head));
    catalog.execute(INSERT, &params)?;
    catalog.execute(MOVE_HEAD, &[head.no.into(), head.hash.as_slice().into()]).map(drop)
}

/// The entries after one, in order, at most `limit`.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn after(reader: &mut Reader<'_>, no: AuditNo, limit: u32) -> Result<Vec<AuditEntry>, Error> {
    reader.permit(Verb::ReadAudit)?;
    all_after(reader, no, limit)
}

/// The number of the newest entry.
///
/// # Errors
///
/// [`Error::NotFound`] where the organization is gone; [`Error::Denied`].
pub fn newest(reader: &mut Reader<'_>) -> Result<AuditNo, Error> {
    reader.permit(Verb::ReadAudit)?;
    let row = reader.query_one(NEWEST, &[])?;
    row.ok_or(Error::not_found(Noun::Organization))?.get("audit_seq")
}

/// The entries after one, for whoever verifies.
pub(crate) fn all_after(
    reader: &mut Reader<'_>,
    no: AuditNo,
    limit: u32,
) -> Result<Vec<AuditEntry>, Error> {
    let rows = reader.query(AFTER, &[no.into(), i64::from(limit).into()])?;
    rows.into_iter().map(from_row).collect()
}

/// The entries of a chain after one: that of the installation, or one that outlived its
/// organization.
pub(crate) fn of_chain(
    catalog: &mut Catalog<'_>,
    org: OrgNo,
    no: AuditNo,
    limit: u32,
) -> Result<Vec<AuditEntry>, Error> {
    let rows = catalog.query(AFTER, &[org.into(), no.into(), i64::from(limit).into()])?;
    rows.into_iter().map(from_row).collect()
}

/// The head of the installation's chain.
pub(crate) fn installation_head(catalog: &mut Catalog<'_>) -> Result<Head<AuditNo>, Error> {
    read_head(catalog, HEAD)
}

fn read_head(catalog: &mut Catalog<'_>, sql: Sql) -> Result<Head<AuditNo>, Error> {
    let row = catalog.query_one(sql, &[])?;
    let mut row =
        row.ok_or_else(|| Error::damaged("installation", "no=1", "the row is missing"))?;
    Ok(Head { no: row.get("audit_seq")?, hash: row.get("audit_head")? })
}

fn from_row(mut row: Row) -> Result<AuditEntry, Error> {
    let kind: AuditKind = row.get("kind")?;
    let body: String = row.get("body")?;
    let payload = Payload::read(kind, &body).map_err(|error| row.damaged("body", error))?;
    Ok(AuditEntry {
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

//! [`AuditEntry`]: who did what to credentials, roles and settings.
//!
//! Each organization has a chain of its own, which outlives it, and so has the installation: making
//! and deleting an organization, plans, settings.

pub(crate) mod head;
pub mod kinds;
mod trail;

pub use self::{
    head::{SignedHead, compare, heads, last_signed, sign},
    kinds::{AuditKind, Payload},
    trail::Trail,
};
use crate::{
    access::{Principal, Verb},
    db::{Row, Sql, statements},
    error::Error,
    id::{AuditNo, OrgNo, RequestId},
    record::{Act, Entry, Head},
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
    NEWEST = Sql { "select seq from audit where org = $1 order by seq desc limit 1" };
    HEAD = Sql { "select audit_seq, audit_head from installation where no = 1" };
    LOCKED_HEAD = Sql {
        "select c.audit_seq, c.audit_head from installation c where c.no = 1 for update of c"
    };
    MOVE_HEAD = Sql { "update installation set audit_seq = $1, audit_head = $2 where no = 1" };
}

/// The installation's own chain stands under this number; no organization has it.
pub(crate) const INSTALLATION: OrgNo = OrgNo(0);

/// Who did what.
pub type AuditEntry = Entry<Payload>;

/// Writes an entry into the chain of the organization.
pub(crate) fn record(
    writer: &mut Writer<'_>,
    target: &str,
    payload: impl Into<Payload>,
) -> Result<(), Error> {
    let entry = Act::of(writer).entry(writer.audit_head(), target, payload.into())?;
    entry.store(|columns| writer.send(INSERT, columns))
}

/// Writes that a post to the console was not done, because no page of ours sent it.
///
/// # Errors
///
/// Those of the store.
pub fn refused(writer: &mut Writer<'_>, address: &str, reason: &str) -> Result<(), Error> {
    let payload = kinds::ConsoleRefused { address: address.to_owned(), reason: reason.to_owned() };
    record(writer, address, payload)
}

/// Writes an entry into the chain of the installation.
pub(crate) fn record_for_installation(
    catalog: &mut Catalog<'_>,
    (principal, request): (&Principal, Option<RequestId>),
    target: &str,
    payload: impl Into<Payload>,
) -> Result<(), Error> {
    let mut head = read_head(catalog, LOCKED_HEAD)?;
    let act = Act::new(catalog.now, principal, request);
    let entry = act.entry(&mut head, target, payload.into())?;
    entry.store(|columns| catalog.send(INSERT, &[&[INSTALLATION.into()], columns].concat()))?;
    catalog.send(MOVE_HEAD, &[head.no.into(), head.hash.as_slice().into()])
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
/// [`Error::Denied`]; those of the store.
pub fn newest(reader: &mut Reader<'_>) -> Result<AuditNo, Error> {
    reader.permit(Verb::ReadAudit)?;
    let row = reader.query_one(NEWEST, &[])?;
    row.map_or(Ok(AuditNo::START), |mut row| row.get("seq"))
}

/// The entries after one, for whoever verifies.
pub(crate) fn all_after(
    reader: &mut Reader<'_>,
    no: AuditNo,
    limit: u32,
) -> Result<Vec<AuditEntry>, Error> {
    let rows = rows_after(reader, no.into(), limit)?;
    rows.into_iter().map(AuditEntry::from_row).collect()
}

/// The same, as they are stored.
pub(crate) fn rows_after(reader: &mut Reader<'_>, no: i64, limit: u32) -> Result<Vec<Row>, Error> {
    reader.query(AFTER, &[no.into(), i64::from(limit).into()])
}

/// Lets whoever changes something of the installation at this moment wait until this change is done.
pub(crate) fn lock_installation(catalog: &mut Catalog<'_>) -> Result<(), Error> {
    read_head(catalog, LOCKED_HEAD).map(drop)
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

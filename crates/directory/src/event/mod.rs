//! [`Event`]: one change, numbered per organization without gaps, in the transaction that made it.
//!
//! Events are what the application follows. Who did what to credentials and settings is in
//! [another record](crate::audit).

pub mod kinds;
pub(crate) mod retention;

pub use self::kinds::{EventKind, Payload};
use crate::{
    access::Verb,
    db::{Row, statements},
    error::Error,
    id::EventNo,
    record::{Act, Entry},
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
pub type Event = Entry<Payload>;

/// Writes an event. Called once by each verb that changed something, in its transaction.
pub(crate) fn emit(
    writer: &mut Writer<'_>,
    target: &str,
    payload: impl Into<Payload>,
) -> Result<(), Error> {
    let event = Act::of(writer).entry(writer.event_head(), target, payload.into())?;
    event.store(|columns| writer.send(INSERT, columns))
}

/// The events after one, in order, at most `limit`.
///
/// # Errors
///
/// [`Error::EventsPruned`] where the next is not kept any more; [`Error::Denied`]; those of the store.
pub fn after(reader: &mut Reader<'_>, no: EventNo, limit: u32) -> Result<Vec<Event>, Error> {
    reader.permit(Verb::ReadEvents)?;
    let limit = i64::from(limit);
    let [counter, rows] =
        reader.query_each([(retention::STATE, &[]), (AFTER, &[no.into(), limit.into()])])?;
    let through = retention::pruned(counter)?;
    if no < through {
        return Err(Error::EventsPruned { through });
    }
    rows.into_iter().map(Event::from_row).collect()
}

/// The events after one that are stored, whoever asks and whether they are kept or wait to be cleared
/// away.
pub(crate) fn all_after(
    reader: &mut Reader<'_>,
    no: EventNo,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let rows = rows_after(reader, no.into(), limit)?;
    rows.into_iter().map(Event::from_row).collect()
}

/// The same, as they are stored.
pub(crate) fn rows_after(reader: &mut Reader<'_>, no: i64, limit: u32) -> Result<Vec<Row>, Error> {
    reader.query(AFTER, &[no.into(), i64::from(limit).into()])
}

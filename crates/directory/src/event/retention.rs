//! Retention: events that are old enough are out of sight at once, and then cleared away.
//!
//! The chain keeps an anchor: the number and the hash of the newest event that is not kept. The first
//! that is kept follows it, so that the rest can be verified, and the organization's audit, which is
//! never pruned, tells of each anchor.

use super::EventNo;
use crate::{
    access::{Access, Verb},
    audit::{self, kinds},
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    id::OrgNo,
    organization,
    record::Head,
    saml::certificate::hexadecimal,
    store::{Appender, Reader, Store, Writer},
};

statements! {
    STATE = Sql {
        "select event_seq, event_pruned, event_anchor from organization_counter where org = $1"
    };
    AT = Sql { "select at, hash from event where org = $1 and seq = $2" };
    OLDEST = Sql { "select seq from event where org = $1 order by seq limit 1" };
    MOVE = Sql {
        "update organization_counter set event_pruned = $2, event_anchor = $3 where org = $1"
    };
    CLEAR = Sql {
        "delete from event where org = $1 and seq <= $2 and seq <= (select max(seq) from \
         (select seq from event where org = $1 order by seq limit 5000) as piece)"
    };
}

/// The newest event that is not kept, from the row that [`STATE`] reads.
pub(super) fn pruned(counter: Vec<Row>) -> Result<EventNo, Error> {
    anchor_of(counter).map(|anchor| anchor.no)
}

/// The newest event that is not kept, and its hash: what the first that is kept follows.
pub(crate) fn anchor(reader: &mut Reader<'_>) -> Result<Head<EventNo>, Error> {
    anchor_of(reader.query(STATE, &[])?)
}

fn anchor_of(mut counter: Vec<Row>) -> Result<Head<EventNo>, Error> {
    let mut row = counter.pop().ok_or(Error::not_found(Noun::Organization))?;
    Ok(Head { no: row.get("event_pruned")?, hash: row.get("event_anchor")? })
}

/// Puts events from before a time out of sight. Answers how many. Nothing is read but a few events by their
/// numbers, and nothing is written but the anchor.
///
/// Cost: O(log events).
pub(crate) async fn retire(store: &Store, org: OrgNo, before: Time) -> Result<u64, Error> {
    let access = Access::system(org);
    let newest_old = move |reader: &mut Reader<'_>| newest_before(reader, before);
    let Some(anchor) = store.read(&access, newest_old).await? else { return Ok(0) };
    let moved = store.write(&access, move |writer: &mut Writer<'_>| {
        writer.permit(Verb::Upkeep)?;
        let last = self::anchor(writer)?.no;
        // Another server was quicker.
        if last >= anchor.no {
            return Ok(0);
        }
        writer.send(MOVE, &[anchor.no.into(), anchor.hash.as_slice().into()])?;
        let organization = organization::read(writer)?.id.to_string();
        let payload = kinds::EventsPruned { through: anchor.no.0, hash: hexadecimal(&anchor.hash) };
        audit::record(writer, &organization, payload)?;
        Ok((anchor.no.0 - last.0).unsigned_abs())
    });
    moved.await
}

/// The newest event that is kept and from before a time. Times are in the order of the numbers.
///
/// Cost: O(log events).
pub(crate) fn newest_before(
    reader: &mut Reader<'_>,
    before: Time,
) -> Result<Option<Head<EventNo>>, Error> {
    let Some(mut row) = reader.query_one(STATE, &[])? else { return Ok(None) };
    let (newest, pruned): (EventNo, EventNo) = (row.get("event_seq")?, row.get("event_pruned")?);
    let mut old_at = |no: i64| -> Result<Option<Head<EventNo>>, Error> {
        // What is missing is not old: whoever verifies finds it.
        let Some(mut row) = reader.query_one(AT, &[no.into()])? else { return Ok(None) };
        let is_old = row.get::<Time>("at")? < before;
        Ok(if is_old { Some(Head { no: EventNo(no), hash: row.get("hash")? }) } else { None })
    };
    // In most rounds nothing is old.
    let mut found = old_at(pruned.0 + 1)?;
    let (mut old, mut young) = (pruned.0 + 1, newest.0 + 1);
    while found.is_some() && young - old > 1 {
        let middle = old + (young - old) / 2;
        match old_at(middle)? {
            Some(head) => (old, found) = (middle, Some(head)),
            None => young = middle,
        }
    }
    Ok(found)
}

/// Clears away events that are out of sight, 5,000 at the most; the organization is not locked. Answers
/// whether there were some.
pub(crate) async fn clear(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let look = |reader: &mut Reader<'_>| {
        let [counter, oldest] = reader.query_each([(STATE, &[]), (OLDEST, &[])])?;
        let oldest: Option<EventNo> =
            oldest.into_iter().next().map(|mut row| row.get("seq")).transpose()?;
        let pruned = pruned(counter)?;
        Ok::<_, Error>(oldest.filter(|oldest| *oldest <= pruned).map(|_| pruned))
    };
    let Some(pruned) = store.read(&Access::system(org), look).await? else { return Ok(false) };
    let clear = move |appender: &mut Appender<'_>| appender.execute(CLEAR, &[pruned.into()]);
    Ok(store.append(org, clear).await? > 0)
}

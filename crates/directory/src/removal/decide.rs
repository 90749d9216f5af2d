//! What an administrator decides about what is held.

use super::{
    held::set_state,
    judge::{self, Decision, Guard, Own},
    limits::known,
};
use crate::{
    access::Verb,
    audit,
    connection::Connection,
    db::statements,
    error::{Error, Noun},
    event,
    id::{ConnectionId, ResourceId},
    resource::{Kind, find},
    store::Writer,
};

statements! {
    END = Sql {
        "insert into removal_hold (org, connection, hold, decision, ended) values ($1, $2, $3, $4, $5)"
    };
    EMPTY_WINDOW = Sql { "delete from removal_window where org = $1 and connection = $2" };
    DECIDE = Sql {
        "update held_removal set decision = $4, decided = $5 \
         where org = $1 and connection = $2 and no = $3"
    };
}

/// Lets everything through that is held: it passes when the provider asks again. The guard counts anew,
/// from nothing. `expected` is how many the administrator was shown. Answers how many they are.
///
/// Cost: O(1), however many are held.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Conflict`] where nothing is held, or not as many; [`Error::Denied`].
pub fn release(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    expected: Option<i64>,
) -> Result<i64, Error> {
    decide(writer, id, expected, Decision::Release)
}

/// Refuses everything that is held: the people stay, and the provider reads so when it asks again. As
/// long as the window of the guard is, each further removal is held at once.
///
/// Cost: O(1), however many are held.
///
/// # Errors
///
/// As [`release`].
pub fn refuse(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    expected: Option<i64>,
) -> Result<i64, Error> {
    decide(writer, id, expected, Decision::Refuse)
}

fn decide(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    expected: Option<i64>,
    decision: Decision,
) -> Result<i64, Error> {
    writer.permit(Verb::DecideRemovals)?;
    let connection = known(writer, id)?;
    let guard = Guard::read(writer, connection.no())?;
    if guard.since.is_none() {
        return Err(Error::conflict("held", "Nothing is held."));
    }
    if expected.is_some_and(|expected| expected != guard.held) {
        let detail =
            format!("{} removals are held by now. Look again before you decide.", guard.held);
        return Err(Error::conflict("held", detail));
    }
    end(writer, &connection, &guard, decision)?;
    Ok(guard.held)
}

/// Ends the time in which removals are held.
pub(super) fn end(
    writer: &mut Writer<'_>,
    connection: &Connection,
    guard: &Guard,
    decision: Decision,
) -> Result<(), Error> {
    let (no, now, id) = (connection.no(), writer.now(), connection.id.to_string());
    let removals = guard.held;
    writer.send(END, &[no.into(), guard.hold.into(), decision.as_str().into(), now.into()])?;
    set_state(writer, no, (guard.hold, None, 0))?;
    writer.send(EMPTY_WINDOW, &[no.into()])?;
    match decision {
        Decision::Release => {
            audit::record(writer, &id, audit::kinds::RemovalsReleased { removals })?;
            event::emit(writer, &id, event::kinds::RemovalsReleased { removals })
        }
        Decision::Refuse => {
            judge::fill(writer, no, guard)?;
            audit::record(writer, &id, audit::kinds::RemovalsRefused { removals })?;
            event::emit(writer, &id, event::kinds::RemovalsRefused { removals })
        }
    }
}

/// Lets one user or group through, of those that are held or were refused last: it passes when the
/// provider asks again, and the others wait on.
///
/// # Errors
///
/// [`Error::NotFound`], also where it is not held; [`Error::Denied`].
pub fn let_through(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    resource: ResourceId,
) -> Result<(), Error> {
    writer.permit(Verb::DecideRemovals)?;
    let connection = known(writer, id)?;
    let missing = || Error::no_such(Noun::HeldRemoval, resource.to_string());
    let user = find(writer, Kind::USER, resource)?;
    let found = match user {
        Some(user) => Some(user),
        None => find(writer, Kind::GROUP, resource)?,
    };
    let no = found.ok_or_else(missing)?.no;
    let guard = Guard::read(writer, connection.no())?;
    let own = Own::read(writer, connection.no(), no)?;
    own.filter(|own| own.hold == guard.hold && own.alone.is_none()).ok_or_else(missing)?;
    let (decision, now) = (Decision::Release.as_str(), writer.now());
    writer.send(DECIDE, &[connection.no().into(), no.into(), decision.into(), now.into()])?;
    if guard.since.is_some() {
        set_state(writer, connection.no(), (guard.hold, guard.since, guard.held - 1))?;
    }
    let payload = audit::kinds::RemovalLetThrough { connection: id };
    audit::record(writer, &resource.to_string(), payload)
}

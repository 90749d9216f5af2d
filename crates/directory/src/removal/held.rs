//! What is held: written down when a provider asks for it, and shown until someone decides.

use std::collections::HashMap;

use super::{
    judge::{Act, Case, Guard, Held},
    limits::known,
};
use crate::{
    access::{Access, Verb},
    audit,
    clock::Time,
    connection::{self, Connection},
    db::statements,
    error::Error,
    event,
    id::{ConnectionId, ConnectionNo, ResourceNo},
    resource::{Kind, Resource, by_numbers},
    store::{Reader, Store, Writer},
};

statements! {
    HOLD = Sql {
        "insert into held_removal (org, connection, no, hold, act, people, first, last, attempts, \
         decision, decided) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, null, null) \
         on conflict (org, connection, no) do update set hold = $4, act = $5, people = $6, \
         first = $7, last = $8, attempts = $9, decision = null, decided = null"
    };
    STATE = Sql {
        "update removal_guard set hold = $3, since = $4, held = $5 \
         where org = $1 and connection = $2"
    };
    PAGE = Sql {
        "select no, act, people, first, last, attempts from held_removal \
         where org = $1 and connection = $2 and hold = $3 and no > $4 and decision is null \
         order by no limit $5"
    };
    WAITING = Sql {
        "select connection, since, held from removal_guard where org = $1 and since is not null"
    };
}

/// Writes down a removal that was held, in a transaction of its own: the one that was to make it is
/// undone. Where it would pass by now, nothing is written.
///
/// # Errors
///
/// Those of the store.
pub async fn record(store: &Store, access: &Access, held: &Held) -> Result<(), Error> {
    let held = held.clone();
    store.write(access, move |writer| hold(writer, &held)).await
}

/// The same, within a transaction that goes on.
///
/// # Errors
///
/// Those of the store.
pub fn hold(writer: &mut Writer<'_>, held: &Held) -> Result<(), Error> {
    let Some(connection) = writer.managing() else { return Ok(()) };
    let removal = held.removal;
    let case = Case::read(writer, connection, removal)?;
    if !case.is_held(removal) {
        return Ok(());
    }
    let Guard { mut hold, since, held: mut count, .. } = case.guard;
    let now = writer.now();
    if since.is_none() {
        hold += 1;
        count = 0;
        begin(writer, connection, held)?;
    }
    let again = case.own.filter(|own| own.hold == hold && own.alone.is_none());
    count += i64::from(again.is_none());
    let (first, attempts) = again.map_or((now, 0), |own| (own.first, own.attempts));
    let people = again.map_or(0, |own| own.people).max(removal.people);
    let columns = [
        connection.into(),
        removal.no.into(),
        hold.into(),
        removal.act.as_str().into(),
        people.into(),
        first.into(),
        now.into(),
        (attempts + 1).into(),
    ];
    writer.send(HOLD, &columns)?;
    set_state(writer, connection, (hold, Some(since.unwrap_or(now)), count))
}

/// Tells that removals are held from now on.
fn begin(writer: &mut Writer<'_>, connection: ConnectionNo, held: &Held) -> Result<(), Error> {
    let Some(found) = connection::by_no(writer, connection)? else { return Ok(()) };
    let (id, limit, minutes) = (found.id.to_string(), held.allowance, held.minutes);
    audit::record(writer, &id, audit::kinds::RemovalsHeld { limit, minutes })?;
    event::emit(writer, &id, event::kinds::RemovalsHeld { limit, minutes })
}

/// Stores which hold there is, since when, and how many are held in it.
pub(super) fn set_state(
    writer: &mut Writer<'_>,
    connection: ConnectionNo,
    (hold, since, count): (i64, Option<Time>, i64),
) -> Result<(), Error> {
    writer.send(STATE, &[connection.into(), hold.into(), since.into(), count.into()])
}

/// A connection whose removals wait for a decision.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The connection.
    pub connection: Connection,
    /// Since when they do.
    pub since: Time,
    /// How many.
    pub held: i64,
}

/// The connections whose removals wait for a decision.
///
/// Cost: O(connections of the organization).
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn waiting(reader: &mut Reader<'_>) -> Result<Vec<Waiting>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let mut waiting = Vec::new();
    for mut row in reader.query(WAITING, &[])? {
        let no: ConnectionNo = row.get("connection")?;
        let Some(connection) = connection::by_no(reader, no)? else { continue };
        if reader.access().principal().sees(no) {
            waiting.push(Waiting { connection, since: row.get("since")?, held: row.get("held")? });
        }
    }
    Ok(waiting)
}

/// A removal that is held, or that was refused with those that were held last.
#[derive(Clone, Debug)]
pub struct HeldRemoval {
    no: ResourceNo,
    /// The user or group; `None`: it is gone.
    pub resource: Option<Resource>,
    /// What the provider asked for last.
    pub act: Act,
    /// How many people it takes something from.
    pub people: i64,
    /// When the provider asked for it first.
    pub first: Time,
    /// When the provider asked for it last.
    pub last: Time,
    /// How often it did.
    pub attempts: i64,
}

impl HeldRemoval {
    /// Lists go by it.
    #[must_use]
    pub fn no(&self) -> ResourceNo {
        self.no
    }
}

/// What is held of a connection, or was refused last, after a number, at most `limit`.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn held(
    reader: &mut Reader<'_>,
    id: ConnectionId,
    after: Option<ResourceNo>,
    limit: u32,
) -> Result<Vec<HeldRemoval>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let connection = known(reader, id)?.no();
    let guard = Guard::read(reader, connection)?;
    let now = reader.services().clock.now();
    let shows = guard.since.is_some()
        || guard.refused_until(reader, connection)?.is_some_and(|until| now < until);
    if !shows {
        return Ok(Vec::new());
    }
    let after = after.unwrap_or(ResourceNo::START);
    let params = [connection.into(), guard.hold.into(), after.into(), i64::from(limit).into()];
    let mut held = Vec::new();
    for mut row in reader.query(PAGE, &params)? {
        held.push(HeldRemoval {
            no: row.get("no")?,
            resource: None,
            act: row.get("act")?,
            people: row.get("people")?,
            first: row.get("first")?,
            last: row.get("last")?,
            attempts: row.get("attempts")?,
        });
    }
    let mut resources = HashMap::new();
    for (kind, acts) in
        [(Kind::USER, [Act::Archive, Act::Delete]), (Kind::GROUP, [Act::Leave, Act::DeleteGroup])]
    {
        let of_kind = held.iter().filter(|one| acts.contains(&one.act)).map(|one| one.no);
        let numbers: Vec<ResourceNo> = of_kind.collect();
        let found = by_numbers(reader, kind, &numbers)?;
        resources.extend(found.into_iter().map(|resource| (resource.no, resource)));
    }
    for one in &mut held {
        one.resource = resources.remove(&one.no);
    }
    Ok(held)
}

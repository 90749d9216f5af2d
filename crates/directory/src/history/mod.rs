//! The past of an organization, computed from its events; and [`restore()`], which brings back what was
//! lost since.
//!
//! Nothing of the past is stored beside the events. What an event tells of a user or group holds until the
//! next, so a state is found by an index: the newest event about it up to then. Memberships are told as
//! differences: they are counted back from today, or forth from the moment when a group last had no one.
//! So the past costs what has changed since, and not what there is. Where events are not kept any more, the past
//! [ends](Error::HistoryEnds).

mod changes;
mod members;
mod organization;
mod plan;
mod restore;
mod state;
mod told;

pub use self::{
    members::group_members,
    organization::{Counted, counted, tell},
    plan::{Act, Affected, By, Counts, MOST_CHANGES, Plan, SHOWN, Subject, Wanted, plan},
    restore::{Progress, Refused, Restored, restore},
    state::{Then, group, user},
};
use crate::{
    access::Verb,
    clock::Time,
    db::statements,
    error::{Error, Noun},
    event::{self, Event, retention},
    id::{EventNo, ResourceId},
    resource::{Kind, find},
    store::Reader,
};

statements! {
    LAST = Sql {
        "select seq, at, principal, request, kind, target, body, hash from event \
         where org = $1 and target = $2 and seq <= $3 and kind >= $4 and kind <= $5 \
         order by seq desc limit $6"
    };
    NEXT = Sql {
        "select seq, at, principal, request, kind, target, body, hash from event \
         where org = $1 and target = $2 and seq > $3 and kind >= $4 and kind <= $5 \
         order by seq limit $6"
    };
    OF_TARGETS = ListSql {
        "select seq, kind, target, principal from event where org = $1 and seq > $2 and seq <= $3 \
         and kind >= $4 and kind <= $5 and target in (",
        "{}",
        ")"
    };
    TAKEN = Sql {
        "select kind, target, principal from event where org = $1 and seq > $2 and seq <= $3 \
         and kind in (102, 104)"
    };
    // Users are told of without their groups, unless a group had waited for them.
    TOLD = Sql {
        "select seq, at, principal, request, kind, target, body, hash from event \
         where org = $1 and seq > $2 and seq <= $3 and kind >= 100 and kind < 203 \
         and (kind = 104 or kind >= 200 or substr(body, length(body) - 11, 11) <> '\"joined\":[]') \
         order by seq"
    };
    MENTIONS = Sql {
        "select seq, at, principal, request, kind, target, body, hash from event \
         where org = $1 and seq > $2 and seq <= $3 and kind >= 100 and kind < 202 \
         and kind <> 104 and replace(body, $4, '') <> body order by seq"
    };
    COUNTED = Sql {
        "select kind, count(*) as events from event where org = $1 and seq > $2 and seq <= $3 \
         group by kind"
    };
    HERE = ListSql {
        "select id, active, name from resource where org = $1 and kind = $2 and id in (",
        "{}",
        ")"
    };
}

/// Events that are looked through at a time, by their numbers.
const WINDOW: i64 = 2_000;

/// A moment that someone names: the number of an event, after which it is, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After the event with this number; 0: before the first.
    After(EventNo),
    /// At this time.
    At(Time),
}

impl Moment {
    /// Reads a number, or a moment in RFC 3339.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Some(number) = text.parse::<i64>().ok().filter(|number| *number >= 0) {
            return Ok(Self::After(EventNo(number)));
        }
        let wrong = "A moment is the number of an event, or a time in RFC 3339, such as 2030-01-31T12:00:00Z.";
        Time::parse(text).map(Self::At).ok_or_else(|| Error::invalid("at", wrong))
    }
}

/// A moment that events lead back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// The number of the newest event then.
    pub after: EventNo,
    /// The newest event of today.
    pub newest: EventNo,
    /// The newest event that is not kept.
    pub pruned: EventNo,
}

impl Past {
    /// The same organization after another event.
    fn moved(self, after: EventNo) -> Self {
        Self { after, ..self }
    }

    /// Just before an event.
    fn before(self, event: EventNo) -> Self {
        self.moved(EventNo(event.0 - 1))
    }

    fn ends<T>(self) -> Result<T, Error> {
        Err(Error::HistoryEnds { through: self.pruned })
    }
}

/// Finds the moment that someone names.
///
/// Cost: O(log events).
///
/// # Errors
///
/// [`Error::HistoryEnds`]; [`Error::Invalid`] where it has not come yet; [`Error::Denied`].
pub fn at(reader: &mut Reader<'_>, moment: Moment) -> Result<Past, Error> {
    reader.permit(Verb::ReadHistory)?;
    let organization = crate::organization::read(reader)?;
    let (newest, pruned) = (organization.last_event, organization.pruned);
    let after = match moment {
        Moment::After(no) => no,
        Moment::At(time) => {
            let next = Time::from_micros(time.as_micros().saturating_add(1));
            match retention::newest_before(reader, next)? {
                Some(head) => head.no,
                None if pruned == EventNo::START => EventNo::START,
                None => return Err(Error::HistoryEnds { through: pruned }),
            }
        }
    };
    let past = Past { after, newest, pruned };
    match after {
        _ if after > newest => {
            let detail = format!("There is no event {after} yet; the newest is {newest}.");
            Err(Error::invalid("at", detail))
        }
        _ if after < pruned => past.ends(),
        _ => Ok(past),
    }
}

/// The events about one user or group after one of them, oldest first, at most `limit`.
///
/// # Errors
///
/// [`Error::NotFound`] where no event that is kept tells of it, and it is not there; [`Error::Denied`].
pub fn events(
    reader: &mut Reader<'_>,
    of: ResourceId,
    after: EventNo,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    reader.permit(Verb::ReadHistory)?;
    let pruned = retention::anchor(reader)?.no;
    let found = next(reader, &of.to_string(), after.max(pruned), EVERYTHING, limit)?;
    let is_known = !found.is_empty()
        || after > EventNo::START
        || find(reader, Kind::USER, of)?.is_some()
        || find(reader, Kind::GROUP, of)?.is_some();
    if is_known { Ok(found) } else { Err(Error::not_found(Noun::Resource)) }
}

/// Kinds of events, from the first to the last.
type Kinds = (i64, i64);

const EVERYTHING: Kinds = (0, 999);
const STAGED: Kinds = (203, 203);

/// What a state is of: a kind of resource, and the kinds of events that tell its attributes.
#[derive(Clone, Copy, Debug)]
struct Family {
    kind: Kind,
    kinds: Kinds,
}

const PEOPLE: Family = Family { kind: Kind::USER, kinds: (100, 104) };
const TEAMS: Family = Family { kind: Kind::GROUP, kinds: (200, 202) };

/// The events about something up to a number, newest first.
fn last(
    reader: &mut Reader<'_>,
    target: &str,
    until: EventNo,
    (first, last): Kinds,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let limit = i64::from(limit);
    let params = [target.into(), until.into(), first.into(), last.into(), limit.into()];
    reader.query(LAST, &params)?.into_iter().map(Event::from_row).collect()
}

/// The events about something after a number, oldest first.
fn next(
    reader: &mut Reader<'_>,
    target: &str,
    after: EventNo,
    (first, last): Kinds,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let limit = i64::from(limit);
    let params = [target.into(), after.into(), first.into(), last.into(), limit.into()];
    reader.query(NEXT, &params)?.into_iter().map(Event::from_row).collect()
}

/// Ranges of numbers after one and up to another, each small enough for one turn.
fn windows(after: EventNo, until: EventNo) -> impl Iterator<Item = (EventNo, EventNo)> {
    let starts = (after.0..until.0).step_by(usize::try_from(WINDOW).unwrap_or(usize::MAX));
    starts.map(move |start| (EventNo(start), EventNo((start + WINDOW).min(until.0))))
}

/// What is done for each of the events in a range, whatever kind of statement finds them.
fn each_told(
    reader: &mut Reader<'_>,
    (after, until): (EventNo, EventNo),
    mut take: impl FnMut(&mut Reader<'_>, Event) -> Result<(), Error>,
) -> Result<(), Error> {
    for (start, end) in windows(after, until) {
        for row in reader.query(TOLD, &[start.into(), end.into()])? {
            take(reader, event::Event::from_row(row)?)?;
        }
        reader.give_way()?;
    }
    Ok(())
}

//! The feed: the events of all organizations in one order, for whoever follows an installation.
//!
//! Events are numbered within their organization, and nothing orders two organizations: on PostgreSQL
//! their changes commit side by side. So the feed gives places to *ranges* of events, after they were
//! committed. An organization whose events have no place yet is marked (`unfed`) by the change
//! that made the first of them; whoever reads the feed first gives places to all that are marked
//! (`gather`), under the lock of each organization's row, which every change holds until it commits.
//!
//! So every event is in exactly one range, the ranges of one organization follow each other in the order
//! of its events, places are given in the order in which they can be seen, and a page costs what is on
//! it. No clock is asked, and nothing runs while no one reads.

use crate::{
    access::Verb,
    db::{Session, statements},
    error::Error,
    event::{self, Event},
    id::{EventNo, OrgNo, OrganizationId},
    installation::Installation,
    store::{Catalog, Store},
};

statements! {
    MARK = Sql { "insert into unfed (org) values ($1) on conflict (org) do nothing" };
    UNMARK = Sql { "delete from unfed where org = $1" };
    MARKED = Sql { "select org from unfed order by org limit $1" };
    LOCK = Sql {
        "select c.event_seq, c.fed from organization_counter c where c.org = $1 for update of c"
    };
    FED = Sql { "update organization_counter set fed = $2 where org = $1" };
    BEGIN = Sql { "insert into feed_head (no, place) values (1, 0) on conflict (no) do nothing" };
    HEAD = Sql { "select c.place from feed_head c where c.no = 1 for update of c" };
    MOVE_HEAD = Sql { "update feed_head set place = $1 where no = 1" };
    INSERT = Sql { "insert into feed (place, organization, first, last) values ($1, $2, $3, $4)" };
    RANGES = Sql {
        "select place, organization, first, last from feed where place >= $1 order by place limit $2"
    };
    RANGE_OF = Sql {
        "select place, last from feed where organization = $1 and first <= $2 \
         order by first desc limit 1"
    };
    PLACE = Sql { "select place from feed_head where no = 1" };
    ORGANIZATION = Sql {
        "select o.id, c.event_pruned from organization o \
         join organization_counter c on c.org = o.org where o.org = $1 and c.org = $1"
    };
}

/// So many organizations are given places in one transaction: it holds their rows meanwhile.
const PIECE: i64 = 500;

/// How far someone has read: a place, and the last event of its range that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub(crate) place: i64,
    pub(crate) last: i64,
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self { place: 0, last: 0 };

    /// Reads a position as it is printed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (place, last) = text.split_once('.')?;
        Some(Self { place: place.parse().ok()?, last: last.parse().ok()? })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.place, self.last)
    }
}

/// A part of the feed.
#[derive(Clone, Debug)]
pub struct Page {
    /// Events, each with its organization.
    pub events: Vec<(OrganizationId, Event)>,
    /// Where to go on.
    pub next: Position,
    /// Whether more are there already.
    pub more: bool,
    /// What comes after them and is not kept any more.
    pub missing: Option<Missing>,
}

/// Events that a reader of the feed has not read, and that are not kept any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Where they happened.
    pub organization: OrganizationId,
    /// The newest event of the organization that is not kept. A snapshot of it tells the same.
    pub through: EventNo,
    /// Where to go on.
    pub after: Position,
}

/// A part of the feed, as it was read.
pub(crate) struct Part {
    pub(crate) told: Vec<Told>,
    pub(crate) next: Position,
    pub(crate) missing: Option<Missing>,
}

/// An event as it was read, where it happened, and where to go on after it.
pub(crate) struct Told {
    pub(crate) org: OrgNo,
    pub(crate) organization: OrganizationId,
    pub(crate) event: Event,
    pub(crate) after: Position,
}

/// A change has written events: whoever reads the feed will look.
pub(crate) fn mark(session: &mut Session, org: OrgNo) -> Result<(), Error> {
    session.send(MARK, &[org.into()])
}

/// A range that has a place.
struct Range {
    place: i64,
    org: OrgNo,
    first: i64,
    last: i64,
}

/// The events after a position, at most `limit`.
///
/// Cost: O(events on the page), and O(organizations that have changed since someone last asked).
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub async fn after(
    installation: &Installation,
    position: Position,
    limit: u32,
) -> Result<Page, Error> {
    installation.permit(Verb::ReadEvents)?;
    gather_all(installation.store()).await?;
    let by = installation.clone();
    installation
        .store()
        .read_catalog(move |catalog| {
            let Part { told, next, missing } = read(catalog, &by, position, limit as usize)?;
            let more = told.len() >= limit as usize || missing.is_some();
            let events = told.into_iter().map(|told| (told.organization, told.event)).collect();
            Ok(Page { events, next, more, missing })
        })
        .await
}

/// After everything that has happened.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub async fn now(installation: &Installation) -> Result<Position, Error> {
    installation.permit(Verb::ReadEvents)?;
    gather_all(installation.store()).await?;
    let place = installation.store().read_catalog(newest).await?;
    Ok(Position { place, last: i64::MAX })
}

/// Gives places to everything that has none.
pub(crate) async fn gather_all(store: &Store) -> Result<(), Error> {
    while gather(store).await? {}
    Ok(())
}

/// The place that was given last: what happens from now on comes after it.
pub(crate) fn newest(catalog: &mut Catalog<'_>) -> Result<i64, Error> {
    let row = catalog.query_one(PLACE, &[])?;
    row.map_or(Ok(0), |mut row| row.get("place"))
}

/// Where to begin so that this event is the first. `None`: it has no place, or is not kept any more.
pub(crate) fn before(
    catalog: &mut Catalog<'_>,
    org: OrgNo,
    event: EventNo,
) -> Result<Option<Position>, Error> {
    let Some(mut row) = catalog.query_one(RANGE_OF, &[org.into(), event.into()])? else {
        return Ok(None);
    };
    let (place, last): (i64, i64) = (row.get("place")?, row.get("last")?);
    let pruned = organization(catalog, org)?.map_or(0, |(_, pruned)| pruned);
    Ok((pruned + 1..=last).contains(&event.0).then_some(Position { place, last: event.0 - 1 }))
}

/// Which organizations changed after a place, in the order of places, and the place of each change.
pub(crate) fn changed_after(
    catalog: &mut Catalog<'_>,
    place: i64,
    limit: i64,
) -> Result<Vec<(i64, OrgNo)>, Error> {
    let ranges = ranges(catalog, place + 1, limit)?;
    Ok(ranges.into_iter().map(|range| (range.place, range.org)).collect())
}

/// Gives places to what has none. Answers whether there may be more to do.
async fn gather(store: &Store) -> Result<bool, Error> {
    if store.read_catalog(|catalog| marked(catalog, 1)).await?.is_empty() {
        return Ok(false);
    }
    let gathered = store.write_catalog(|catalog| {
        catalog.send(BEGIN, &[])?;
        // Whoever gathers at the same time waits here.
        let mut place: i64 = match catalog.query_one(HEAD, &[])? {
            Some(mut row) => row.get("place")?,
            None => return Err(Error::damaged("feed_head", "no=1", "the row is missing")),
        };
        let organizations = marked(catalog, PIECE)?;
        for org in &organizations {
            // A change that is under way ends first; the next one waits until the mark is gone.
            if let Some(mut row) = catalog.query_one(LOCK, &[(*org).into()])? {
                let (newest, fed): (i64, i64) = (row.get("event_seq")?, row.get("fed")?);
                if newest > fed {
                    place += 1;
                    let range = [place.into(), (*org).into(), (fed + 1).into(), newest.into()];
                    catalog.send(INSERT, &range)?;
                    catalog.send(FED, &[(*org).into(), newest.into()])?;
                }
            }
            catalog.send(UNMARK, &[(*org).into()])?;
        }
        catalog.send(MOVE_HEAD, &[place.into()])?;
        Ok(i64::try_from(organizations.len()).unwrap_or(i64::MAX) >= PIECE)
    });
    gathered.await
}

fn marked(catalog: &mut Catalog<'_>, limit: i64) -> Result<Vec<OrgNo>, Error> {
    let rows = catalog.query(MARKED, &[limit.into()])?;
    rows.into_iter().map(|mut row| row.get("org")).collect()
}

/// The events after a position, at most `limit`, for whoever was asked for the right to read them, and
/// where to go on. It ends before what is not kept any more.
pub(crate) fn read(
    catalog: &mut Catalog<'_>,
    by: &Installation,
    mut position: Position,
    limit: usize,
) -> Result<Part, Error> {
    let mut events = Vec::new();
    while events.len() < limit {
        let from = position.place.max(1);
        let want = i64::try_from(limit - events.len()).unwrap_or(i64::MAX).saturating_add(1);
        let ranges = ranges(catalog, from, want)?;
        let count = ranges.len();
        let before = position;
        for range in ranges {
            if events.len() >= limit {
                break;
            }
            let missing = take(catalog, by, &range, (&mut position, limit), &mut events)?;
            if missing.is_some() {
                return Ok(Part { told: events, next: position, missing });
            }
        }
        // No range was there, or only the one that was read to its end before.
        if position == before || i64::try_from(count).is_ok_and(|count| count < want) {
            break;
        }
    }
    Ok(Part { told: events, next: position, missing: None })
}

/// The id of an organization, and its newest event that is not kept, where it is there.
fn organization(
    catalog: &mut Catalog<'_>,
    org: OrgNo,
) -> Result<Option<(OrganizationId, i64)>, Error> {
    let row = catalog.query_one(ORGANIZATION, &[org.into()])?;
    row.map(|mut row| Ok((row.get("id")?, row.get("event_pruned")?))).transpose()
}

fn ranges(catalog: &mut Catalog<'_>, from: i64, limit: i64) -> Result<Vec<Range>, Error> {
    let rows = catalog.query(RANGES, &[from.into(), limit.into()])?;
    let range = |mut row: crate::db::Row| {
        Ok(Range {
            place: row.get("place")?,
            org: row.get("organization")?,
            first: row.get("first")?,
            last: row.get("last")?,
        })
    };
    rows.into_iter().map(range).collect()
}

/// Reads what is left of a range, as far as there is room. An organization that was deleted has nothing
/// to tell any more. Answers what is missing of it, where its first events are not kept.
fn take(
    catalog: &mut Catalog<'_>,
    by: &Installation,
    range: &Range,
    (position, limit): (&mut Position, usize),
    events: &mut Vec<Told>,
) -> Result<Option<Missing>, Error> {
    let last = if position.place == range.place { position.last } else { range.first - 1 };
    *position = Position { place: range.place, last };
    let room = i64::try_from(limit - events.len()).unwrap_or(i64::MAX).min(range.last - last);
    if room <= 0 {
        return Ok(None);
    }
    let Some((id, pruned)) = organization(catalog, range.org)? else {
        position.last = range.last;
        return Ok(None);
    };
    if last < pruned {
        let after = Position { place: range.place, last: pruned.min(range.last) };
        return Ok(Some(Missing { organization: id, through: EventNo(pruned), after }));
    }
    let access = by.access(range.org)?;
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    let found = event::all_after(&mut catalog.reader(&access), EventNo(last), room)?;
    position.last = found.last().map_or(range.last, |event| event.no.0);
    let place = range.place;
    events.extend(found.into_iter().map(|event| Told {
        org: range.org,
        organization: id,
        after: Position { place, last: event.no.0 },
        event,
    }));
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_position_is_read_as_it_is_printed() {
        let position = Position { place: 7, last: 42 };
        assert_eq!(Position::parse(&position.to_string()), Some(position));
        for text in ["", "7", "7.", ".7", "a.b", "7.4.2"] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }
}

//! [`check`]: whether a removal passes.

use std::{fmt, time::Duration};

use super::limits::Limits;
use crate::{
    clock::Time,
    connection::State,
    db::{Row, statements},
    error::{Error, Noun, Rule},
    id::{ConnectionNo, ResourceNo},
    keyword::keyword,
    resource::{Group, User},
    store::{Reader, Writer},
};

statements! {
    GUARD = Sql {
        "select g.is_on, g.people, g.percent, g.minutes, g.managed, g.hold, g.since, g.held, c.state \
         from removal_guard g join connection c on c.org = $1 and c.no = $2 \
         where g.org = $1 and g.connection = $2"
    };
    WINDOW = Sql {
        "select at, people, gone from removal_window where org = $1 and connection = $2"
    };
    OWN = Sql {
        "select h.hold, h.act, h.people, h.first, h.attempts, h.decision, h.decided, \
         d.decision as hold_decision, d.ended from held_removal h \
         left join removal_hold d on d.org = $1 and d.connection = $2 and d.hold = h.hold \
         where h.org = $1 and h.connection = $2 and h.no = $3"
    };
    ENDED = Sql {
        "select decision, ended from removal_hold where org = $1 and connection = $2 and hold = $3"
    };
    COUNT = Sql {
        "insert into removal_window (org, connection, at, people, gone) values ($1, $2, $3, $4, $5) \
         on conflict (org, connection, at) do update set \
         people = removal_window.people + $4, gone = removal_window.gone + $5"
    };
    FORGET_OLD = Sql {
        "delete from removal_window where org = $1 and connection = $2 and at <= $3"
    };
    DONE = Sql { "delete from held_removal where org = $1 and connection = $2 and no = $3" };
}

/// So long it counts what an administrator has decided about a removal. Then it is as if it had never
/// been asked for: whoever leaves later must not stay because of what was refused long ago.
pub const DECISION_HOLDS: Duration = Duration::from_hours(7 * 24);

/// After so many seconds the provider comes again, at first; then after twice as many, and so on, but
/// never after more than [`LONGEST_WAIT`]. Okta asks ten times at most, so an administrator has about a
/// day.
const FIRST_WAIT: u32 = 300;
pub(crate) const LONGEST_WAIT: u32 = 6 * 3_600;

/// The window has so many steps.
const STEPS: i64 = 12;
const MINUTE: i64 = 60_000_000;

keyword! {
    /// In which way someone is taken away.
    Act {
        /// A user is archived.
        Archive = "archive",
        /// A user is deleted.
        Delete = "delete",
        /// People are taken out of a group.
        Leave = "leave",
        /// A group is deleted.
        DeleteGroup = "delete-group",
    }
}

keyword! {
    /// What an administrator has decided about what is held.
    Decision {
        /// It passes when the provider asks again.
        Release = "release",
        /// It is refused when the provider asks again: the people stay.
        Refuse = "refuse",
    }
}

/// Something that a provider is about to take away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    /// The user, or the group.
    pub(super) no: ResourceNo,
    pub(super) act: Act,
    /// How many people it takes something from.
    pub(super) people: i64,
    /// How many of them are active now, and will not be.
    gone: i64,
}

impl Removal {
    /// A user is archived.
    pub(crate) fn archive(user: &User) -> Self {
        Self { no: user.no, act: Act::Archive, people: 1, gone: 1 }
    }

    /// A user is deleted.
    pub(crate) fn delete(user: &User) -> Self {
        let gone = i64::from(user.is_active());
        Self { no: user.no, act: Act::Delete, people: 1, gone }
    }

    /// So many are members of a group no longer.
    pub(crate) fn leave(group: ResourceNo, people: i64) -> Self {
        Self { no: group, act: Act::Leave, people, gone: 0 }
    }

    /// A group is deleted.
    pub(crate) fn delete_group(group: &Group) -> Self {
        Self { no: group.no, act: Act::DeleteGroup, people: group.member_count(), gone: 0 }
    }
}

/// A removal that is held. Nothing was changed; [`hold`](super::hold) writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub(super) removal: Removal,
    /// How many pass in the window.
    pub(super) allowance: i64,
    pub(super) minutes: i64,
    wait: u32,
}

impl Held {
    /// After so many seconds the provider is to ask again.
    #[must_use]
    pub fn retry_after(&self) -> u32 {
        self.wait
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { allowance, minutes, .. } = self;
        write!(
            f,
            "Held: more than {allowance} removals in {minutes} minutes. Nothing was changed. An \
             administrator must release or refuse them; then ask again."
        )
    }
}

/// The guard of a connection, as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guard {
    pub(super) is_on: bool,
    state: State,
    pub(super) limits: Limits,
    /// How many active people the connection manages.
    pub(super) managed: i64,
    /// The number of the time in which removals are held, or were last.
    pub(super) hold: i64,
    /// Since when they are.
    pub(super) since: Option<Time>,
    /// How many are held and not decided.
    pub(super) held: i64,
}

impl Guard {
    pub(super) fn read(reader: &mut Reader<'_>, connection: ConnectionNo) -> Result<Self, Error> {
        Self::of(reader.query_one(GUARD, &[connection.into()])?)
    }

    fn of(row: Option<Row>) -> Result<Self, Error> {
        let mut row = row.ok_or(Error::not_found(Noun::Connection))?;
        Ok(Self {
            is_on: row.get("is_on")?,
            state: row.get("state")?,
            limits: Limits {
                people: row.get("people")?,
                percent: row.get("percent")?,
                minutes: row.get("minutes")?,
            },
            managed: row.get("managed")?,
            hold: row.get("hold")?,
            since: row.get("since")?,
            held: row.get("held")?,
        })
    }

    /// Whether it holds anything: not while the connection is set up, where people are tried out and
    /// taken away again, and no one comes in.
    fn watches(&self) -> bool {
        self.is_on && self.state != State::Setup
    }

    /// Until when what was held last is refused, if it was.
    pub(super) fn refused_until(
        &self,
        reader: &mut Reader<'_>,
        connection: ConnectionNo,
    ) -> Result<Option<Time>, Error> {
        let Some(mut row) = reader.query_one(ENDED, &[connection.into(), self.hold.into()])? else {
            return Ok(None);
        };
        let ended: Time = row.get("ended")?;
        let is_refused = row.get::<Decision>("decision")? == Decision::Refuse;
        Ok(is_refused.then(|| ended.plus(DECISION_HOLDS)))
    }
}

/// What was taken away lately.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    /// How many removals there were.
    pub(super) people: i64,
    /// How many active people are gone by them.
    pub(super) gone: i64,
    /// When the newest step began.
    newest: Option<Time>,
}

impl Window {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        connection: ConnectionNo,
        limits: Limits,
        now: Time,
    ) -> Result<Self, Error> {
        Self::of(reader.query(WINDOW, &[connection.into()])?, limits, now)
    }

    /// A step of the window is a twelfth of it, and one that has begun within it counts whole. Older ones
    /// are there until the next step begins.
    fn of(rows: Vec<Row>, limits: Limits, now: Time) -> Result<Self, Error> {
        let mut window = Self::default();
        for mut row in rows {
            let at: Time = row.get("at")?;
            window.newest = window.newest.max(Some(at));
            if at > begin(limits, now) {
                window.people += row.get::<i64>("people")?;
                window.gone += row.get::<i64>("gone")?;
            }
        }
        Ok(window)
    }
}

/// What begins later counts.
fn begin(limits: Limits, now: Time) -> Time {
    Time::from_micros(now.as_micros() - limits.minutes * MINUTE - step(limits))
}

/// How long a step of the window is, in microseconds.
fn step(limits: Limits) -> i64 {
    limits.minutes * MINUTE / STEPS
}

/// The same user or group, where it was held before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub(super) hold: i64,
    act: Act,
    pub(super) people: i64,
    pub(super) first: Time,
    pub(super) attempts: i64,
    /// What was decided about this one alone, and not about all that was held with it.
    pub(super) alone: Option<Decision>,
    decided: Option<(Decision, Time)>,
}

impl Own {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        connection: ConnectionNo,
        no: ResourceNo,
    ) -> Result<Option<Self>, Error> {
        Self::of(reader.query_one(OWN, &[connection.into(), no.into()])?)
    }

    fn of(row: Option<Row>) -> Result<Option<Self>, Error> {
        let Some(mut row) = row else { return Ok(None) };
        let alone: Option<Decision> = row.get("decision")?;
        let of_all: Option<Decision> = row.get("hold_decision")?;
        let decided = alone.zip(row.get("decided")?).or(of_all.zip(row.get("ended")?));
        Ok(Some(Self {
            hold: row.get("hold")?,
            act: row.get("act")?,
            people: row.get("people")?,
            first: row.get("first")?,
            attempts: row.get("attempts")?,
            alone,
            decided,
        }))
    }

    /// What was decided about a removal, if it is the one that was held: what is larger is not released
    /// with it, and what is smaller is not refused with it.
    pub(super) fn decision(&self, removal: Removal, now: Time) -> Option<Decision> {
        let (decision, at) = self.decided?;
        let is_it = match decision {
            Decision::Release => removal.act == self.act && removal.people <= self.people,
            Decision::Refuse => removal.people >= self.people,
        };
        (is_it && now < at.plus(DECISION_HOLDS)).then_some(decision)
    }
}

/// What is known about a removal.
pub(super) struct Case {
    pub(super) guard: Guard,
    window: Window,
    pub(super) own: Option<Own>,
    pub(super) decision: Option<Decision>,
    allowance: i64,
}

impl Case {
    pub(super) fn read(
        writer: &mut Writer<'_>,
        connection: ConnectionNo,
        removal: Removal,
    ) -> Result<Self, Error> {
        let now = writer.now();
        let [mut guard, mut own, window] = writer.query_each([
            (GUARD, &[connection.into()]),
            (OWN, &[connection.into(), removal.no.into()]),
            (WINDOW, &[connection.into()]),
        ])?;
        let guard = Guard::of(guard.pop())?;
        let own = Own::of(own.pop())?;
        let window = Window::of(window, guard.limits, now)?;
        let decision = own.and_then(|own| own.decision(removal, now));
        // Those who were there before the window began.
        let managed = guard.managed + writer.managed_since(connection) + window.gone;
        let allowance = guard.limits.allowance(managed);
        Ok(Self { guard, window, own, decision, allowance })
    }

    /// Whether the guard stops this.
    pub(super) fn is_held(&self, removal: Removal) -> bool {
        let Self { guard, window, .. } = self;
        let is_over = window.people + removal.people > self.allowance;
        guard.watches() && self.decision.is_none() && (guard.since.is_some() || is_over)
    }

    fn held(&self, removal: Removal) -> Held {
        let again =
            self.own.filter(|own| own.hold == self.guard.hold && self.guard.since.is_some());
        let doubled = again.map_or(0, |own| u32::try_from(own.attempts).unwrap_or(0).min(10));
        Held {
            removal,
            allowance: self.allowance,
            minutes: self.guard.limits.minutes,
            wait: (FIRST_WAIT << doubled).min(LONGEST_WAIT),
        }
    }
}

/// Makes sure that a removal passes, and counts it. Called before anything is changed, or where that is
/// undone.
///
/// Cost: one question of at most 30 rows, and one or two statements for which no one waits.
///
/// # Errors
///
/// [`Error::Held`]; [`Error::Denied`] where an administrator has refused it.
pub(crate) fn check(writer: &mut Writer<'_>, removal: Removal) -> Result<(), Error> {
    let Some(connection) = writer.managing().filter(|_| removal.people > 0) else { return Ok(()) };
    let case = Case::read(writer, connection, removal)?;
    match case.decision {
        Some(Decision::Release) => {
            return writer.send(DONE, &[connection.into(), removal.no.into()]);
        }
        Some(Decision::Refuse) => {
            return Err(Error::denied(
                Rule::RemovalRefused,
                "An administrator has refused this removal, so nothing was changed and the people \
                 stay. Where it is meant, let it through in the list of held removals, and try again.",
            ));
        }
        None => {}
    }
    if case.is_held(removal) {
        return Err(Error::Held(Box::new(case.held(removal))));
    }
    if case.guard.watches() {
        count(writer, connection, &case.window, case.guard.limits, removal)?;
    }
    Ok(())
}

/// Counts what passes.
fn count(
    writer: &mut Writer<'_>,
    connection: ConnectionNo,
    window: &Window,
    limits: Limits,
    Removal { people, gone, .. }: Removal,
) -> Result<(), Error> {
    let now = writer.now();
    let at = current(limits, now);
    if window.newest != Some(at) {
        writer.send(FORGET_OLD, &[connection.into(), begin(limits, now).into()])?;
    }
    writer.send(COUNT, &[connection.into(), at.into(), people.into(), gone.into()])
}

/// When the step of the window began that is now.
fn current(limits: Limits, now: Time) -> Time {
    Time::from_micros(now.as_micros() - now.as_micros().rem_euclid(step(limits)))
}

/// Counts as many as pass: as long as the window is, each removal is held at once.
pub(super) fn fill(
    writer: &mut Writer<'_>,
    connection: ConnectionNo,
    guard: &Guard,
) -> Result<(), Error> {
    let (at, most) = (current(guard.limits, writer.now()), guard.limits.people);
    writer.send(COUNT, &[connection.into(), at.into(), most.into(), 0.into()])
}

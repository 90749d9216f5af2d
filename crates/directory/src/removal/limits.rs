//! [`Limits`]: how many people a provider may take away before the rest are held.

use super::judge::{Guard, Window};
use crate::{
    access::Verb,
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection},
    db::statements,
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into removal_guard (org, connection, is_on, people, percent, minutes, managed, hold, \
         since, held) values ($1, $2, $3, $4, $5, $6, 0, 0, null, 0)"
    };
    SET = Sql {
        "update removal_guard set is_on = $3, people = $4, percent = $5, minutes = $6 \
         where org = $1 and connection = $2"
    };
    DELETE_GUARD = Sql { "delete from removal_guard where org = $1 and connection = $2" };
    DELETE_WINDOW = Sql { "delete from removal_window where org = $1 and connection = $2" };
    DELETE_HOLDS = Sql { "delete from removal_hold where org = $1 and connection = $2" };
    DELETE_HELD = Sql { "delete from held_removal where org = $1 and connection = $2" };
}

/// So many removals pass whatever part of the people they are: of five people, one is twenty percent.
pub(crate) const ALWAYS_PASS: i64 = 10;
/// The most people that may be let through.
pub(crate) const MOST_PEOPLE: i64 = 1_000_000;
/// The longest window, in minutes.
pub(crate) const LONGEST_WINDOW: i64 = 24 * 60;

/// How many removals pass in a time; more are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// More than so many people are held.
    pub people: i64,
    /// More than so many percent of the active people whom the connection manages are held, where that
    /// is more than ten people.
    pub percent: i64,
    /// In so many minutes.
    pub minutes: i64,
}

impl Default for Limits {
    /// More than 500 people, or 20 percent, within an hour.
    fn default() -> Self {
        Self { people: 500, percent: 20, minutes: 60 }
    }
}

impl Limits {
    /// Makes sure that these are limits.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] that says what they may be.
    pub fn checked(self) -> Result<Self, Error> {
        let within = |name: &'static str, value: i64, most: i64| {
            if (1..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::invalid(name, format!("\"{name}\" is a number from 1 to {most}.")))
        };
        within("people", self.people, MOST_PEOPLE)?;
        within("percent", self.percent, 100)?;
        within("minutes", self.minutes, LONGEST_WINDOW)?;
        Ok(self)
    }

    /// How many removals pass, where so many people are there.
    pub(super) fn allowance(self, people: i64) -> i64 {
        self.people.min((people * self.percent / 100).max(ALWAYS_PASS))
    }
}

/// The guard of a connection, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it lets through. While it is off, what it would.
    pub limits: Limits,
    /// Whether it is on.
    pub is_on: bool,
    /// How many active people the connection manages.
    pub managed: i64,
    /// How many removals pass in the window, of so many people.
    pub allowance: i64,
    /// How many were made in the window.
    pub counted: i64,
    /// Since when removals are held; `None`: none is.
    pub since: Option<Time>,
    /// How many are held and not decided.
    pub held: i64,
    /// Until when those that were refused last stay refused.
    pub refused_until: Option<Time>,
}

/// The guard of a connection.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn show(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Shown, Error> {
    reader.permit(Verb::ReadConnections)?;
    let connection = known(reader, id)?;
    let now = reader.services().clock.now();
    let guard = Guard::read(reader, connection.no())?;
    let window = Window::read(reader, connection.no(), guard.limits, now)?;
    let refused_until = match guard.since {
        Some(_) => None,
        None => guard.refused_until(reader, connection.no())?.filter(|until| now < *until),
    };
    Ok(Shown {
        limits: guard.limits,
        is_on: guard.is_on,
        managed: guard.managed,
        allowance: guard.limits.allowance(guard.managed + window.gone),
        counted: window.people,
        since: guard.since,
        held: guard.held,
        refused_until,
    })
}

/// Sets what the guard of a connection lets through, from its next removal on; `None` switches it off, and
/// lets what is held through. Answers whether something changed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Denied`].
pub fn set(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    limits: Option<Limits>,
) -> Result<bool, Error> {
    writer.permit(Verb::ChangeRemovalGuard)?;
    let connection = known(writer, id)?;
    let guard = Guard::read(writer, connection.no())?;
    let wanted = limits.unwrap_or(guard.limits).checked()?;
    let is_on = limits.is_some();
    if (is_on, wanted) == (guard.is_on, guard.limits) {
        return Ok(false);
    }
    writer.send(
        SET,
        &[
            connection.no().into(),
            is_on.into(),
            wanted.people.into(),
            wanted.percent.into(),
            wanted.minutes.into(),
        ],
    )?;
    let Limits { people, percent, minutes } = wanted;
    let payload = kinds::RemovalGuardChanged { is_on, people, percent, minutes };
    audit::record(writer, &id.to_string(), payload)?;
    if !is_on && guard.since.is_some() {
        super::decide::end(writer, &connection, &guard, super::Decision::Release)?;
    }
    Ok(true)
}

/// The connection with this id.
pub(super) fn known(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Connection, Error> {
    let found = connection::by_id(reader, id)?;
    found.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))
}

/// Sets up the guard of a new connection.
pub(crate) fn guard_connection(
    writer: &mut Writer<'_>,
    connection: ConnectionNo,
    limits: Option<Limits>,
) -> Result<(), Error> {
    let Limits { people, percent, minutes } = limits.unwrap_or_default().checked()?;
    let is_on = limits.is_some();
    writer.send(
        INSERT,
        &[connection.into(), is_on.into(), people.into(), percent.into(), minutes.into()],
    )
}

/// A connection is deleted: nothing is held for it any more.
pub(crate) fn forget_connection(
    writer: &mut Writer<'_>,
    connection: ConnectionNo,
) -> Result<(), Error> {
    for sql in [DELETE_GUARD, DELETE_WINDOW, DELETE_HOLDS, DELETE_HELD] {
        writer.send(sql, &[connection.into()])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn the_smaller_of_people_and_percent_passes_and_ten_always_do() {
        let limits = Limits { people: 500, percent: 20, minutes: 60 };
        for (people, passes) in [(0, 10), (50, 10), (51, 10), (100, 20), (2_500, 500), (9_999, 500)]
        {
            assert_eq!(limits.allowance(people), passes, "{people}");
        }
        assert_eq!(Limits { people: 3, ..limits }.allowance(1_000), 3);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        let good = Limits::default();
        good.checked().expect("the default is good");
        for bad in [
            Limits { people: 0, ..good },
            Limits { percent: 101, ..good },
            Limits { minutes: 1_441, ..good },
        ] {
            bad.checked().expect_err("it is no limit");
        }
    }
}

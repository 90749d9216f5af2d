//! [`Session`]: a connection to one of the engines, and the transaction that is open on it.

use super::{
    link::{Link, borrowed},
    pipeline::NotCommitted,
    scope::Scope,
    statement::{ListSql, PIECES, Sql, Text},
    value::{Param, Row},
};
use crate::error::Error;

/// Whether a savepoint was sent to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// It is sent before the first change: a part that changes nothing costs nothing.
    NotYet,
    Yes,
}

/// A savepoint, by the number of those around it. What happens after it can be undone alone.
#[derive(Clone, Copy, Debug)]
#[must_use = "a savepoint must be released, or rolled back to"]
pub(crate) struct Savepoint(usize);

/// A connection to one of the engines, and the transaction that is open on it.
///
/// Only the store begins and ends transactions; the domain sees a session through a reader or a
/// writer, which binds the organization.
///
/// On PostgreSQL no one waits for a statement whose outcome is not asked for ([`Pipeline`](super::pipeline::Pipeline)): the
/// beginning of a transaction goes with its first statement, the last changes with the commit.
pub(crate) struct Session {
    link: Link,
    /// The savepoints that are open, each inside of the one before. None: the work has the
    /// transaction to itself, and undoing it is rolling back.
    savepoints: Vec<Sent>,
    /// Whether it is known that the transaction began. A change waits for that: where beginning has
    /// failed, PostgreSQL would commit each change by itself.
    began: bool,
}

impl Session {
    pub(super) fn new(link: Link) -> Self {
        Self { link, savepoints: Vec::new(), began: false }
    }

    /// Begins a transaction that sees one state of the store and changes nothing.
    pub(crate) fn begin_read(&mut self, scope: Scope) -> Result<(), Error> {
        self.begin("begin deferred", "begin isolation level repeatable read, read only", scope)
    }

    /// Begins a transaction that may change rows.
    pub(crate) fn begin_write(&mut self, scope: Scope) -> Result<(), Error> {
        self.begin("begin immediate", "begin", scope)
    }

    fn begin(&mut self, sqlite: &str, postgres: &str, scope: Scope) -> Result<(), Error> {
        self.savepoints.clear();
        match &mut self.link {
            Link::Sqlite(link) => link.run(sqlite)?,
            Link::Postgres(link) => {
                link.client.send_text(format!("{postgres}; {}", scope.setting()));
            }
        }
        self.began = false;
        Ok(())
    }

    /// Ends a transaction that changed nothing. Nobody waits for that.
    pub(crate) fn end_read(&mut self) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(link) => link.run("rollback"),
            Link::Postgres(link) if link.client.is_closed() => {
                Err(Error::Unavailable("the connection is closed".to_owned()))
            }
            Link::Postgres(link) => {
                link.client.send_text("rollback".to_owned());
                // Otherwise PostgreSQL would hold the state that it saw until the next read.
                link.client.flush();
                Ok(())
            }
        }
    }

    pub(crate) fn commit(&mut self) -> Result<(), NotCommitted> {
        match &mut self.link {
            Link::Sqlite(link) => link.run("commit").map_err(NotCommitted::Unknown),
            Link::Postgres(link) => link.client.commit(),
        }
    }

    /// Undoes what the transaction changed, and ends it.
    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(link) => link.run("rollback"),
            Link::Postgres(link) => {
                // What failed until now is the reason, and is known already.
                let _ = link.client.settle();
                link.client.batch_execute("rollback")
            }
        }
    }

    /// Whether the transaction is still usable after a statement of it failed. SQLite rolls back
    /// by itself on some failures (a full disk); PostgreSQL can only go back to a savepoint.
    pub(crate) fn survives_failure(&self) -> bool {
        match &self.link {
            Link::Sqlite(link) => !link.connection.is_autocommit(),
            Link::Postgres(link) => {
                self.savepoints.first() == Some(&Sent::Yes) && !link.client.is_closed()
            }
        }
    }

    /// Whether what failed last is a statement that no one waited for: any of those since the last
    /// that somebody did wait for.
    pub(crate) fn failed_late(&self) -> bool {
        match &self.link {
            Link::Sqlite(_) => false,
            Link::Postgres(link) => link.client.failed_late(),
        }
    }

    /// Waits until everything that was sent is done.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(_) => Ok(()),
            Link::Postgres(link) => {
                link.client.settle()?;
                self.began = true;
                Ok(())
            }
        }
    }

    /// How often somebody waited for an answer of PostgreSQL. On SQLite no one does.
    pub(crate) fn round_trips(&self) -> u64 {
        match &self.link {
            Link::Sqlite(_) => 0,
            Link::Postgres(link) => link.client.round_trips(),
        }
    }

    /// Opens a savepoint.
    pub(crate) fn savepoint(&mut self) -> Savepoint {
        self.savepoints.push(Sent::NotYet);
        Savepoint(self.savepoints.len() - 1)
    }

    /// Keeps what happened after a savepoint, and closes it.
    ///
    /// Savepoints inside of this one that were not closed (the engine failed, or the work
    /// panicked) end with it.
    pub(crate) fn release(&mut self, Savepoint(at): Savepoint) -> Result<(), Error> {
        let closed = self.savepoints.drain(at..).next();
        if closed != Some(Sent::Yes) {
            return Ok(());
        }
        self.control(format!("release {}", name(at)))
    }

    /// Undoes what happened after a savepoint, and closes it.
    pub(crate) fn roll_back_to(&mut self, savepoint: Savepoint) -> Result<(), Error> {
        if self.savepoints.get(savepoint.0) == Some(&Sent::Yes) {
            self.control(format!("rollback to {}", name(savepoint.0)))?;
        }
        self.release(savepoint)
    }

    /// Runs a statement about savepoints.
    fn control(&mut self, text: String) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(link) => link.run(&text),
            Link::Postgres(link) => {
                link.client.send_text(text);
                Ok(())
            }
        }
    }

    fn before_change(&mut self) -> Result<(), Error> {
        if !self.began {
            self.settle()?;
        }
        for at in 0..self.savepoints.len() {
            if self.savepoints[at] == Sent::NotYet {
                self.control(format!("savepoint {}", name(at)))?;
                self.savepoints[at] = Sent::Yes;
            }
        }
        Ok(())
    }

    /// Runs a statement that reads.
    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.rows(Text::One(sql), params)
    }

    /// Runs several statements that read, none of which depends on the answer to another.
    pub(crate) fn query_each(
        &mut self,
        questions: &[(Sql, Vec<Param<'_>>)],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let answers = match &mut self.link {
            Link::Sqlite(link) => {
                let one = |(sql, params): &(Sql, Vec<_>)| link.rows(Text::One(*sql), params);
                questions.iter().map(one).collect()
            }
            Link::Postgres(link) => link.rows_of_each(questions),
        }?;
        self.began = true;
        Ok(answers)
    }

    /// Runs a statement that changes rows and answers with some of them (`returning`).
    pub(crate) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.before_change()?;
        self.query(sql, params)
    }

    /// Runs a statement that changes rows, and answers how many.
    pub(crate) fn execute(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<u64, Error> {
        self.before_change()?;
        match &mut self.link {
            Link::Sqlite(link) => {
                let (mut statement, _) = link.prepare(Text::One(sql))?;
                let changed = statement.execute(rusqlite::params_from_iter(params))?;
                Ok(changed as u64)
            }
            Link::Postgres(link) => {
                let (statement, _) = link.prepare(Text::One(sql))?;
                link.client.execute(&statement, &borrowed(params))
            }
        }
    }

    /// Runs a statement that changes rows, and of which no one asks how many. Where it fails, so does
    /// what comes after it in the transaction, at the latest the commit.
    pub(crate) fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error> {
        self.before_change()?;
        self.send_text(Text::One(sql), params)
    }

    /// The same with a list statement.
    pub(crate) fn send_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<(), Error> {
        self.before_change()?;
        for (items, params) in pieces(fixed, items) {
            self.send_text(Text::List { sql, fixed: fixed.len(), items }, &params)?;
        }
        Ok(())
    }

    fn send_text(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(link) => {
                let (mut statement, _) = link.prepare(text)?;
                // It may answer rows that no one asks for.
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                while rows.next()?.is_some() {}
                Ok(())
            }
            Link::Postgres(link) => link.send(text, params),
        }
    }

    /// Runs a list statement that reads, in pieces.
    pub(crate) fn query_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        for (items, params) in pieces(fixed, items) {
            rows.extend(self.rows(Text::List { sql, fixed: fixed.len(), items }, &params)?);
        }
        Ok(rows)
    }

    /// Runs a list statement that changes rows; answers the rows of its `returning`.
    pub(crate) fn change_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        self.before_change()?;
        self.query_list(sql, fixed, items)
    }

    /// Adds whole rows of so many columns, in pieces.
    pub(super) fn insert(
        &mut self,
        sql: &ListSql,
        columns: usize,
        params: &[Param<'_>],
    ) -> Result<(), Error> {
        self.before_change()?;
        let mut rest = params;
        for size in PIECES {
            while rest.len() >= size * columns {
                let (piece, tail) = rest.split_at(size * columns);
                rest = tail;
                self.rows(Text::List { sql, fixed: 0, items: size }, piece)?;
            }
        }
        Ok(())
    }

    /// The connection, to do with it what a session does not.
    pub(super) fn into_link(self) -> Link {
        self.link
    }

    fn rows(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let rows = match &mut self.link {
            Link::Sqlite(link) => link.rows(text, params),
            Link::Postgres(link) => link.rows(text, params),
        }?;
        self.began = true;
        Ok(rows)
    }
}

/// The pieces in which a list is sent: how many elements, and all parameters.
fn pieces<'p, 'i, const N: usize>(
    fixed: &'i [Param<'p>],
    items: &'i [[Param<'p>; N]],
) -> impl Iterator<Item = (usize, Vec<Param<'p>>)> + use<'p, 'i, N> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let size = PIECES.into_iter().find(|size| *size <= rest.len())?;
        let (piece, tail) = rest.split_at(size);
        rest = tail;
        let mut params = Vec::with_capacity(fixed.len() + size * N);
        params.extend_from_slice(fixed);
        params.extend(piece.iter().flatten().copied());
        Some((size, params))
    })
}

/// The name of a savepoint.
fn name(at: usize) -> String {
    format!("part_{at}")
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("savepoints", &self.savepoints).finish_non_exhaustive()
    }
}

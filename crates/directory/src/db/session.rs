//! [`Session`]: a connection to one of the engines, and the transaction that is open on it.

use std::collections::HashMap;

use postgres::Statement;

use super::{
    statement::{ListSql, PIECES, Sql, for_sqlite},
    value::{Param, Row},
};
use crate::error::Error;

/// A connection to one of the two engines.
pub(super) enum Link {
    Sqlite(rusqlite::Connection),
    Postgres(Box<PostgresLink>),
}

/// A PostgreSQL connection with the statements it has prepared.
pub(super) struct PostgresLink {
    pub(super) client: postgres::Client,
    pub(super) prepared: HashMap<String, Statement>,
}

impl PostgresLink {
    fn prepare(&mut self, text: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text)?;
        self.prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// A part of the transaction that can be undone alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Savepoint {
    /// It is set before the first change.
    Armed,
    /// It is set.
    Set,
}

/// A part of the transaction that was begun with [`Session::arm`]: how many it is inside of.
#[derive(Clone, Copy, Debug)]
#[must_use = "a part that was begun must be ended"]
pub(super) struct Part(usize);

/// A connection to one of the engines, and the transaction that is open on it.
///
/// Only the store begins and ends transactions; the domain sees a session through a scope, which
/// binds the organization.
pub(crate) struct Session {
    link: Link,
    /// The parts that are open, each inside of the one before. None: the work has the transaction
    /// to itself, and undoing it is rolling back.
    savepoints: Vec<Savepoint>,
}

impl Session {
    pub(super) fn new(link: Link) -> Self {
        Self { link, savepoints: Vec::new() }
    }

    /// Begins a transaction that sees one state of the store and changes nothing.
    pub(super) fn begin_read(&mut self) -> Result<(), Error> {
        self.batch("begin deferred", "begin isolation level repeatable read, read only")
    }

    /// Begins a transaction that may change rows.
    pub(super) fn begin_write(&mut self) -> Result<(), Error> {
        self.savepoints.clear();
        self.batch("begin immediate", "begin")
    }

    pub(super) fn commit(&mut self) -> Result<(), Error> {
        self.batch("commit", "commit")
    }

    pub(super) fn rollback(&mut self) -> Result<(), Error> {
        self.batch("rollback", "rollback")
    }

    /// Whether the transaction is still usable after a statement of it failed. SQLite rolls back
    /// by itself on some failures (a full disk); PostgreSQL can only go back to a savepoint.
    pub(super) fn survives_failure(&self) -> bool {
        match &self.link {
            Link::Sqlite(connection) => !connection.is_autocommit(),
            Link::Postgres(link) => {
                self.savepoints.first() == Some(&Savepoint::Set) && !link.client.is_closed()
            }
        }
    }

    /// Says that what follows must be undoable alone, until [`Session::disarm`].
    pub(super) fn arm(&mut self) -> Part {
        self.savepoints.push(Savepoint::Armed);
        Part(self.savepoints.len() - 1)
    }

    /// Ends a part, keeping or undoing its changes. Parts inside of it that were not ended (the
    /// engine failed, or the work panicked) end with it.
    pub(super) fn disarm(&mut self, Part(at): Part, keep: bool) -> Result<(), Error> {
        let ended = self.savepoints.drain(at..).next();
        if ended != Some(Savepoint::Set) {
            return Ok(());
        }
        let text = if keep {
            format!("release part_{at}")
        } else {
            format!("rollback to part_{at}; release part_{at}")
        };
        self.batch(&text, &text)
    }

    fn batch(&mut self, sqlite: &str, postgres: &str) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(connection) => connection.execute_batch(sqlite)?,
            Link::Postgres(link) => link.client.batch_execute(postgres)?,
        }
        Ok(())
    }

    fn before_change(&mut self) -> Result<(), Error> {
        for at in 0..self.savepoints.len() {
            if self.savepoints[at] == Savepoint::Armed {
                let text = format!("savepoint part_{at}");
                self.batch(&text, &text)?;
                self.savepoints[at] = Savepoint::Set;
            }
        }
        Ok(())
    }

    /// Runs a statement that reads.
    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.rows(sql.text(), params)
    }

    /// Runs a statement that changes rows and answers with some of them (`returning`).
    pub(crate) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.before_change()?;
        self.rows(sql.text(), params)
    }

    /// Runs a statement that changes rows, and answers how many.
    pub(crate) fn execute(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<u64, Error> {
        self.before_change()?;
        match &mut self.link {
            Link::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&for_sqlite(sql.text()))?;
                let changed = statement.execute(rusqlite::params_from_iter(params))?;
                Ok(changed as u64)
            }
            Link::Postgres(link) => {
                let statement = link.prepare(sql.text())?;
                let params: Vec<_> = params.iter().map(|param| param as _).collect();
                Ok(link.client.execute(&statement, &params)?)
            }
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
        let mut rest = items;
        for size in PIECES {
            while rest.len() >= size {
                let (piece, tail) = rest.split_at(size);
                rest = tail;
                let mut params = Vec::with_capacity(fixed.len() + size * N);
                params.extend_from_slice(fixed);
                params.extend(piece.iter().flatten().copied());
                rows.extend(self.rows(&sql.text(fixed.len(), size), &params)?);
            }
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

    fn rows(&mut self, text: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        match &mut self.link {
            Link::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&for_sqlite(text))?;
                let columns = statement.column_count();
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(Row::from_sqlite(row, columns)?);
                }
                Ok(found)
            }
            Link::Postgres(link) => {
                let statement = link.prepare(text)?;
                let params: Vec<&(dyn postgres::types::ToSql + Sync)> =
                    params.iter().map(|param| param as _).collect();
                link.client.query(&statement, &params)?.iter().map(Row::from_postgres).collect()
            }
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("savepoints", &self.savepoints).finish_non_exhaustive()
    }
}

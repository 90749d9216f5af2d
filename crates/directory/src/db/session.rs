//! [`Session`]: a connection to one of the engines, and the transaction that is open on it.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use postgres::Statement;

use super::{
    statement::{ListSql, PIECES, Sql, Text, TextKey, for_sqlite, table_of},
    value::{Param, Row, Shape},
};
use crate::error::Error;

/// A connection to one of the two engines.
pub(super) enum Link {
    Sqlite(SqliteLink),
    Postgres(Box<PostgresLink>),
}

/// A SQLite connection with what is known of the statements that it has run.
pub(super) struct SqliteLink {
    pub(super) connection: rusqlite::Connection,
    /// The text as SQLite reads it, and the shape of its rows.
    known: HashMap<TextKey, (String, Arc<Shape>)>,
}

/// A PostgreSQL connection with the statements that it has prepared.
pub(super) struct PostgresLink {
    pub(super) client: postgres::Client,
    prepared: HashMap<TextKey, (Statement, Arc<Shape>)>,
}

impl SqliteLink {
    pub(super) fn new(connection: rusqlite::Connection) -> Self {
        Self { connection, known: HashMap::new() }
    }

    /// The statement, and the shape of its rows.
    fn prepare(
        &mut self,
        text: Text<'_>,
    ) -> Result<(rusqlite::CachedStatement<'_>, Arc<Shape>), Error> {
        let Self { connection, known } = self;
        let (translated, shape) = match known.entry(text.key()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let written = text.written();
                let translated = for_sqlite(&written);
                let statement = connection.prepare_cached(&translated)?;
                let columns = statement.column_names().map(str::to_owned).collect();
                let shape = Shape { table: table_of(&written).to_owned(), columns };
                place.insert((translated, Arc::new(shape)))
            }
        };
        Ok((connection.prepare_cached(translated)?, Arc::clone(shape)))
    }

    fn rows(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let (mut statement, shape) = self.prepare(text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let first = first_param(params);
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(Row::from_sqlite(row, &shape, first)?);
        }
        Ok(found)
    }
}

impl PostgresLink {
    pub(super) fn new(client: postgres::Client) -> Self {
        Self { client, prepared: HashMap::new() }
    }

    fn prepare(&mut self, text: Text<'_>) -> Result<(Statement, Arc<Shape>), Error> {
        let Self { client, prepared } = self;
        let prepared = match prepared.entry(text.key()) {
            Entry::Occupied(prepared) => prepared.into_mut(),
            Entry::Vacant(place) => {
                let written = text.written();
                let statement = client.prepare(&written)?;
                let columns = statement.columns().iter().map(|one| one.name().to_owned()).collect();
                let shape = Shape { table: table_of(&written).to_owned(), columns };
                place.insert((statement, Arc::new(shape)))
            }
        };
        Ok(prepared.clone())
    }

    fn rows(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let (statement, shape) = self.prepare(text)?;
        let first = first_param(params);
        let params: Vec<&(dyn postgres::types::ToSql + Sync)> =
            params.iter().map(|param| param as _).collect();
        let rows = self.client.query(&statement, &params)?;
        rows.iter().map(|row| Row::from_postgres(row, &shape, first)).collect()
    }
}

fn first_param(params: &[Param<'_>]) -> Option<i64> {
    match params.first() {
        Some(Param::Int(number)) => Some(*number),
        _ => None,
    }
}

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
pub(crate) struct Session {
    link: Link,
    /// The savepoints that are open, each inside of the one before. None: the work has the
    /// transaction to itself, and undoing it is rolling back.
    savepoints: Vec<Sent>,
}

impl Session {
    pub(super) fn new(link: Link) -> Self {
        Self { link, savepoints: Vec::new() }
    }

    /// Begins a transaction that sees one state of the store and changes nothing.
    pub(crate) fn begin_read(&mut self) -> Result<(), Error> {
        self.batch("begin deferred", "begin isolation level repeatable read, read only")
    }

    /// Begins a transaction that may change rows.
    pub(crate) fn begin_write(&mut self) -> Result<(), Error> {
        self.savepoints.clear();
        self.batch("begin immediate", "begin")
    }

    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        self.batch("commit", "commit")
    }

    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.batch("rollback", "rollback")
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
        let text = format!("release {}", name(at));
        self.batch(&text, &text)
    }

    /// Undoes what happened after a savepoint, and closes it.
    pub(crate) fn roll_back_to(&mut self, savepoint: Savepoint) -> Result<(), Error> {
        if self.savepoints.get(savepoint.0) == Some(&Sent::Yes) {
            let text = format!("rollback to {}", name(savepoint.0));
            self.batch(&text, &text)?;
        }
        self.release(savepoint)
    }

    fn batch(&mut self, sqlite: &str, postgres: &str) -> Result<(), Error> {
        match &mut self.link {
            Link::Sqlite(link) => {
                link.connection.prepare_cached(sqlite)?.execute([])?;
            }
            Link::Postgres(link) => link.client.batch_execute(postgres)?,
        }
        Ok(())
    }

    fn before_change(&mut self) -> Result<(), Error> {
        for at in 0..self.savepoints.len() {
            if self.savepoints[at] == Sent::NotYet {
                let text = format!("savepoint {}", name(at));
                self.batch(&text, &text)?;
                self.savepoints[at] = Sent::Yes;
            }
        }
        Ok(())
    }

    /// Runs a statement that reads.
    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.rows(Text::One(sql), params)
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
                let text = Text::List { sql, fixed: fixed.len(), items: size };
                rows.extend(self.rows(text, &params)?);
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
        match &mut self.link {
            Link::Sqlite(link) => link.rows(text, params),
            Link::Postgres(link) => link.rows(text, params),
        }
    }
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

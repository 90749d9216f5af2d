//! [`Link`]: a connection to one of the two engines, with the statements that it has run before.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use tokio_postgres::{Statement, types::ToSql};

use super::{
    pipeline::Pipeline,
    statement::{Sql, Text, TextKey, for_sqlite, table_of},
    value::{Cell, Param, Row, Shape},
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
    pub(super) client: Pipeline,
    prepared: HashMap<TextKey, (Statement, Arc<Shape>)>,
}

impl SqliteLink {
    pub(super) fn new(connection: rusqlite::Connection) -> Self {
        Self { connection, known: HashMap::new() }
    }

    /// The statement, and the shape of its rows.
    pub(super) fn prepare(
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

    /// Runs a statement without parameters or rows.
    pub(super) fn run(&mut self, text: &str) -> Result<(), Error> {
        self.connection.prepare_cached(text)?.execute([]).map(drop)?;
        Ok(())
    }

    pub(super) fn rows(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
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
    pub(super) fn new(client: Pipeline) -> Self {
        Self { client, prepared: HashMap::new() }
    }

    pub(super) fn prepare(&mut self, text: Text<'_>) -> Result<(Statement, Arc<Shape>), Error> {
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

    pub(super) fn rows(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let (statement, shape) = self.prepare(text)?;
        let rows = self.client.query(&statement, &borrowed(params))?;
        read(&rows, &shape, params)
    }

    pub(super) fn rows_of_each(
        &mut self,
        questions: &[(Sql, Vec<Param<'_>>)],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let mut statements = Vec::with_capacity(questions.len());
        let mut shapes = Vec::with_capacity(questions.len());
        for (sql, params) in questions {
            let (statement, shape) = self.prepare(Text::One(*sql))?;
            statements.push((statement, borrowed(params)));
            shapes.push(shape);
        }
        let answers = self.client.query_each(statements)?;
        let asked = shapes.iter().zip(questions);
        answers
            .iter()
            .zip(asked)
            .map(|(rows, (shape, (_, params)))| read(rows, shape, params))
            .collect()
    }

    pub(super) fn send(&mut self, text: Text<'_>, params: &[Param<'_>]) -> Result<(), Error> {
        let (statement, _) = self.prepare(text)?;
        self.client.send(statement, params.iter().map(Cell::from).collect());
        Ok(())
    }
}

/// Parameters as the client of PostgreSQL takes them.
pub(super) fn borrowed<'p>(params: &'p [Param<'_>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| param as _).collect()
}

fn read(
    rows: &[tokio_postgres::Row],
    shape: &Arc<Shape>,
    params: &[Param<'_>],
) -> Result<Vec<Row>, Error> {
    let first = first_param(params);
    rows.iter().map(|row| Row::from_postgres(row, shape, first)).collect()
}

fn first_param(params: &[Param<'_>]) -> Option<i64> {
    match params.first() {
        Some(Param::Int(number)) => Some(*number),
        _ => None,
    }
}

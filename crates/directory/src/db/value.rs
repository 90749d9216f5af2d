//! [`Param`] and [`Row`]: what both engines can hold.

use std::{fmt, sync::Arc};

use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut};

use crate::{
    clock::Time,
    error::{Damage, Error},
};

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<Time> for Param<'_> {
    fn from(time: Time) -> Self {
        Self::Int(time.as_micros())
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Cell> for Param<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Int(value) => Self::Int(*value),
            Cell::Text(text) => Self::Text(text),
            Cell::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql_checked(ty, out),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        ToSql::to_sql(self, ty, out)
    }
}

/// One value of a row.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&Param<'_>> for Cell {
    fn from(param: &Param<'_>) -> Self {
        match param {
            Param::Null => Self::Null,
            Param::Int(value) => Self::Int(*value),
            Param::Text(text) => Self::Text((*text).to_owned()),
            Param::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
}

/// A parameter that is sent later than it is given.
impl ToSql for Cell {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let param = match self {
            Self::Null => Param::Null,
            Self::Int(value) => Param::Int(*value),
            Self::Text(text) => Param::Text(text),
            Self::Bytes(bytes) => Param::Bytes(bytes),
        };
        ToSql::to_sql(&param, ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        ToSql::to_sql(self, ty, out)
    }
}

/// What a cell does not hold: the name of what was expected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mismatch(pub(crate) &'static str);

/// What can be read from a cell.
pub(crate) trait FromCell: Sized {
    /// Reads it.
    fn from_cell(cell: Cell) -> Result<Self, Mismatch>;
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        match cell {
            Cell::Int(value) => Ok(value),
            _ => Err(Mismatch("a whole number")),
        }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        i64::from_cell(cell)?.try_into().map_err(|_| Mismatch("a count"))
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        match cell {
            Cell::Int(0) => Ok(false),
            Cell::Int(1) => Ok(true),
            _ => Err(Mismatch("0 or 1")),
        }
    }
}

impl FromCell for Time {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        i64::from_cell(cell).map(Self::from_micros)
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        match cell {
            Cell::Text(text) => Ok(text),
            _ => Err(Mismatch("a text")),
        }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        match cell {
            Cell::Bytes(bytes) => Ok(bytes),
            _ => Err(Mismatch("bytes")),
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        match cell {
            Cell::Null => Ok(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// What all rows of a statement have in common.
#[derive(Debug)]
pub(super) struct Shape {
    /// The first table that the statement names.
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// One row of an answer. Columns are read by their names.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    shape: Arc<Shape>,
    /// The first parameter of the statement: the organization, for nearly all.
    first_param: Option<i64>,
    cells: Vec<Cell>,
}

impl Row {
    pub(super) fn from_sqlite(
        row: &rusqlite::Row<'_>,
        shape: &Arc<Shape>,
        first_param: Option<i64>,
    ) -> Result<Self, Error> {
        let mut read = Self { shape: Arc::clone(shape), first_param, cells: Vec::new() };
        read.cells.reserve_exact(shape.columns.len());
        for at in 0..shape.columns.len() {
            let cell = match row.get_ref(at)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Int(value),
                ValueRef::Text(text) => match str::from_utf8(text) {
                    Ok(text) => Cell::Text(text.to_owned()),
                    Err(_) => return Err(read.damaged(&shape.columns[at], "it is not UTF-8")),
                },
                ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
                ValueRef::Real(_) => {
                    return Err(read.damaged(&shape.columns[at], "it is a fraction"));
                }
            };
            read.cells.push(cell);
        }
        Ok(read)
    }

    pub(super) fn from_postgres(
        row: &tokio_postgres::Row,
        shape: &Arc<Shape>,
        first_param: Option<i64>,
    ) -> Result<Self, Error> {
        let mut cells = Vec::with_capacity(row.len());
        for (at, column) in row.columns().iter().enumerate() {
            cells.push(match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(Cell::Null, Cell::Int),
                Type::INT4 => row
                    .try_get::<_, Option<i32>>(at)?
                    .map_or(Cell::Null, |value| Cell::Int(value.into())),
                Type::BYTEA => {
                    row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Cell::Null, Cell::Bytes)
                }
                _ => row.try_get::<_, Option<String>>(at)?.map_or(Cell::Null, Cell::Text),
            });
        }
        Ok(Self { shape: Arc::clone(shape), first_param, cells })
    }

    /// Its values, in the order of its columns.
    pub(super) fn into_cells(self) -> Vec<Cell> {
        self.cells
    }

    /// A number in a column, which stays there.
    pub(crate) fn number(&self, column: &str) -> Result<i64, Error> {
        let at = self.shape.columns.iter().position(|name| name == column);
        match at.and_then(|at| self.cells.get(at)) {
            Some(Cell::Int(number)) => Ok(*number),
            _ => Err(self.damaged(column, "something else is there in the place of a number")),
        }
    }

    /// The value of a column. Texts and bytes are taken out of the row.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] where it is not what the schema promises.
    pub(crate) fn get<T: FromCell>(&mut self, column: &str) -> Result<T, Error> {
        let Some(at) = self.shape.columns.iter().position(|name| name == column) else {
            return Err(self.damaged(column, "the statement does not select it"));
        };
        let cell = match &mut self.cells[at] {
            Cell::Int(value) => Cell::Int(*value),
            cell => std::mem::replace(cell, Cell::Null),
        };
        let null = matches!(cell, Cell::Null);
        T::from_cell(cell).map_err(|Mismatch(expected)| {
            let found = if null { "nothing is there" } else { "something else is there" };
            self.damaged(column, format!("{found} in the place of {expected}"))
        })
    }

    /// That a column does not hold what it must.
    pub(crate) fn damaged(&self, column: &str, problem: impl fmt::Display) -> Error {
        /// Columns that are part of a key.
        const KEYS: [&str; 10] =
            ["no", "kind", "seq", "id", "slug", "name", "member_set", "level", "block", "role"];
        let org = self.first_param.map(|org| format!("$1={org}"));
        let named = self.shape.columns.iter().zip(&self.cells);
        let keys = named.filter(|(name, _)| KEYS.contains(&name.as_str()) && *name != column);
        let keys = keys.filter_map(|(name, cell)| match cell {
            Cell::Int(value) => Some(format!("{name}={value}")),
            Cell::Text(text) if text.len() <= 100 => Some(format!("{name}={text}")),
            _ => None,
        });
        Error::Damaged(Box::new(Damage {
            table: self.shape.table.clone(),
            column: column.to_owned(),
            key: org.into_iter().chain(keys).collect::<Vec<_>>().join(" "),
            problem: problem.to_string(),
        }))
    }
}

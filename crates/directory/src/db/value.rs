//! [`Param`] and [`Row`]: what both engines can hold.

use postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::Error;

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
enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row of an answer. Columns are read by position, in the order of the statement.
#[derive(Clone, Debug)]
pub(crate) struct Row(Vec<Cell>);

impl Row {
    pub(super) fn from_sqlite(row: &rusqlite::Row<'_>, columns: usize) -> Result<Self, Error> {
        let mut cells = Vec::with_capacity(columns);
        for column in 0..columns {
            cells.push(match row.get_ref(column)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(value) => Cell::Int(value),
                ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
                ValueRef::Real(_) => return Err(Error::corrupt("a fraction in the store")),
            });
        }
        Ok(Self(cells))
    }

    pub(super) fn from_postgres(row: &postgres::Row) -> Result<Self, Error> {
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
        Ok(Self(cells))
    }

    /// A whole number.
    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        self.opt_int(column)?.ok_or_else(|| Error::corrupt("a number is missing in the store"))
    }

    /// A whole number, or none.
    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.0.get(column) {
            Some(Cell::Int(value)) => Ok(Some(*value)),
            Some(Cell::Null) => Ok(None),
            _ => Err(Error::corrupt("a number is something else in the store")),
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, column: usize) -> Result<String, Error> {
        self.opt_text(column)?.ok_or_else(|| Error::corrupt("a text is missing in the store"))
    }

    /// A text, or none. Takes it out of the row.
    pub(crate) fn opt_text(&mut self, column: usize) -> Result<Option<String>, Error> {
        match self.0.get_mut(column).map(|cell| std::mem::replace(cell, Cell::Null)) {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            _ => Err(Error::corrupt("a text is something else in the store")),
        }
    }

    /// Bytes. Takes them out of the row.
    pub(crate) fn bytes(&mut self, column: usize) -> Result<Vec<u8>, Error> {
        match self.0.get_mut(column).map(|cell| std::mem::replace(cell, Cell::Null)) {
            Some(Cell::Bytes(bytes)) => Ok(bytes),
            _ => Err(Error::corrupt("bytes are missing in the store")),
        }
    }
}

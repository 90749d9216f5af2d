//! The engine room: the only module that knows SQLite from PostgreSQL.
//!
//! [`Location`] opens an engine, [`Session`] runs statements on whichever it is, and [`Row`] gives
//! back what was found, column by name. Nothing here knows what the tables mean; the room next
//! door, [`crate::store`], does.

mod backup;
mod connect;
mod distribution;
mod failure;
pub(crate) mod link;
mod lock;
pub(crate) mod migrate;
mod open;
mod pipeline;
mod postgres_url;
mod scope;
mod session;
pub(crate) mod statement;
mod statistics;
mod tls;
mod transfer;
mod value;
mod wall;

#[cfg(test)]
pub(crate) mod lint;

pub use self::{
    backup::{Copied, Staged},
    distribution::{Distributed, Placement},
    lock::{LOCK_FILE, Lock},
    open::Location,
    transfer::{Transfer, Transferred},
    wall::Wall,
};
pub(crate) use self::{
    open::Purpose,
    pipeline::{ANSWER_LIMIT, NotCommitted},
    scope::Scope,
    session::Session,
    statement::{ListSql, Sql, statements},
    value::{Cell, FromCell, Mismatch, Param, Row},
};

/// The version of the SQLite inside.
pub(crate) fn sqlite_version() -> &'static str {
    rusqlite::version()
}

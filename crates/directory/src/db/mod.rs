//! The only module that knows SQLite from PostgreSQL.
//!
//! [`Store`] takes work in, [`Session`](session::Session) runs statements on whichever engine, and
//! the scopes [`Reader`] and [`Writer`] bind the organization, so that no statement of the domain
//! can reach into another one.

mod batch;
mod connect;
mod failure;
mod migrate;
mod open;
mod postgres_url;
mod queue;
mod scope;
pub(crate) mod session;
pub(crate) mod statement;
mod store;
mod surroundings;
mod tls;
mod value;

#[cfg(test)]
mod lint;

pub(crate) use self::{
    migrate::newest_migration,
    scope::Catalog,
    statement::{ListSql, Sql, statements},
    value::{Param, Row},
};
pub use self::{
    open::Location,
    scope::{Reader, Writer},
    store::{Store, StoreOptions},
};

//! The directory: organizations, connections, tokens, users, groups and their events, in a store
//! on SQLite or PostgreSQL.
//!
//! A verb of the domain is an ordinary function over a scope of one organization, [`Reader`] or
//! [`Writer`]; [`Store`] runs it in a transaction. The crate knows no HTTP.
//!
//! ```no_run
//! # async fn f(store: directory::Store, caller: directory::token::Caller, user: scim::Object)
//! # -> Result<(), directory::Error> {
//! let created = store
//!     .write(&caller.tenant, &caller.actor(), move |writer| directory::user::create(writer, &user))
//!     .await?;
//! # Ok(()) }
//! ```

pub mod about;
mod base62;
mod chance;
mod clock;
pub mod connection;
pub mod custom;
mod db;
mod error;
pub mod event;
pub mod group;
mod id;
mod index;
pub mod installation;
mod kind;
mod member;
pub mod organization;
mod pending;
mod rank;
pub mod reap;
mod resource;
pub mod schemas;
pub mod seal;
pub mod search;
pub mod token;
pub mod user;
pub mod verify;

pub use crate::{
    chance::Chance,
    clock::{Clock, ManualClock, SystemClock, Time},
    db::{Location, Reader, Store, StoreOptions, Writer},
    error::Error,
    event::Actor,
    id::{ConnectionId, KeyNo, OrganizationId, RequestId, ResourceId, ResourceNo},
    member::{Member, Membership},
    organization::Tenant,
    resource::{Page, Record},
};

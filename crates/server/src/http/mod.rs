//! The shell around every surface: connections, bodies, paths, queries and addresses.
//!
//! Nothing here knows SCIM. Where an answer must be rendered (a panic, say), the caller passes the
//! rendering in. [`serve()`] runs an application on a listener; [`Limits`] says how much of
//! everything there may be.

pub mod address;
pub mod body;
mod connection;
mod drain;
pub mod failures;
mod limits;
pub mod media_type;
pub mod panic;
pub mod path;
pub mod query;
mod serve;
pub mod stream;

pub use self::{
    address::{LimitKey, PeerAddress, TrustedProxies},
    drain::Drain,
    limits::{KB, Limits, MB},
    query::Query,
    serve::serve,
};

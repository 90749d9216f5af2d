//! The shell around every surface: connections, bodies, paths, queries and addresses.
//!
//! Nothing here knows SCIM or any other surface: an error is an `HttpError`, which the surface that
//! the address belongs to renders in its own form. [`serve()`] runs an application on a listener; [`Limits`] says how much of
//! everything there may be.

pub mod address;
pub mod auth_failures;
pub mod body;
pub mod close;
mod connection;
mod drain;
pub mod host;
pub(crate) mod large_bodies;
mod limits;
pub mod method;
pub mod panic;
pub mod path;
pub mod query;
pub(crate) mod rate;
pub mod request_id;
mod serve;
pub mod stream;

pub use self::{
    address::{LimitKey, PeerAddress, TrustedProxies},
    drain::Drain,
    large_bodies::LARGE,
    limits::{FIXED, KB, Limits, MB},
    query::Query,
    serve::serve,
};

//! For tests: clients that change organizations over HTTP, and remember what they were told.
//!
//! A [`Worker`] changes people and a team that no one else touches, so it knows how each must be:
//! what was acknowledged must be there, and what was not must be there whole or not at all. A
//! [`Tenant`] is an organization with its workers; it is [audited](Tenant::audit) by reading all of
//! it. A [`Journal`] writes down what was sent and acknowledged, for whoever judges it later.

pub mod audit;
mod client;
mod journal;
mod random;
mod tenant;
mod worker;

pub use self::{
    client::{Client, Outcome},
    journal::{HEADER, Journal, Kind, Record},
    random::Random,
    tenant::{Tenant, Unacknowledged},
    worker::{State, Worker},
};

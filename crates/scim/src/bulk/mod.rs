//! Bulk requests, RFC 7644 §3.7 and SCIM 1.1 protocol §3.5: many changes in one request.
//!
//! [`Request`] is the main type. [`order()`] says in which order its operations are done: what an
//! operation refers to by `bulkId:…` comes first (`reference`), and operations that refer to
//! each other are one [`Step`]. [`Outcome`] is what came of one of them. Nothing here runs
//! anything.

mod graph;
mod operation;
mod outcome;
pub mod reference;
mod request;

pub use self::{
    graph::{Step, order},
    operation::{Call, Method, Named, Operation, Path},
    outcome::Outcome,
    request::{Refusal, Request},
};

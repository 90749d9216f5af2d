//! SCIM without I/O: the data model of RFC 7643, the protocol rules of RFC 7644 and the shapes of
//! SCIM 1.1, over one attribute tree.
//!
//! The crate knows no clock, no socket, no database and no async runtime. It takes bytes and
//! values and returns values. The main types are:
//!
//! * [`Object`] and [`Value`]: a resource as an ordered tree with case-insensitive names;
//! * [`schema::ResourceSchema`]: what is known about one resource type, as data;
//! * [`Filter`] and [`Path`]: parsed, printable, evaluable;
//! * [`patch`]: the operations of RFC 7644 §3.5.2;
//! * [`accept`]: what clients send, into the canonical tree, and [`represent()`]: back out of it;
//! * [`bulk`]: many changes in one request;
//! * [`Profile`]: what is accepted leniently from whom, and [`Notes`], which knows what was;
//! * [`query::Projection`]: `attributes` and `excludedAttributes`;
//! * [`Dialect`]: lists and errors in either version;
//! * [`Precondition`]: in which version a resource must be;
//! * [`v1`]: SCIM 1.1 to and from the same tree;
//! * [`Error`]: a SCIM error without its HTTP status.

#![deny(missing_docs)]

pub mod accept;
pub mod bulk;
pub mod date_time;
pub mod discovery;
mod entity_tag;
mod error;
pub mod filter;
pub mod fold;
pub mod json;
mod limit;
mod message;
mod name;
mod notes;
pub mod patch;
pub mod path;
mod precondition;
pub mod profile;
pub mod query;
mod represent;
mod resource;
pub mod schema;
pub mod urn;
pub mod v1;

pub use crate::{
    entity_tag::EntityTag,
    error::{Error, ScimType, quoted},
    filter::Filter,
    limit::{FIXED, FixedLimit, Unit},
    message::{Dialect, ListHead, Place},
    name::Name,
    notes::{Correction, Notes},
    path::{AttributePath, Path},
    precondition::{Precondition, Verdict},
    profile::{Leniency, Profile},
    represent::{Meta, etag, pick, represent, represent_text},
    resource::{Object, Value},
};

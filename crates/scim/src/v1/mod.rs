//! SCIM 1.1: its shapes to and from the tree of SCIM 2.0.
//!
//! The two versions hold the same attributes. They differ in URNs, in the manager of the
//! enterprise extension, and in PATCH, which in 1.1 is a partial resource ([`operations`]).

mod discovery;
mod patch;
mod resource;
mod urns;

pub use self::{
    discovery::{schemas, service_provider_configs},
    patch::operations,
    resource::{from_v1, to_v1},
    urns::map_urns,
};

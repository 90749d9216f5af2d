//! SCIM over HTTP, in memory, on each engine. One module per route, and one per provider with the
//! bodies that it is known to send.

mod auth;
mod hostile;
mod okta;
mod support;
mod tenancy;
mod v1;

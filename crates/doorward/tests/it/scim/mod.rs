//! SCIM over HTTP, in memory, on each engine. One module per route, and one per provider with the
//! bodies that it is known to send.

mod auth;
mod discovery;
mod entra;
mod filters;
mod groups;
mod hostile;
mod large;
mod okta;
mod others;
mod paging;
mod projection;
mod sorting;
mod support;
mod tenancy;
mod users;
mod v1;

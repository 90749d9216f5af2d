//! SCIM over HTTP, in memory, on each engine. One module per route, and one per provider with the
//! bodies that it is known to send.

mod auth;
mod bulk;
mod cursors;
mod discovery;
mod entra;
mod filters;
mod groups;
mod hostile;
mod large;
mod okta;
mod others;
mod paging;
mod profiles;
mod projection;
mod registered;
mod root;
mod shell;
mod sorting;
pub(crate) mod support;
mod tenancy;
mod users;
mod v1;
mod versions;

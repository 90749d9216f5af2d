//! The management API, over HTTP.

mod auth;
mod events;
mod groups;
mod machines;
mod matrix;
mod organizations;
mod removals;
mod settings;
pub(crate) mod support;
mod users;

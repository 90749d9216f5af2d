//! The management API, over HTTP.

mod auth;
mod checksum;
mod events;
mod groups;
mod history;
mod machines;
mod matrix;
mod organizations;
mod removals;
mod settings;
pub(crate) mod support;
mod users;

//! The command line: what it prints, how it fails, what it leaves behind.

mod configuration;
mod connections;
mod demo;
mod export;
mod organizations;
pub(crate) mod place;
mod profiles;
mod schemas;
mod serving;
mod simulate;
mod tokens;
mod usage;
mod verify;

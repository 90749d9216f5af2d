//! The command line: what it prints, how it fails, what it leaves.

mod configuration;
mod connections;
mod demo;
mod export;
mod organizations;
mod people;
pub(crate) mod place;
mod profiles;
mod readme;
mod schemas;
mod serving;
mod simulate;
mod tokens;
mod usage;
mod verify;

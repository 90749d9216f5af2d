//! The command line: what it prints, how it fails, what it leaves behind.

mod configuration;
mod connections;
#[cfg(feature = "simulator")]
mod demo;
mod export;
mod organizations;
pub(crate) mod place;
mod profiles;
mod schemas;
mod serving;
#[cfg(feature = "simulator")]
mod simulate;
mod tokens;
mod usage;
mod verify;

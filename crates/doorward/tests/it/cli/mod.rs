//! The command line: what it prints, how it fails, what it leaves.

mod api_keys;
mod backup;
mod clients;
mod configuration;
mod connections;
mod copying;
#[cfg(feature = "simulator")]
mod demo;
mod descriptors;
mod drift;
mod entrance;
mod export;
mod guard;
mod history;
mod organizations;
mod people;
pub(crate) mod place;
mod plans;
mod profiles;
mod readme;
mod records;
mod roles;
mod schemas;
mod serving;
mod sign_in;
#[cfg(feature = "simulator")]
mod simulate;
mod tokens;
mod usage;
mod verify;

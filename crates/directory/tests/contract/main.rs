//! What the directory promises, on both engines.
//!
//! A test is written once ([`testkit::contract!`]) and gets a fresh store; when it ends, every
//! organization of the store is verified, and the installation.

mod access;
mod answers;
mod api_keys;
mod attempts;
mod audit;
mod batching;
mod break_glass;
mod concurrency;
mod connections;
mod copying;
mod damage;
mod domains;
mod events;
mod fairness;
mod feed;
mod groups;
mod guard;
mod history;
mod installation;
mod isolation;
mod large_groups;
mod managed;
mod members;
mod model;
mod nesting;
mod organizations;
mod outside;
mod paging;
mod pending;
mod plans;
mod provider_keys;
mod reaper;
mod recovery;
mod rekey;
mod removals;
mod replace;
mod retention;
mod roles;
mod rows;
mod schemas;
mod search;
mod setup;
mod snapshot;
mod support;
mod sync_log;
mod tokens;
mod users;
mod walks;
mod webhooks;

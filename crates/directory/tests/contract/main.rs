//! What the directory promises, on both engines.
//!
//! A test is written once ([`testkit::contract!`]) and gets a fresh store; when it ends, every
//! organization of the store is verified.

mod answers;
mod attempts;
mod batching;
mod concurrency;
mod connections;
mod damage;
mod events;
mod groups;
mod isolation;
mod members;
mod model;
mod nesting;
mod organizations;
mod paging;
mod pending;
mod reaper;
mod replace;
mod schemas;
mod search;
mod support;
mod tokens;
mod users;
mod walks;

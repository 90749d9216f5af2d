//! What a disk may do to a SQLite store: lose its power, fail, be full, hang.
//!
//! The real program runs on a watched disk: a small library in C ([`preload`]) stands between it and
//! the system, writes down what the disk is told, and lets calls go wrong when it is told to.

pub(crate) mod faults;
pub(crate) mod full;
pub(crate) mod hang;
pub(crate) mod power_cut;
mod preload;
mod scene;

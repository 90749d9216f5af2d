//! The rooms of the binary itself: configuration and logging.

pub mod config;
pub mod logging;

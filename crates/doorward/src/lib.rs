//! What the binary is made of apart from its commands: configuration, durations and logging.

pub mod config;
pub mod duration;
pub mod logging;

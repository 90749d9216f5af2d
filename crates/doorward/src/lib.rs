//! What the binary is made of apart from its commands: configuration, durations, file
//! descriptors and logging.

pub mod config;
pub mod descriptors;
pub mod duration;
pub mod logging;

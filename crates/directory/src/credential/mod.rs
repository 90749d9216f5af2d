//! What someone shows to prove who it is: made once, shown once, kept as a hash.

pub mod api_key;
pub(crate) mod base62;
pub(crate) mod caller;
mod format;
pub(crate) mod handle;
pub(crate) mod presented;
pub mod program;
pub(crate) mod secret;
pub mod token;

//! What someone shows to prove who it is: made once, shown once, kept as a hash.

pub(crate) mod base62;
pub(crate) mod caller;
pub(crate) mod secret;
pub mod token;

//! What someone shows to prove who it is: made once, shown once, kept as a hash.

mod base62;
pub(crate) mod caller;
pub mod token;

//! Doorward's own upkeep, which acts as `system`: clearing away what is out of sight, pruning old
//! records, verifying, and making keys anew.

pub mod prune;
pub mod reap;
pub mod rekey;
pub mod verify;

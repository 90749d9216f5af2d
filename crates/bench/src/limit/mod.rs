//! What the machine could do at most: the same work without Doorward.

pub(crate) mod constant;
pub(crate) mod pgbench;
pub(crate) mod sqlite;

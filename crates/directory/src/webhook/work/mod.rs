//! What whoever sends does: [`wake()`] those that have something to send, look which are [`due`], [`claim()`] one for a
//! while, send what its [`Turn`] holds, and [record](Turn::record) what came of it.
//!
//! Any number of servers do so side by side. A claim puts the moment ahead at which a webhook is due, and
//! whoever records has to find it where the claim has put it: who was too slow, or whose webhook was
//! moved meanwhile, records nothing, and what it sent is sent once more.

pub(crate) mod claim;
pub(crate) mod gather;
pub(crate) mod record;
pub(crate) mod wake;

pub use self::{
    claim::{BATCH, Due, Health, Key, LEASE, Message, Turn, claim, due},
    record::{Outcome, Then},
    wake::wake,
};

/// Statements over all owners: they belong to upkeep, and to no request.
pub(crate) mod everywhere {
    use crate::db::statements;

    statements! {
        ANY = Sql { "select org from webhook order by org limit 1" };
        DUE = Sql {
            "select org, id, due from webhook where failing = $1 and due <= $2 order by due limit $3"
        };
    }
}

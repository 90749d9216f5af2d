//! The mass-removal guard: a provider that takes many people away at once is stopped until someone says
//! that it is meant.
//!
//! Each connection has one. What its provider takes away is counted in a window that moves along; once
//! that is more than the [`Limits`] let through, further removals are *held*: nothing is changed, and the
//! provider is told to come again. An administrator [releases](release) them, [refuses](refuse) them, or
//! [lets single ones through](let_through).
//!
//! A removal is a user who is archived or deleted, or a person who is taken out of a group: by a change of
//! its members, or because the group is deleted. Only providers are guarded, and only once their
//! connection is in use. What is counted, and held, is
//! in the organization's own rows and changed in its own turn, so it is exact, and no one else waits.

pub(crate) mod decide;
pub(crate) mod held;
pub(crate) mod judge;
pub(crate) mod limits;
pub(crate) mod prune;

pub use self::{
    decide::{let_through, refuse, release},
    held::{HeldRemoval, Waiting, held, hold, record, waiting},
    judge::{Act, DECISION_HOLDS, Decision, Held},
    limits::{Limits, Shown, set, show},
};
pub(crate) use self::{
    judge::{Removal, check},
    limits::{forget_connection, guard_connection},
    prune::prune,
};

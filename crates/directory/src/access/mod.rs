//! Who may do what.
//!
//! An authenticator makes a [`Principal`] and, for one organization, an [`Access`]; the store
//! asks for it, and each verb of the domain asks whether the principal [may](Verb) do it.
//! Whatever reaches across organizations hangs on an [`Installation`](crate::Installation).

pub(crate) mod guard;
pub(crate) mod managed;
mod principal;
mod verb;

#[cfg(test)]
mod matrix;

pub(crate) use self::principal::{Provider, Reach};
pub use self::{
    principal::{Access, Principal, Rank, Scope},
    verb::Verb,
};
use verb::Right;

//! What is done to resources of whatever type: one file per act.
//!
//! An act that changes something is read from the body of a request, which is where a request that
//! makes no sense is refused, and is then run in a transaction: a [`Change`]. As an operation of a
//! bulk request it is the same as alone.

mod change;
mod create;
mod delete;
mod get;
mod list;
mod members;
mod patch;
mod replace;
mod update;

pub(super) use self::{
    change::{Change, ManyMembers, Target},
    create::{Create, create},
    delete::{Delete, delete},
    get::get,
    list::{given, list, list_all, search, search_all},
    patch::patch,
    replace::replace,
    update::Update,
};

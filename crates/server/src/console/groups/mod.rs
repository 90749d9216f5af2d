//! Groups: those that a provider pushed, and teams, which are made here.

mod list;
mod one;

pub(super) use self::{
    list::{groups, make, teams},
    one::{add_people, delete, deleting, link, linking, remove, rename, show, unlink},
};

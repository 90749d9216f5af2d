//! `/Users`: one file per endpoint.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;

pub(super) use self::{
    create::{Create, create},
    delete::{Delete, delete},
    get::get,
    list::{list, search},
    patch::{Patch, patch},
    replace::{Replace, replace},
};

//! `/Groups`: one file per endpoint.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;

use ::scim::{Object, patch::MemberRef, query::Projection};
use axum::{http::StatusCode, response::Response};
use directory::group::Group;

pub(super) use self::{
    create::create, delete::delete, get::get, list::list, list::search, patch::patch,
    replace::replace,
};
use super::{
    context::Context,
    resources::{self, GroupsWithMembers},
};
use crate::error::Failure;

/// Takes the members out of a POST or PUT body: they are rows, not part of the resource. `None`:
/// the body has none; `null` is an empty list.
fn take_members(body: &mut Object) -> Result<Option<Vec<MemberRef>>, Failure> {
    Ok(body.remove("members").map(|members| MemberRef::list(&members)).transpose()?)
}

/// The answer that shows a group.
fn answer(
    context: &Context,
    status: StatusCode,
    group: &Group,
    members: GroupsWithMembers,
    projection: Projection,
) -> Response {
    let body = resources::groups_body(context.clone(), members, projection, String::new(), "");
    let response = context.answer(status, body);
    context.identify(context.schemas().group(), group, status == StatusCode::CREATED, response)
}

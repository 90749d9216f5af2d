//! `/Groups`: one file per endpoint.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;

use ::scim::query::Projection;
use axum::{http::StatusCode, response::Response};
use directory::{Error, Reader, group::Group};

pub(super) use self::{
    create::{Create, create},
    delete::{Delete, delete},
    get::get,
    list::{list, search},
    patch::{Patch, patch},
    replace::{Replace, replace},
};
use super::{
    context::Context,
    resources::{self, GroupsWithMembers},
};

/// A group with its members, if they are wanted.
fn with_members(
    reader: &mut Reader<'_>,
    group: Group,
    projection: &Projection,
) -> Result<(Group, GroupsWithMembers), Error> {
    let members = resources::members_of(reader, vec![group.clone()], projection)?;
    Ok((group, members))
}

/// The answer that shows a group.
fn answer(
    context: &Context,
    status: StatusCode,
    (group, members): (Group, GroupsWithMembers),
    projection: Projection,
) -> Response {
    let body = resources::groups_body(context.clone(), members, projection, String::new(), "");
    let response = context.answer(status, body);
    context.identify(context.schemas().group(), &group, status == StatusCode::CREATED, response)
}

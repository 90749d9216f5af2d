//! `/Groups`: one file per endpoint.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;

use ::scim::query::Projection;
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

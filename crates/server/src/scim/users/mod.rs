//! `/Users`: one file per endpoint.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod replace;

use ::scim::query::Projection;
use axum::{http::StatusCode, response::Response};
use directory::{Error, Membership, Reader, user::User};

pub(super) use self::{
    create::create, delete::delete, get::get, list::list, list::search, patch::patch,
    replace::replace,
};
use super::{context::Context, resources};

/// A user with its groups, if they are wanted.
fn with_groups(
    reader: &mut Reader<'_>,
    user: User,
    projection: &Projection,
) -> Result<(User, Vec<Membership>), Error> {
    let groups = resources::groups_of(reader, std::slice::from_ref(&user), projection)?.pop();
    Ok((user, groups.unwrap_or_default()))
}

/// The answer that shows a user.
fn answer(
    context: &Context,
    status: StatusCode,
    (user, groups): &(User, Vec<Membership>),
    projection: &Projection,
) -> Response {
    let object = resources::user(context, user, groups, projection);
    let response = context.answer(status, object.to_json());
    context.identify(context.schemas().user(), user, status == StatusCode::CREATED, response)
}

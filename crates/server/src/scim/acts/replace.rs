//! `PUT /{endpoint}/{id}`, RFC 7644 §3.5.1.

use axum::{extract::Request, http::StatusCode, response::Response};

use super::Update;
use crate::scim::{
    body,
    context::Context,
    endpoint::{Endpoint, Kind},
    error::ScimError,
    path_id::PathId,
    resources,
};

/// Answers with the resource; with a group without members where the request had none: its cost
/// must not follow the size of the group.
pub(crate) async fn replace(
    context: Context,
    endpoint: Endpoint,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let mut wanted = context.wanted(&endpoint.schema)?;
    let is_group = endpoint.kind == Kind::Group;
    let body = body::object(&context, request, endpoint.limit(context.limits())).await?;
    let mut notes = context.notes();
    let update = Update::replace(&context, endpoint, target, body, &mut notes)?;
    if is_group && update.leaves_members() {
        wanted.projection = wanted.projection.without("members");
    }
    resources::changed(&context, update, notes, StatusCode::OK, wanted).await
}

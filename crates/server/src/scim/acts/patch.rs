//! `PATCH /{endpoint}/{id}`, RFC 7644 §3.5.2.

use ::scim::EntityTag;
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::Update;
use crate::scim::{
    body,
    context::{Context, noted, tagged},
    endpoint::{Endpoint, Kind},
    error::ScimError,
    path_id::PathId,
    resources,
};

/// Answers with the resource: its administrator wants to see what became of it. With a group only
/// where `attributes` asks for it, so that the cost does not follow the size of the group.
pub(crate) async fn patch(
    context: Context,
    endpoint: Endpoint,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let asked = context.parameter("attributes").is_some_and(|names| !names.trim().is_empty());
    let is_shown = asked || endpoint.kind != Kind::Group;
    let wanted = context.wanted(&endpoint.schema)?;
    let body = body::object(&context, request, endpoint.limit(context.limits())).await?;
    let mut notes = context.notes();
    let update = Update::patch(&context, endpoint, target, body, &mut notes)?;
    if is_shown {
        return resources::changed(&context, update, notes, StatusCode::OK, wanted).await;
    }
    let (group, notes) = context.change(update, notes, |_, group| Ok(group)).await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(noted(tagged(EntityTag::of(group.version.number()), response), &notes))
}

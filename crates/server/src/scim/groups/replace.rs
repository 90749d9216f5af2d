//! `PUT /Groups/{id}`, RFC 7644 §3.5.1.

use ::scim::patch::members;
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::group;

use super::answer;
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
        path_id::PathId,
        resources,
    },
};

/// Answers with the group and its members, but without members where the request had none: its
/// cost must not follow the size of the group.
pub(crate) async fn replace(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let mut projection = context.projection(context.schemas().group())?;
    let mut body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    let members = members::take(&mut body, &mut notes)?;
    if members.is_none() {
        projection = projection.without("members");
    }
    let resource = context.accept(context.schemas().group(), body, &mut notes)?;
    let wanted = projection.clone();
    let (group, members) = context
        .write(move |writer| {
            let group = group::replace(writer, id, &resource, members.as_deref())?;
            let members = resources::members_of(writer, vec![group.clone()], &wanted)?;
            Ok((group, members))
        })
        .await?;
    Ok(noted(answer(&context, StatusCode::OK, &group, members, projection), notes))
}

//! `PATCH /Groups/{id}`, RFC 7644 §3.5.2.

use ::scim::patch::members;
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use directory::group::{self, Update};

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

/// Answers with 204, so that its cost does not follow the size of the group; or with what
/// `attributes` asks for.
pub(crate) async fn patch(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let asked = context.parameter("attributes").is_some_and(|names| !names.trim().is_empty());
    let projection = context.projection(context.schemas().group())?;
    let body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    let operations = body::operations(&context, context.schemas().group(), body, &mut notes)?;
    let (operations, members) = members::lift(operations, &mut notes)?;
    let update = Update { operations, members };
    let wanted = asked.then(|| projection.clone());
    let (group, members, notes) = context
        .write(move |writer| {
            let mut notes = notes.clone();
            let group = group::update(writer, id, &update, &mut notes)?;
            let members = match &wanted {
                Some(wanted) => Some(resources::members_of(writer, vec![group.clone()], wanted)?),
                None => None,
            };
            Ok((group, members, notes))
        })
        .await?;
    let response = match members {
        Some(members) => answer(&context, StatusCode::OK, &group, members, projection),
        None => context.identify(
            context.schemas().group(),
            &group,
            false,
            StatusCode::NO_CONTENT.into_response(),
        ),
    };
    Ok(noted(response, notes))
}

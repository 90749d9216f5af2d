//! `POST /Groups`, RFC 7644 §3.3.

use ::scim::patch::members;
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::group;

use super::answer;
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
        resources,
    },
};

pub(crate) async fn create(context: Context, request: Request) -> Result<Response, Failure> {
    let projection = context.projection(context.schemas().group())?;
    let mut body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    if body.get("id").is_some_and(|id| !id.is_unassigned()) {
        // RFC 7643 §3.1: ids are the server's to give.
        notes.ignore("id");
    }
    let members = members::take(&mut body, &mut notes)?.unwrap_or_default();
    let resource = context.accept(context.schemas().group(), body, &mut notes)?;
    let wanted = projection.clone();
    let (group, members) = context
        .write(move |writer| {
            let group = group::create(writer, &resource, &members)?;
            let members = resources::members_of(writer, vec![group.clone()], &wanted)?;
            Ok((group, members))
        })
        .await?;
    Ok(noted(answer(&context, StatusCode::CREATED, &group, members, projection), notes))
}

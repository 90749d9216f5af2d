//! `PATCH /Users/{id}`, RFC 7644 §3.5.2. Answers with the user: its administrator wants to see
//! what became of it.

use axum::{extract::Request, http::StatusCode, response::Response};
use directory::user;

use super::{answer, with_groups};
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
        path_id::PathId,
    },
};

pub(crate) async fn patch(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(context.schemas().user())?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let operations = body::operations(&context, context.schemas().user(), body, &mut notes)?;
    let wanted = projection.clone();
    let (patched, notes) = context
        .write(move |writer| {
            let mut notes = notes.clone();
            let user = user::patch(writer, id, &operations, &mut notes)?;
            Ok((with_groups(writer, user, &wanted)?, notes))
        })
        .await?;
    Ok(noted(answer(&context, StatusCode::OK, &patched, &projection), notes))
}

//! `PUT /Users/{id}`, RFC 7644 §3.5.1.

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

pub(crate) async fn replace(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(context.schemas().user())?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let resource = context.accept(context.schemas().user(), body, &mut notes)?;
    let wanted = projection.clone();
    let replaced = context
        .write(move |writer| {
            let user = user::replace(writer, id, &resource)?;
            with_groups(writer, user, &wanted)
        })
        .await?;
    Ok(noted(answer(&context, StatusCode::OK, &replaced, &projection), notes))
}

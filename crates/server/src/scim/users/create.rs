//! `POST /Users`, RFC 7644 §3.3.

use axum::{extract::Request, http::StatusCode, response::Response};
use directory::user;

use super::{answer, with_groups};
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
    },
};

pub(crate) async fn create(context: Context, request: Request) -> Result<Response, Failure> {
    let projection = context.projection(context.schemas().user())?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    if body.get("id").is_some_and(|id| !id.is_unassigned()) {
        // RFC 7643 §3.1: ids are the server's to give.
        notes.ignore("id");
    }
    let resource = context.accept(context.schemas().user(), body, &mut notes)?;
    let wanted = projection.clone();
    let created = context
        .write(move |writer| {
            let user = user::create(writer, &resource)?;
            with_groups(writer, user, &wanted)
        })
        .await?;
    Ok(noted(answer(&context, StatusCode::CREATED, &created, &projection), notes))
}

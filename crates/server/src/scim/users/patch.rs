//! `PATCH /Users/{id}`, RFC 7644 §3.5.2. Answers with the user: its administrator wants to see
//! what became of it.

use ::scim::Notes;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
    response::Response,
};
use directory::{
    Record,
    user::{self, User},
};

use super::{UserPath, answer, with_groups};
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
    },
};

pub(crate) async fn patch(
    context: Context,
    Path(path): Path<UserPath>,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.id()?;
    let projection = context.projection::<User>()?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = Notes::default();
    let operations = body::operations(&context, User::schema(), body, &mut notes)?;
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

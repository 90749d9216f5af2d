//! `GET /Users/{id}`, RFC 7644 §3.4.1.

use axum::{http::StatusCode, response::Response};
use directory::user;

use super::{answer, with_groups};
use crate::{
    error::Failure,
    scim::{context::Context, path_id::PathId},
};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(context.schemas().user())?;
    let wanted = projection.clone();
    let found = context
        .read(move |reader| {
            let user = user::get(reader, id)?;
            with_groups(reader, user, &wanted)
        })
        .await?;
    Ok(answer(&context, StatusCode::OK, &found, &projection))
}

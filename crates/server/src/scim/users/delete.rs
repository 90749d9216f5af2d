//! `DELETE /Users/{id}`, RFC 7644 §3.6.

use axum::http::StatusCode;
use directory::user;

use crate::{
    error::Failure,
    scim::{context::Context, path_id::PathId},
};

pub(crate) async fn delete(context: Context, path: PathId) -> Result<StatusCode, Failure> {
    let id = path.resource()?;
    context.write(move |writer| user::delete(writer, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

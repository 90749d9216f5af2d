//! `DELETE /Users/{id}`, RFC 7644 §3.6.

use axum::{extract::Path, http::StatusCode};
use directory::user;

use super::UserPath;
use crate::{error::Failure, scim::context::Context};

pub(crate) async fn delete(
    context: Context,
    Path(path): Path<UserPath>,
) -> Result<StatusCode, Failure> {
    let id = path.id()?;
    context.write(move |writer| user::delete(writer, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `DELETE /Groups/{id}`, RFC 7644 §3.6.

use axum::{extract::Path, http::StatusCode};
use directory::group;

use super::GroupPath;
use crate::{error::Failure, scim::context::Context};

pub(crate) async fn delete(
    context: Context,
    Path(path): Path<GroupPath>,
) -> Result<StatusCode, Failure> {
    let id = path.id()?;
    context.write(move |writer| group::delete(writer, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `GET /Groups/{id}`, RFC 7644 §3.4.1.

use axum::response::Response;
use directory::group;

use crate::scim::{context::Context, error::ScimError, path_id::PathId, resources};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, ScimError> {
    let id = path.resource()?;
    let wanted = context.wanted(context.schemas().group())?;
    resources::read(&context, wanted, move |reader| group::get(reader, id)).await
}

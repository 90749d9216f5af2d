//! `GET /Users/{id}`, RFC 7644 §3.4.1.

use axum::response::Response;
use directory::user;

use crate::scim::{context::Context, error::ScimError, path_id::PathId, resources};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, ScimError> {
    let id = path.resource()?;
    let wanted = context.wanted(context.schemas().user())?;
    resources::read(&context, wanted, move |reader| user::get(reader, id)).await
}

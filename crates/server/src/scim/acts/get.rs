//! `GET /{endpoint}/{id}`, RFC 7644 §3.4.1.

use axum::response::Response;

use crate::scim::{
    context::Context, endpoint::Endpoint, error::ScimError, path_id::PathId, resources,
};

pub(crate) async fn get(
    context: Context,
    endpoint: Endpoint,
    path: PathId,
) -> Result<Response, ScimError> {
    let id = path.resource()?;
    let wanted = context.wanted(&endpoint.schema)?;
    resources::read(&context, wanted, id).await
}

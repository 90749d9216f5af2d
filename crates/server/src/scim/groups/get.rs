//! `GET /Groups/{id}`, RFC 7644 §3.4.1.

use axum::response::Response;
use directory::group;

use crate::{
    error::Failure,
    scim::{context::Context, path_id::PathId, resources},
};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, Failure> {
    let id = path.resource()?;
    let wanted = context.wanted(context.schemas().group())?;
    resources::read(&context, wanted, move |reader| group::get(reader, id)).await
}

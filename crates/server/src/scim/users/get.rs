//! `GET /Users/{id}`, RFC 7644 §3.4.1.

use axum::response::Response;
use directory::user;

use crate::{
    error::Failure,
    scim::{context::Context, path_id::PathId, resources},
};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, Failure> {
    let id = path.resource()?;
    let wanted = context.wanted(context.schemas().user())?;
    resources::read(&context, wanted, move |reader| user::get(reader, id)).await
}

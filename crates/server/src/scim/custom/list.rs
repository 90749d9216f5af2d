//! `GET /{endpoint}` and `POST /{endpoint}/.search`, RFC 7644 §3.4.2 and §3.4.3.

use std::sync::Arc;

use ::scim::{Object, schema::ResourceSchema};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::custom::Custom;

use crate::{
    error::Failure,
    scim::{context::Context, list::ListRequest, resources},
};

pub(super) async fn list(
    context: Context,
    schema: &Arc<ResourceSchema>,
) -> Result<Response, Failure> {
    let wanted = ListRequest::from_query(&context, schema)?;
    page(context, schema, wanted).await
}

pub(super) async fn search(
    context: Context,
    schema: &Arc<ResourceSchema>,
    request: Request,
) -> Result<Response, Failure> {
    let wanted = ListRequest::from_body(&context, schema, request).await?;
    page(context, schema, wanted).await
}

async fn page(
    context: Context,
    schema: &ResourceSchema,
    wanted: ListRequest,
) -> Result<Response, Failure> {
    let (start_index, projection) = (wanted.page.start_index, wanted.projection.clone());
    let page = context.read(move |reader| wanted.run::<Custom>(reader)).await?;
    let shown: Vec<Object> = page
        .items
        .iter()
        .map(|resource| resources::custom(&context, schema, resource, &projection))
        .collect();
    let list = context.dialect().list(page.total, start_index, shown);
    Ok(context.answer(StatusCode::OK, list.to_json()))
}

//! `GET /` and `POST /.search` at the base URL, RFC 7644 §3.4.2.1 and §3.4.3: resources of all
//! types at once.

use std::sync::Arc;

use ::scim::schema::ResourceSchema;
use axum::{extract::Request, response::Response};

use super::{context::Context, error::ScimError, list};

pub(super) async fn list(context: Context) -> Result<Response, ScimError> {
    list::by_query(&context, &types(&context)).await
}

pub(super) async fn search(context: Context, request: Request) -> Result<Response, ScimError> {
    list::by_body(&context, &types(&context), request).await
}

fn types(context: &Context) -> Vec<&Arc<ResourceSchema>> {
    context.schemas().all().collect()
}

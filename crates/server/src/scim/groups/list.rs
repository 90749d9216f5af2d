//! `GET /Groups` and `POST /Groups/.search`, RFC 7644 §3.4.2 and §3.4.3.

use axum::{extract::Request, response::Response};

use crate::scim::{context::Context, error::ScimError, list};

pub(crate) async fn list(context: Context) -> Result<Response, ScimError> {
    list::by_query(&context, &[context.schemas().group()]).await
}

pub(crate) async fn search(context: Context, request: Request) -> Result<Response, ScimError> {
    list::by_body(&context, &[context.schemas().group()], request).await
}

//! Resources of registered types: one file per endpoint, at an address that the organization's
//! definitions decide.

mod create;
mod one;

use std::sync::Arc;

use ::scim::schema::ResourceSchema;
use axum::{
    extract::{Path, Request},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};

pub(super) use self::{
    create::Create,
    one::{Delete, Patch, Replace},
};
use super::{context::Context, error::ScimError, list, path_id::PathId};
use crate::error::HttpError;

/// What a path names before an id.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Endpoint {
    endpoint: String,
}

impl Endpoint {
    /// The registered type at this endpoint.
    fn schema(&self, context: &Context) -> Result<Arc<ResourceSchema>, ScimError> {
        let endpoint = format!("/{}", self.endpoint);
        context.schemas().at(&endpoint).map(Arc::clone).ok_or_else(ScimError::no_such_endpoint)
    }
}

/// `/{endpoint}`
pub(super) async fn collection(
    context: Context,
    endpoint: Result<Path<Endpoint>, axum::extract::rejection::PathRejection>,
    request: Request,
) -> Result<Response, ScimError> {
    let Path(endpoint) = endpoint.map_err(|_| ScimError::no_such_endpoint())?;
    let schema = endpoint.schema(&context)?;
    match *request.method() {
        Method::GET | Method::HEAD => list::by_query(&context, &[&schema]).await,
        Method::POST => create::create(context, schema, request).await,
        _ => Ok(not_allowed(request.method(), "GET,HEAD,POST")),
    }
}

/// `/{endpoint}/.search`
pub(super) async fn search(
    context: Context,
    endpoint: Result<Path<Endpoint>, axum::extract::rejection::PathRejection>,
    request: Request,
) -> Result<Response, ScimError> {
    let Path(endpoint) = endpoint.map_err(|_| ScimError::no_such_endpoint())?;
    let schema = endpoint.schema(&context)?;
    match *request.method() {
        Method::POST => list::by_body(&context, &[&schema], request).await,
        _ => Ok(not_allowed(request.method(), "POST")),
    }
}

/// `/{endpoint}/{id}`
pub(super) async fn member(
    context: Context,
    endpoint: Result<Path<Endpoint>, axum::extract::rejection::PathRejection>,
    id: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let Path(endpoint) = endpoint.map_err(|_| ScimError::no_such_endpoint())?;
    let schema = endpoint.schema(&context)?;
    match *request.method() {
        Method::GET | Method::HEAD => one::get(context, schema, id).await,
        Method::PUT => one::replace(context, schema, id, request).await,
        Method::PATCH => one::patch(context, schema, id, request).await,
        Method::DELETE => one::delete(context, schema, id).await,
        _ => Ok(not_allowed(request.method(), "GET,HEAD,PUT,PATCH,DELETE")),
    }
}

fn not_allowed(method: &Method, allow: &'static str) -> Response {
    let mut response = if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        HttpError::method_not_possible(method).into_response()
    };
    response.headers_mut().insert(header::ALLOW, axum::http::HeaderValue::from_static(allow));
    response
}

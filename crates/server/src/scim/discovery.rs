//! Discovery, RFC 7644 §4: what this server can do.

use std::sync::Arc;

use ::scim::{Dialect, Object, discovery::ServiceProvider, schema::ResourceSchema, v1};
use axum::{http::StatusCode, response::Response};

use super::{context::Context, path_id::PathId};
use crate::error::Failure;

fn types(context: &Context) -> Vec<&ResourceSchema> {
    context.schemas().all().map(Arc::as_ref).collect()
}

fn provider(context: &Context) -> ServiceProvider<'_> {
    ServiceProvider {
        base_url: context.base_url(),
        documentation_uri: None,
        max_results: u32::try_from(context.limits().page_max).unwrap_or(u32::MAX),
    }
}

pub(super) async fn service_provider_config(context: Context) -> Result<Response, Failure> {
    not_filtered(&context)?;
    Ok(context.answer(StatusCode::OK, provider(&context).config().to_json()))
}

pub(super) async fn service_provider_configs(context: Context) -> Result<Response, Failure> {
    not_filtered(&context)?;
    let config = v1::service_provider_configs(&provider(&context));
    Ok(context.answer(StatusCode::OK, config.to_json()))
}

pub(super) async fn resource_types(context: Context) -> Result<Response, Failure> {
    all(&context, provider(&context).resource_types(&types(&context)))
}

pub(super) async fn resource_type(context: Context, id: PathId) -> Result<Response, Failure> {
    one(&context, provider(&context).resource_types(&types(&context)), &id)
}

pub(super) async fn schemas(context: Context) -> Result<Response, Failure> {
    all(&context, documents(&context))
}

pub(super) async fn schema(context: Context, id: PathId) -> Result<Response, Failure> {
    one(&context, documents(&context), &id)
}

fn documents(context: &Context) -> Vec<Object> {
    match context.dialect() {
        Dialect::V2 => provider(context).schemas(&types(context)),
        Dialect::V1 => v1::schemas(&types(context)),
    }
}

fn all(context: &Context, documents: Vec<Object>) -> Result<Response, Failure> {
    not_filtered(context)?;
    let list = context.dialect().list(documents.len() as u64, 1, documents);
    Ok(context.answer(StatusCode::OK, list.to_json()))
}

fn one(context: &Context, documents: Vec<Object>, id: &PathId) -> Result<Response, Failure> {
    let named = |document: &Object| {
        document.str("id").is_some_and(|known| known.eq_ignore_ascii_case(id.text()))
    };
    let document = documents.into_iter().find(named).ok_or_else(Failure::no_such_resource)?;
    Ok(context.answer(StatusCode::OK, document.to_json()))
}

/// RFC 7644 §4: a filter on discovery is answered with 403, so that nobody takes the whole list
/// for what a filter selected.
fn not_filtered(context: &Context) -> Result<(), Failure> {
    match context.parameter("filter") {
        None => Ok(()),
        Some(_) => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "Discovery documents cannot be filtered; ask for the whole list.",
        )),
    }
}

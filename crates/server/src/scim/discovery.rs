//! Discovery, RFC 7644 §4: what this server can do. Each document has an entity tag that is made of
//! its content, so that a client can ask whether anything is new.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use ::scim::{
    Dialect, ListHead, Object, Place, Verdict, discovery::ServiceProvider, schema::ResourceSchema,
    v1,
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use directory::search::Cursors;

use super::{acts::given, context::Context, error::ScimError, path_id::PathId};

/// What is served, section by section, and where we chose.
const DOCUMENTATION: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/scim.md");

fn types(context: &Context) -> Vec<&ResourceSchema> {
    context.schemas().all().map(Arc::as_ref).collect()
}

fn provider(context: &Context) -> ServiceProvider<'_> {
    ServiceProvider {
        base_url: context.base_url(),
        documentation_uri: Some(DOCUMENTATION),
        max_results: shown(context.limits().page_max),
        default_results: shown(context.limits().page_default),
        cursor_timeout: u32::try_from(Cursors::LIFETIME.as_secs()).unwrap_or(u32::MAX),
        max_operations: shown(context.limits().bulk_operations),
        max_payload_size: shown(context.limits().bulk_body),
    }
}

fn shown(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

pub(super) async fn service_provider_config(context: Context) -> Result<Response, ScimError> {
    not_filtered(&context)?;
    answer(&context, &provider(&context).config())
}

pub(super) async fn service_provider_configs(context: Context) -> Result<Response, ScimError> {
    not_filtered(&context)?;
    answer(&context, &v1::service_provider_configs(&provider(&context)))
}

pub(super) async fn resource_types(context: Context) -> Result<Response, ScimError> {
    all(&context, provider(&context).resource_types(&types(&context)))
}

pub(super) async fn resource_type(context: Context, id: PathId) -> Result<Response, ScimError> {
    one(&context, provider(&context).resource_types(&types(&context)), &id)
}

pub(super) async fn schemas(context: Context) -> Result<Response, ScimError> {
    all(&context, documents(&context))
}

pub(super) async fn schema(context: Context, id: PathId) -> Result<Response, ScimError> {
    one(&context, documents(&context), &id)
}

fn documents(context: &Context) -> Vec<Object> {
    match context.dialect() {
        Dialect::V2 => provider(context).schemas(&types(context)),
        Dialect::V1 => v1::schemas(&types(context)),
    }
}

fn all(context: &Context, documents: Vec<Object>) -> Result<Response, ScimError> {
    not_filtered(context)?;
    let head = ListHead { total: documents.len() as u64, place: Place::Index(1) };
    answer(context, &context.dialect().list(&head, documents))
}

fn one(context: &Context, documents: Vec<Object>, id: &PathId) -> Result<Response, ScimError> {
    let named = |document: &Object| {
        document.str("id").is_some_and(|known| known.eq_ignore_ascii_case(id.text()))
    };
    let document = documents.into_iter().find(named).ok_or_else(ScimError::no_such_resource)?;
    answer(context, &document)
}

/// A document, unless the client has it already.
fn answer(context: &Context, document: &Object) -> Result<Response, ScimError> {
    let text = document.to_json();
    // The hash may be another one after an update: then a client reads once more than it must.
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let mut response = match context.precondition()?.judge(&tag) {
        Verdict::Holds => context.answer(StatusCode::OK, text),
        Verdict::Unchanged => StatusCode::NOT_MODIFIED.into_response(),
        Verdict::Failed => return Err(ScimError::precondition_failed(&tag)),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// RFC 7644 §4: a filter on discovery is answered with 403, so that no one takes the whole list for
/// what a filter selected.
fn not_filtered(context: &Context) -> Result<(), ScimError> {
    match given(context.parameter("filter").as_deref()) {
        None => Ok(()),
        Some(_) => Err(ScimError::new(
            StatusCode::FORBIDDEN,
            "discovery_not_filtered",
            "Discovery documents cannot be filtered; ask for the whole list.",
        )),
    }
}

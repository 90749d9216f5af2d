//! Reading the body of a SCIM request.

use ::scim::{
    Dialect, Notes, Object,
    patch::{self, Limits, Operation},
    schema::ResourceSchema,
    v1,
};
use axum::{
    extract::Request,
    http::{StatusCode, header},
};

use super::context::Context;
use crate::{
    error::Failure,
    http::{body, media_type},
};

/// The JSON object that a request carries, of at most `limit` bytes.
///
/// # Errors
///
/// 415 where it is not JSON by its media type, 413 where it is too large, 408 where it is too
/// slow, 400 where it is not a JSON object.
pub(crate) async fn object(
    context: &Context,
    request: Request,
    limit: usize,
) -> Result<Object, Failure> {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    if !media_type::is_acceptable(content_type) {
        let wanted = context.dialect().media_type();
        let what = if media_type::is_xml(content_type) {
            "The body is XML, and only JSON is read"
        } else {
            "The body must be JSON in UTF-8"
        };
        return Err(Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("{what}: send Content-Type: {wanted}."),
        ));
    }
    Ok(body::read_json(body, &parts.headers, limit, context.limits()).await?)
}

/// RFC 7643 §3.1: ids are the server's to give. One that a client chose is remarked.
pub(crate) fn note_id(body: &Object, notes: &mut Notes) {
    if body.get("id").is_some_and(|id| !id.is_unassigned()) {
        notes.ignore("id");
    }
}

/// The operations of a PATCH body, in the form of the dialect.
///
/// # Errors
///
/// Those of [`::scim::patch::parse`] and [`v1::operations`].
pub(crate) fn operations(
    context: &Context,
    schema: &ResourceSchema,
    body: Object,
    notes: &mut Notes,
) -> Result<Vec<Operation>, ::scim::Error> {
    let limits = Limits { operations: context.limits().patch_operations };
    match context.dialect() {
        Dialect::V1 => v1::operations(schema, body, limits, notes),
        Dialect::V2 => patch::parse(body, limits, notes),
    }
}

//! Reading the body of a SCIM request.

use ::scim::{
    Dialect, Notes, Object, json,
    patch::{self, Operation},
    schema::ResourceSchema,
    v1,
};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};

use super::{context::Context, error::ScimError, media_type};
use crate::http::{
    LARGE, Limits,
    body::{Source, parse},
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
) -> Result<Object, ScimError> {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    if !media_type::is_acceptable(content_type) {
        let wanted = context.dialect().media_type();
        let what = if media_type::is_xml(content_type) {
            "The body is XML, and only JSON is read"
        } else {
            "The body must be JSON in UTF-8"
        };
        return Err(ScimError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "body_not_json",
            format!("{what}: send Content-Type: {wanted}."),
        ));
    }
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    // A compressed body may become so many times larger.
    let grows = match parts.headers.get(header::CONTENT_ENCODING) {
        Some(_) => context.limits().gzip_ratio as u64,
        None => 1,
    };
    let refused = announced.is_some_and(|bytes| bytes > limit as u64);
    if !refused && announced.is_some_and(|bytes| bytes.saturating_mul(grows) > LARGE as u64) {
        context.wait_for_large_body().await?;
    }
    read(body, &parts.headers, limit, context.limits(), context.wait_for_large_body()).await
}

/// A body as a JSON object.
async fn read(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    limits: &Limits,
    admit: impl Future<Output = Result<(), ScimError>>,
) -> Result<Object, ScimError> {
    let json = json::Limits { depth: limits.json_depth, names: limits.json_names };
    let parser = move |source: Source<'_>| match source {
        Source::Whole(bytes) => json::from_slice(bytes, json),
        Source::Arriving(reader) => json::read(reader, json),
    };
    Ok(parse::<_, ScimError, _, _>(body, headers, limit, limits, admit, parser).await??)
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
    let limits = patch::Limits { operations: context.limits().patch_operations };
    match context.dialect() {
        Dialect::V1 => v1::operations(schema, body, limits, notes),
        Dialect::V2 => patch::parse(body, limits, notes),
    }
}

#[cfg(test)]
mod tests {
    use ::scim::{Object, ScimType, Value};
    use axum::{
        body::{Body, Bytes},
        http::HeaderMap,
    };
    use futures_util::stream;

    use super::{ScimError, read};
    use crate::http::{KB, Limits, MB};

    /// An object of about this many bytes.
    fn large(bytes: usize) -> String {
        let member = r#"{"value":"0123456789abcdef"},"#;
        let members = member.repeat(bytes / member.len());
        format!("{{\"members\":[{members}{{\"value\":\"last\"}}]}}")
    }

    async fn object(body: impl Into<Body>) -> Result<Object, ScimError> {
        read(body.into(), &HeaderMap::new(), 64 * MB, &Limits::default(), async { Ok(()) }).await
    }

    fn last_member(object: &Object) -> Option<&str> {
        let Value::Multi(members) = object.get("members")? else { return None };
        members.last()?.as_complex()?.get("value")?.as_str()
    }

    /// However a body is read: whole, on a thread of its own, or as it arrives.
    const SIZES: [usize; 4] = [10, 63 * KB, 65 * KB, 3 * MB];

    #[tokio::test]
    async fn an_object_is_read_at_every_size() {
        for size in SIZES {
            let read = object(large(size)).await.expect("valid");
            assert_eq!(last_member(&read), Some("last"), "{size}");
        }
    }

    #[tokio::test]
    async fn what_is_no_json_says_so_at_every_size() {
        for size in SIZES {
            let text = large(size);
            let error = object(text[..text.len() - 1].to_owned()).await.expect_err("cut");
            assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{size}");
            assert!(error.detail().contains("not valid JSON"), "{size}: {error:?}");
        }
    }

    #[tokio::test]
    async fn the_limits_of_json_are_those_of_the_server() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(70), "]".repeat(70));
        let error = object(deep).await.expect_err("too deep");
        assert!(error.detail().contains("64 levels"), "{error:?}");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_broken_and_never_an_object() {
        for size in SIZES {
            let start = [Ok(Bytes::from(large(size))), Err(std::io::Error::other("reset"))];
            let error = object(Body::from_stream(stream::iter(start))).await.expect_err("broken");
            assert_eq!((error.scim_type, error.http.code), (None, "body_incomplete"), "{size}");
        }
    }
}

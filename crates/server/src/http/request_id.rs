//! The id of a request: drawn here, known to whatever serves it, and sent back.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use directory::{Random, RequestId};
use http::HeaderValue;
use tracing::Instrument as _;

/// The header that tells it. One that a client sends is not looked at: it could be any text, and
/// the same one twice.
const HEADER: &str = "x-request-id";

/// A layer that gives a request its [`RequestId`], as an extension, and sends it back. Whatever is
/// logged on the way has it, as the field `request` of a span.
pub async fn assign(
    State(random): State<Arc<Random>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::new(&random);
    request.extensions_mut().insert(id);
    let span = tracing::error_span!("serving", request = %id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

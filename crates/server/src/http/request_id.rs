//! The id of a request: drawn here, known to whatever serves it, and sent back.

use axum::extract::Request;
use directory::{Random, RequestId};
use http::{HeaderMap, HeaderValue};
use tracing::Span;

/// The header that tells it. One that a client sends is not looked at: it could be any text, and
/// the same one twice.
const HEADER: &str = "x-request-id";

/// Gives a request its [`RequestId`], as an extension.
pub fn assign(random: &Random, request: &mut Request) -> RequestId {
    let id = RequestId::new(random);
    request.extensions_mut().insert(id);
    id
}

/// What a request is served in: whatever is logged on the way has its id, as the field `request`.
#[must_use]
pub fn span(id: RequestId) -> Span {
    tracing::error_span!("serving", request = %id)
}

/// Sends the id of a request back.
pub fn tell(id: RequestId, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HEADER, value);
    }
}

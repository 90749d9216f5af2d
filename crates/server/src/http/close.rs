//! `Connection: close` where an answer is the last one on its connection.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderValue, StatusCode, Version, header};

/// A layer that says so where the rest of the body is not read (413) or did not arrive (408): what
/// still comes would be taken for the next request (RFC 9112 §9.6, RFC 9110 §15.5.9).
///
/// The connection is then closed after the answer. In HTTP/2 only the stream ends.
pub async fn announce(request: Request, next: Next) -> Response {
    let is_http1 = request.version() < Version::HTTP_2;
    let mut response = next.run(request).await;
    let is_last =
        matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT);
    if is_http1 && is_last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

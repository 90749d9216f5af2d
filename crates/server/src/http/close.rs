//! `Connection: close` where an answer is the last one on its connection.

use axum::response::Response;
use http::{HeaderValue, StatusCode, Version, header};

/// Says so where the rest of the body is not read (413) or did not arrive (408): what still comes
/// would be taken for the next request (RFC 9112 §9.6, RFC 9110 §15.5.9).
///
/// The connection is then closed after the answer. In HTTP/2 only the stream ends.
pub fn announce(version: Version, response: &mut Response) {
    let is_last =
        matches!(response.status(), StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT);
    if version < Version::HTTP_2 && is_last {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

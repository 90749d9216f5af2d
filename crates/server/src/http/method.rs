//! Methods: those that have a meaning, and those that a client made up.

use http::Method;

/// Whether a method is one of RFC 9110 §9.3, or PATCH (RFC 5789).
#[must_use]
pub fn is_known(method: &Method) -> bool {
    [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::CONNECT,
        Method::OPTIONS,
        Method::TRACE,
        Method::PATCH,
    ]
    .contains(method)
}

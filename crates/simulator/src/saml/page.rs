//! The pages of a simulated provider.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Person, question::Question};

/// Who is it?
#[derive(Debug, Template)]
#[template(path = "who.html")]
pub(super) struct Who<'a> {
    pub(super) company: &'a str,
    pub(super) people: &'a [Person],
    pub(super) question: &'a Question,
}

/// The answer on its way, in a form that posts itself.
#[derive(Debug, Template)]
#[template(path = "answer.html")]
pub(super) struct Answer<'a> {
    pub(super) acs_url: &'a str,
    pub(super) response: &'a str,
    pub(super) relay_state: &'a str,
}

/// A request that is not served, and why.
#[derive(Debug, Template)]
#[template(path = "refused.html")]
pub(super) struct Refused {
    pub(super) reason: &'static str,
}

/// Nothing comes from elsewhere, and nothing is inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// A page. Where its forms go is not limited: Chromium holds what follows a form to that limit as well,
/// and the way of an answer may end at any application.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    let Ok(html) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (status, Html(html)).into_response();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

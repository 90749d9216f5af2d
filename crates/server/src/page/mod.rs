//! Pages for people: whole documents from templates, with the headers that every one of them has.

mod asset;
mod form;
mod trouble;

use askama::Template;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

pub(crate) use self::{
    asset::routes,
    form::Form,
    trouble::{is_for_people, render_error},
};
use crate::error::HttpError;

/// What a page may load and where its forms go: everything from here, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";

/// A page, with the status of its answer.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) status: StatusCode,
    pub(crate) template: T,
    /// The one address outside that a form of the page may be sent to.
    pub(crate) form_action: Option<String>,
}

impl<T> Page<T> {
    pub(crate) fn ok(template: T) -> Self {
        Self { status: StatusCode::OK, template, form_action: None }
    }

    pub(crate) fn with_status(status: StatusCode, template: T) -> Self {
        Self { status, template, form_action: None }
    }
}

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let text = match self.template.render() {
            Ok(text) => text,
            Err(error) => return HttpError::internal().caused_by(&error).into_response(),
        };
        self::text(self.status, text, self.form_action.as_deref())
    }
}

/// A page that is a text already.
pub(crate) fn text(status: StatusCode, text: String, form_action: Option<&str>) -> Response {
    let policy = match form_action {
        None => HeaderValue::from_static(POLICY),
        Some(address) => {
            let own = "form-action 'self'";
            let policy = POLICY.replace(own, &format!("{own} {address}"));
            // An address that cannot stand in a header is in no form.
            HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(POLICY))
        }
    };
    let mut response = (status, Body::from(text)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    protect(headers);
    // What a stranger can make a page repeat must not be compressed beside a secret (BREACH).
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    response
}

/// What holds for everything that a browser is shown.
fn protect(headers: &mut HeaderMap) {
    const NAMES: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer`, browsers say `Origin: null` of our own forms (Fetch §3.2).
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in NAMES {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

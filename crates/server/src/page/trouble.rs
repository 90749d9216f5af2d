//! [`render_error`]: at an address of a sign-in, what went wrong is a page. Whoever reads it came by way
//! of a link or a provider, and a problem document would tell such a person nothing.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::RequestId;
use http::{StatusCode, header};

use super::Page;
use crate::error::HttpError;

/// What a person is told.
#[derive(Debug, Template)]
#[template(path = "trouble.html")]
struct Trouble {
    title: &'static str,
    detail: String,
    reference: String,
    is_temporary: bool,
}

/// The answer at an address for people: an [`HttpError`] becomes a page, any other answer stays as it
/// is.
pub(crate) fn render_error(id: RequestId, response: Response) -> Response {
    match response.extensions().get::<HttpError>().cloned() {
        Some(error) => page(error, id, &response),
        None => response,
    }
}

/// Where browsers are led in the course of a sign-in, or a sign-out.
pub(crate) fn is_for_people(path: &str) -> bool {
    const HERE: [&str; 4] = ["/signin", "/signed-out", "/oauth/authorize", "/oauth/logout"];
    HERE.contains(&path) || path.starts_with("/saml/") || path.starts_with("/signin/")
}

fn page(error: HttpError, id: RequestId, problem: &Response) -> Response {
    let is_ours = error.status.is_server_error() || error.retry_after.is_some();
    let page = Trouble {
        title: match error.status {
            StatusCode::NOT_FOUND => "Nothing is here",
            _ if is_ours => "This could not be done now",
            _ => "This cannot be done here",
        },
        detail: error.detail.clone(),
        reference: id.to_string(),
        is_temporary: error.retry_after.is_some(),
    };
    let mut response = Page::with_status(error.status, page).into_response();
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = problem.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    // The log tells what the page does not.
    response.extensions_mut().insert(error);
    response
}

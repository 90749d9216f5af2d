//! What stands around every route of the API: authentication, and the answers where there is no route.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use directory::{RequestId, api_key};

use super::context::Context;
use crate::{App, credentials, error::HttpError, http::rate};

/// Lets a request in that shows a key: before its path, method or body are looked at.
pub(super) async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if app.drain().has_started() {
        return HttpError::shutting_down().into_response();
    }
    let id = request.extensions().get::<RequestId>().copied();
    match authenticate(&app, request.headers(), id).await {
        Ok(caller) => {
            let standing = app.api_key_rate().take(&caller.which());
            if let Some(wait) = standing.and_then(|standing| standing.refused()) {
                return rate::told(standing, HttpError::over_rate(wait).into_response());
            }
            request.extensions_mut().insert(Context::new(app, caller));
            rate::told(standing, next.run(request).await)
        }
        Err(error) => {
            let mut response = credentials::refuse(&app, &request, error).into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let challenge = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

/// Finds out who is calling: RFC 6750 §2.1.
async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    request: Option<RequestId>,
) -> Result<api_key::Caller, HttpError> {
    let missing = || {
        HttpError::unauthorized(
            "credentials_missing",
            "Send \"Authorization: Bearer\" and an API key.",
        )
    };
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(missing()) };
    let (scheme, key) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    Ok(api_key::authenticate(app.store(), key.trim(), request).await??)
}

/// The answer at an address that leads nowhere.
pub(super) async fn no_such_endpoint() -> HttpError {
    HttpError::new(
        StatusCode::NOT_FOUND,
        "no_such_endpoint",
        "There is no such endpoint; /api/openapi.json describes those that there are.",
    )
}

/// The answer at an address that takes other methods.
pub(super) async fn method_not_possible(method: Method) -> HttpError {
    HttpError::method_not_possible(&method)
}

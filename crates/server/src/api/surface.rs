//! What stands around every route of the API: authentication, and the answers where there is no route.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use directory::{RequestId, program};

use super::context::Context;
use crate::{App, credentials, error::HttpError, http::rate};

/// What a request without credentials is told.
const MISSING: &str = "credentials_missing";

/// Lets a request in that shows a credential: before its path, method or body are looked at.
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
            rate::told(standing, challenged(next.run(request).await))
        }
        Err(error) => challenged(credentials::refuse(&app, &request, error).into_response()),
    }
}

/// Tells a program what is wrong with its credential, as RFC 6750 §3 has it.
fn challenged(mut response: Response) -> Response {
    let code = response.extensions().get::<HttpError>().map(|error| error.code);
    let challenge = match (response.status(), code) {
        (StatusCode::UNAUTHORIZED, Some(MISSING)) => "Bearer",
        (StatusCode::UNAUTHORIZED, _) => "Bearer error=\"invalid_token\"",
        (StatusCode::FORBIDDEN, Some("not_permitted")) => "Bearer error=\"insufficient_scope\"",
        _ => return response,
    };
    let challenge = HeaderValue::from_static(challenge);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// Finds out who is calling: RFC 6750 §2.1.
async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    request: Option<RequestId>,
) -> Result<program::Caller, HttpError> {
    let missing = || {
        HttpError::unauthorized(
            MISSING,
            "Send \"Authorization: Bearer\" and an API key or an access token.",
        )
    };
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(missing()) };
    let (scheme, shown) =
        value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    Ok(program::authenticate(app.store(), shown.trim(), request).await??)
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

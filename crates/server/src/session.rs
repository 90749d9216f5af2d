//! `/session`: who is signed in, for the application's own pages, and signing out.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use directory::{
    RequestId, Writer,
    session::{self, SignedIn},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use crate::{App, cookie, error::HttpError, page::Page, sign_in::pages::SignedOut};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/session", get(show))
        .route("/session/sign-out", post(sign_out))
        .route("/signed-out", get(signed_out))
}

/// Who shows the cookie of a session.
///
/// # Errors
///
/// Those of the store.
pub(crate) async fn signed_in(
    app: &App,
    headers: &HeaderMap,
    request: Option<RequestId>,
) -> Result<Option<SignedIn>, HttpError> {
    let Some(shown) = app.cookies().get(headers, cookie::SESSION) else { return Ok(None) };
    Ok(session::authenticate(app.store(), shown, app.sessions(), request).await?)
}

/// `GET /session`
async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Json<Value>, HttpError> {
    let found = signed_in(&app, &headers, None).await?;
    let found = found.ok_or_else(|| {
        HttpError::unauthorized("not_signed_in", "No one is signed in with this browser.")
    })?;
    Ok(Json(described(&found)))
}

/// A person who is signed in, as `/session` tells it.
fn described(found: &SignedIn) -> Value {
    let SignedIn { session, user, organization, connection, roles, groups, .. } = found;
    let roles: Vec<&str> = roles.iter().map(|held| held.role.name.as_str()).collect();
    let groups: Vec<&str> = groups.iter().map(|group| group.display.as_str()).collect();
    json!({
        "user": {
            "id": user.id.to_string(),
            "userName": user.name(),
            "displayName": user.display_name(),
            "email": user.email(),
        },
        "organization": {
            "id": organization.id.to_string(),
            "slug": organization.slug.as_str(),
            "name": organization.name,
        },
        "connection": connection.as_ref().map(|connection| connection.id.to_string()),
        "roles": roles,
        "groups": groups,
        "since": session.created.to_string(),
        "expires": session.expires.to_string(),
    })
}

/// `POST /session/sign-out`
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, HttpError> {
    require_own_origin(&app, &headers)?;
    if let Some(found) = signed_in(&app, &headers, None).await? {
        let access = found.access.clone();
        let end = move |writer: &mut Writer<'_>| session::sign_out(writer, &found);
        app.store().write(&access, end).await?;
    }
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let mut response = if wants_page {
        (StatusCode::SEE_OTHER, [(header::LOCATION, "/signed-out")]).into_response()
    } else {
        StatusCode::NO_CONTENT.into_response()
    };
    response.headers_mut().append(header::SET_COOKIE, app.cookies().remove(cookie::SESSION));
    Ok(response)
}

/// Makes sure that a page of ours sends this. Every browser says where a post comes from; a program
/// that does not has no one's cookies but its own.
pub(crate) fn require_own_origin(app: &App, headers: &HeaderMap) -> Result<(), HttpError> {
    let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_own = match (value("origin"), value("sec-fetch-site")) {
        // Fetch metadata, which no page can forge, says more than an origin that was withheld.
        (Some("null"), Some(site)) => site == "same-origin",
        (Some(origin), _) => origin == app.origin(),
        (None, Some(site)) => site == "same-origin" || site == "none",
        (None, None) => true,
    };
    if is_own {
        return Ok(());
    }
    Err(HttpError::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "This was sent by a page of another site, and was not done.",
    ))
}

/// `GET /signed-out`
async fn signed_out() -> Page<SignedOut> {
    Page::ok(SignedOut {})
}

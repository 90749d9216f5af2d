//! `/.well-known/…` and `/oauth/jwks`: what others must know of this server.

use ::oauth::{
    Metadata,
    jose::{Algorithm, KeySet},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use directory::oauth::key;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::issuer;
use crate::{App, error::HttpError};

pub(super) async fn authorization_server(State(app): State<App>) -> Response {
    public(Metadata { issuer: &issuer(&app) }.authorization_server())
}

pub(super) async fn openid_configuration(State(app): State<App>) -> Response {
    public(Metadata { issuer: &issuer(&app) }.openid_configuration())
}

/// The keys by which what we sign is verified. The first is made here, so that there is one before
/// anything is signed.
pub(super) async fn keys(State(app): State<App>) -> Result<Response, HttpError> {
    let store = app.store();
    let mut keys = key::all(store).await?;
    if keys.is_empty() {
        key::signing(store, Algorithm::Es256).await?;
        keys = key::all(store).await?;
    }
    let set: KeySet = keys.iter().map(|key| key.signing.public().clone()).collect();
    Ok(public(set.to_json()))
}

/// A document that anyone may read, from any page.
fn public(document: Value) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 2] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (HEADERS, Json(document)).into_response()
}

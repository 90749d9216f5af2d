//! `POST /oauth/introspect` (RFC 7662)

use ::oauth::{Introspection, TokenInQuestion};
use axum::{Json, extract::State};
use directory::{Time, oauth::bearer};
use serde_json::Value;

use super::{caller::Caller, error::OauthError, issuer};
use crate::App;

pub(super) async fn introspect(
    State(app): State<App>,
    Caller { client, parameters, .. }: Caller,
) -> Result<Json<Value>, OauthError> {
    let token = TokenInQuestion::of_introspection(&parameters, &client.registered)?;
    let found = match token.secret() {
        None => None,
        Some(presented) => bearer::inspect(app.store(), presented, app.sessions()).await?,
    };
    // Another client's token is nothing to this one.
    let Some(found) = found.filter(|found| found.client == *client.id()) else {
        return Ok(Json(Introspection::Inactive.to_json()));
    };
    let (subject, username) = match &found.person {
        Some((subject, username)) => (subject.as_str(), Some(username.as_str())),
        None => (found.client.as_str(), None),
    };
    let told = Introspection::Active {
        issuer: &issuer(&app),
        client_id: &found.client,
        scopes: &found.scopes,
        subject,
        username,
        issued_at: found.created.timestamp(),
        expires: found.expires.map(Time::timestamp),
        is_access_token: found.is_access_token,
    };
    Ok(Json(told.to_json()))
}

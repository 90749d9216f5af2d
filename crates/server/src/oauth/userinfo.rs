//! `/oauth/userinfo`: the person for whom an access token acts, at this moment.

use ::oauth::{bearer, bearer::BearerRefusal, scope};
use axum::{Json, extract::State};
use directory::oauth::bearer::person;
use http::HeaderMap;
use serde_json::Value;

use super::{caller::authorization, error::OauthError, person::claims};
use crate::App;

pub(super) async fn userinfo(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Value>, OauthError> {
    let shown = authorization(&headers).map_err(|_| BearerRefusal::Malformed)?;
    let presented = bearer::access_token(shown)?;
    let found = person(app.store(), &presented, app.sessions()).await?;
    let found = found.ok_or(BearerRefusal::Token)?;
    if !found.scopes.contains(scope::OPENID) {
        return Err(BearerRefusal::Scope(scope::OPENID).into());
    }
    let person = claims(&found.signed_in, found.email_verified);
    Ok(Json(person.userinfo(&found.scopes)))
}

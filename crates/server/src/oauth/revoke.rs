//! `POST /oauth/revoke` (RFC 7009)

use ::oauth::{TokenInQuestion, TokenRefusal};
use axum::extract::State;
use directory::oauth::bearer;
use http::StatusCode;

use super::{caller::Caller, error::OauthError};
use crate::App;

pub(super) async fn revoke(
    State(app): State<App>,
    Caller { client, parameters, .. }: Caller,
) -> Result<StatusCode, OauthError> {
    let token = TokenInQuestion::of_revocation(&parameters)?;
    let Some(presented) = token.secret() else { return Ok(StatusCode::OK) };
    match bearer::revoke(app.store(), &client, presented).await? {
        None => Ok(StatusCode::OK),
        Some(_) => Err(TokenRefusal::OtherClient.into()),
    }
}

//! `POST /oauth/token`

use ::oauth::{TokenAnswer, TokenRequest};
use axum::{Json, extract::State};
use directory::oauth::redeem;
use jiff::SignedDuration;
use serde_json::Value;

use super::{caller::Caller, error::OauthError, person};
use crate::App;

pub(super) async fn token(
    State(app): State<App>,
    Caller { client, by, parameters }: Caller,
) -> Result<Json<Value>, OauthError> {
    let request = TokenRequest::read(&parameters, &client.registered)?;
    let issued = redeem::redeem(app.store(), (&client, &by), request, app.sessions()).await??;
    let id_token = person::id_token(&app, &client, &issued).await?;
    let answer = TokenAnswer {
        access_token: &issued.access_token,
        expires_in: SignedDuration::try_from(issued.lives).unwrap_or(SignedDuration::ZERO),
        refresh_token: issued.refresh_token.as_ref(),
        scopes: &issued.scopes,
        id_token: id_token.as_deref(),
    };
    Ok(Json(answer.to_json()))
}

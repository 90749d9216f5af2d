//! A B2B application whose people sign in with Doorward: OpenID Connect, authorization code with PKCE.

mod provider;
mod web;

use std::{collections::HashMap, env, sync::Arc};

use anyhow::{Context as _, Error, Result};
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Redirect, Response};
use axum::{Router, routing::get, routing::post};
use openidconnect::{core::CoreResponseType, *};
use provider::Token;
use web::{App, Session, Wrong};

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
type Fields = HashMap<String, String>;

async fn sign_in(State(app): State<Arc<App>>, Query(asked): Query<Fields>) -> Result<Response, Wrong> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let provider = app.provider().await?;
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let request = provider.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    let request = request.add_scope(Scope::new("profile".into())).add_scope(Scope::new("email".into()));
    let mut request = request.set_pkce_challenge(challenge);
    // Without an organization, Doorward asks the person at /signin.
    if let Some(organization) = asked.get("organization").filter(|slug| !slug.is_empty()) {
        request = request.add_extra_param("organization", organization.clone());
    }
    let (url, state, nonce) = request.url();
    Ok(app.begin(Session::Pending { verifier, state, nonce }, url.as_str()))
}

async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(answer): Query<Fields>,
) -> Result<Response, Wrong> {
    let Some(Session::Pending { verifier, state, nonce }) = app.end(&headers) else {
        return Err(Error::msg("this sign-in was not begun here").into());
    };
    let said = |name: &str| answer.get(name).with_context(|| format!("the answer has no {name}"));
    if said("state")? != state.secret() || *said("iss")? != app.issuer {
        return Err(Error::msg("this is the answer to another request").into());
    }
    let provider = app.provider().await?;
    let request = provider.client.exchange_code(AuthorizationCode::new(said("code")?.clone()))?;
    let tokens = request.set_pkce_verifier(verifier).request_async(&app.http).await?;
    let token = tokens.extra_fields().id_token().context("there is no ID token")?.clone();
    let claims = token.claims(&provider.client.id_token_verifier(), &nonce)?.clone();
    Ok(app.begin(Session::Person { claims: claims.into(), token: token.into() }, "/"))
}

async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Redirect, Wrong> {
    let Some(Session::Person { token, .. }) = app.end(&headers) else { return Ok(Redirect::to("/")) };
    let request = LogoutRequest::from(app.provider().await?.end_session.clone()).set_id_token_hint(&token);
    let back = PostLogoutRedirectUrl::new(format!("{}/", app.url))?;
    Ok(Redirect::to(request.set_post_logout_redirect_uri(back).http_get_url().as_str()))
}

/// Doorward tells of a session that is over: signed out elsewhere, archived by Okta, connection switched off.
async fn logged_out(State(app): State<Arc<App>>, Form(posted): Form<Fields>) -> Result<StatusCode, Wrong> {
    let token: Token = posted.get("logout_token").context("there is no logout token")?.parse()?;
    let provider = app.provider().await?;
    let verifier = provider.client.id_token_verifier();
    let verifier = verifier.set_allowed_jose_types([JsonWebTokenType::new("logout+jwt".into()).normalize()?]);
    let no_nonce = |nonce: Option<&Nonce>| nonce.map_or(Ok(()), |_| Err("this is an ID token".to_owned()));
    let over = token.claims(&verifier, no_nonce)?;
    if !over.additional_claims().events.contains_key(LOGOUT) {
        return Err(Error::msg("this is no logout token").into());
    }
    let session = &over.additional_claims().sid;
    app.retain(|claims| match session {
        Some(_) => claims.additional_claims().sid != *session,
        None => claims.subject() != over.subject(),
    });
    Ok(StatusCode::OK)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let setting = |name, usual: &str| env::var(name).unwrap_or_else(|_| usual.to_owned());
    let app = App::new(setting("APP_URL", "http://localhost:3000"), setting("ISSUER", "http://127.0.0.1:8400"))?;
    let app = Arc::new(app);
    app.provider().await.context("Doorward cannot be read")?;
    let routes = Router::new()
        .route("/", get(web::home))
        .route("/sign-in", get(sign_in))
        .route("/callback", get(callback))
        .route("/sign-out", post(sign_out))
        .route("/logged-out", post(logged_out));
    let port = url::Url::parse(&app.url)?.port().unwrap_or(3000);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening at {}", app.url);
    Ok(axum::serve(listener, routes.with_state(app)).await?)
}

//! [`Caller`]: the client that posts a form to an endpoint for programs, and has proven who it is.

use ::oauth::{
    ClientRefusal, Credentials, ErrorCode, ParameterFault, Parameters, client::Authenticated,
};
use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts as _, Request},
};
use directory::oauth::{Client, client, redeem};
use http::{HeaderMap, StatusCode, header};

use super::{LARGEST_FORM, client_keys, error::OauthError};
use crate::{App, error::HttpError, http::body, peer::Peer};

/// A client that has proven who it is, and what it posted.
pub(super) struct Caller {
    pub(super) client: Client,
    /// How it has proven it.
    pub(super) by: Authenticated,
    pub(super) parameters: Parameters,
}

impl FromRequest<App> for Caller {
    type Rejection = OauthError;

    async fn from_request(request: Request, app: &App) -> Result<Self, OauthError> {
        let (mut parts, body) = request.into_parts();
        let Ok(peer) = Peer::from_request_parts(&mut parts, app).await;
        let parameters = form(app, &parts.headers, body).await?;
        let authorization = authorization(&parts.headers)?;
        let credentials = Credentials::read(authorization, &parameters)?;
        match authenticate(app, &credentials).await? {
            Ok((client, by)) => Ok(Self { client, by, parameters }),
            Err(refusal) => Err(refused(app, peer, &credentials, &refusal)),
        }
    }
}

/// What is posted.
async fn form(app: &App, headers: &HeaderMap, body: Body) -> Result<Parameters, OauthError> {
    let ty = headers.get(header::CONTENT_TYPE).and_then(|ty| ty.to_str().ok());
    let essence = ty.and_then(|ty| ty.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let detail = "The body is not of the type application/x-www-form-urlencoded.";
        let ty = HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_form", detail);
        return Err(ty.into());
    }
    let bytes = body::read(body, headers, LARGEST_FORM, app.limits()).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| ParameterFault::NotText);
    let read = text.and_then(Parameters::parse);
    Ok(read.map_err(ClientRefusal::Parameter)?)
}

/// The one header `Authorization`, if there is one.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, ClientRefusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ClientRefusal::Header),
        (Some(_), Some(_)) => Err(ClientRefusal::SeveralMethods),
    }
}

async fn authenticate(
    app: &App,
    credentials: &Credentials,
) -> Result<Result<(Client, Authenticated), ClientRefusal>, OauthError> {
    let store = app.store();
    let Some(mut client) = client::find(store, credentials.client_id()).await? else {
        return Ok(Err(ClientRefusal::Unknown));
    };
    let proven = match client_keys::judge(app, credentials, &mut client).await {
        Ok(proven) => proven,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !redeem::remember(store, &client, &proven).await? {
        return Ok(Err(ClientRefusal::Replayed));
    }
    Ok(Ok((client, proven)))
}

/// A client that is not believed. Whoever tries too often is told to wait.
fn refused(
    app: &App,
    peer: Peer,
    credentials: &Credentials,
    refusal: &ClientRefusal,
) -> OauthError {
    let is_guess = refusal.error_code() == ErrorCode::InvalidClient;
    let client = credentials.client_id().as_str();
    tracing::info!(client, code = refusal.code(), %refusal, "a client was not believed");
    match app.auth_failures().record(peer.address, client) {
        Err(wait) if is_guess => HttpError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_failures",
            "This client failed to prove who it is too often: wait before the next request.",
        )
        .retry_after(wait.0)
        .into(),
        _ => OauthError::Refused(refusal.answer()),
    }
}

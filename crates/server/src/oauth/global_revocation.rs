//! `POST /oauth/global-token-revocation/{connection}`: an identity provider wants a person out, now. Okta
//! calls it Universal Logout.

use ::oauth::{RevocationRefusal, RevocationRules, RevokedSubject, jose::VerifyingKey};
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use directory::{
    ConnectionId, Error,
    oauth::revocation::{self, Revoked},
    sign_in::{self, SamlConnection},
};
use http::{HeaderMap, StatusCode};
use saml::Certificate;

use super::{caller::authorization, issuer};
use crate::{App, error::HttpError, http::body, peer::Peer, sign_in::login::origin_of};

pub(super) async fn global_revocation(
    State(app): State<App>,
    Path(connection): Path<String>,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let Some(at) = find(&app, &connection).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let at = at.for_request(peer.request);
    let authorization = authorization(&headers).unwrap_or_default();
    let caller = match verify(&app, &at, authorization) {
        Ok(caller) => caller,
        Err(refusal) => return refuse(&app, &at, peer, &refusal).await,
    };
    let limit = ::oauth::limit::LARGEST_REVOCATION;
    let read = body::read(body, &headers, limit, app.limits()).await.ok();
    let subject = read.ok_or(RevocationRefusal::Body).and_then(|body| RevokedSubject::read(&body));
    let subject = match subject {
        Ok(subject) => subject,
        Err(refusal) => return refuse(&app, &at, peer, &refusal).await,
    };
    let revoked = revocation::revoke(app.store(), &at, &caller, &subject).await?;
    tracing::info!(connection = %at.connection.id, ?revoked, "a provider had a person signed out");
    let status = match revoked {
        Revoked::Done { .. } => StatusCode::NO_CONTENT,
        Revoked::NoUser => StatusCode::NOT_FOUND,
        Revoked::Replayed => StatusCode::UNAUTHORIZED,
    };
    Ok(status.into_response())
}

async fn find(app: &App, connection: &str) -> Result<Option<SamlConnection>, HttpError> {
    let Some(id) = ConnectionId::parse(connection) else { return Ok(None) };
    match sign_in::find(app.store(), id).await {
        Err(Error::NotFound { .. }) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// Whether the request is the provider's: signed by a key that its assertions are signed by.
fn verify(
    app: &App,
    at: &SamlConnection,
    authorization: Option<&str>,
) -> Result<::oauth::RevocationCaller, RevocationRefusal> {
    let certificates = at.certificates.iter();
    let known = certificates.filter_map(|stored| Certificate::from_der(&stored.der).ok());
    let keys: Vec<VerifyingKey> = known
        .filter_map(|certificate| VerifyingKey::from_rsa_der(certificate.public_key()).ok())
        .collect();
    // Okta's documents contradict each other: the entity ID, or the address of the organization.
    let provider = at.settings.provider.as_ref();
    let issuers: Vec<&str> = provider
        .map(|provider| vec![provider.entity_id.as_str(), origin_of(&provider.sso_url)])
        .unwrap_or_default();
    let audience = issuer(app).global_token_revocation(&at.connection.id.to_string());
    let rules =
        RevocationRules { keys: &keys, issuers: &issuers, subject: None, audience: &audience };
    rules.verify(authorization, app.store().clock().now().timestamp())
}

/// What is wrong is in the organization's audit, for whoever sets it up. Strangers do not fill it.
async fn refuse(
    app: &App,
    at: &SamlConnection,
    peer: Peer,
    refusal: &RevocationRefusal,
) -> Result<Response, HttpError> {
    let connection = at.connection.id;
    tracing::info!(%connection, code = refusal.code(), %refusal, "no revocation of a provider");
    if let Err(wait) = app.auth_failures().record(peer.address, connection) {
        let detail = "Too many requests were refused: wait before the next one.";
        let error = HttpError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_failures", detail);
        return Err(error.retry_after(wait.0));
    }
    revocation::refused(app.store(), at, refusal.code(), refusal.to_string()).await?;
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Ok(status.into_response())
}

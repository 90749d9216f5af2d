//! Sign-in by SAML: `/saml/{connection}/{metadata,login,acs,finish}`.
//!
//! The browser goes from [`login`] to the provider, comes back to [`acs`] with the answer, and is
//! sent to [`finish`], where its own cookie arrives: the post to `acs` comes from another site, and a
//! `SameSite=Lax` cookie does not come along.

pub(crate) mod acs;
pub(crate) mod address;
mod finish;
pub(crate) mod login;
mod metadata;
pub(crate) mod pages;
pub mod provider_metadata;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use directory::{
    ConnectionId, Error, RequestId,
    sign_in::{self, SamlConnection},
};
use http::{StatusCode, header, request::Parts};

use self::address::Addresses;
use crate::{
    App,
    error::HttpError,
    page::Page,
    peer::Peer,
    sign_in::pages::{NotFound, NotSignedIn},
};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/saml/{connection}/metadata", get(metadata::metadata))
        .route("/saml/{connection}/login", get(login::login))
        .route("/saml/{connection}/acs", post(acs::acs))
        .route("/saml/{connection}/finish", get(finish::finish))
}

/// The connection in the address, and ours of its addresses.
pub(crate) struct At {
    pub(crate) saml: SamlConnection,
    pub(crate) addresses: Addresses,
    /// Where the browser is, and the id of this request: what people are told to give their
    /// administrator.
    pub(crate) peer: Peer,
}

impl FromRequestParts<App> for At {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let Ok(peer) = Peer::from_request_parts(parts, app).await;
        let path = Path::<String>::from_request_parts(parts, app).await.ok();
        let id = path.and_then(|Path(id)| ConnectionId::parse(&id));
        let missing = || Page::with_status(StatusCode::NOT_FOUND, NotFound {}).into_response();
        let id = id.ok_or_else(missing)?;
        match sign_in::find(app.store(), id).await {
            Ok(saml) => Ok(Self {
                saml: saml.for_request(peer.request),
                addresses: Addresses::of(app.public_url(), id),
                peer,
            }),
            Err(Error::NotFound { .. }) => Err(missing()),
            Err(error) => Err(HttpError::from(error).into_response()),
        }
    }
}

/// Refuses a sign-in. The reason is for the administrators: in the log, and in the audit of the
/// organization. Whoever causes many refusals from one address is told to wait, and only the log
/// tells of them: strangers must not write an organization's audit.
async fn refuse(
    app: &App,
    at: &At,
    code: &'static str,
    detail: String,
) -> Result<Response, HttpError> {
    tracing::info!(connection = %at.saml.connection.id, code, detail, "a sign-in was refused");
    if let Err(wait) = app.auth_failures().record(at.peer.address, at.saml.connection.id) {
        let mut response = not_signed_in(at.peer.request).into_response();
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response.headers_mut().insert(header::RETRY_AFTER, wait.0.into());
        return Ok(response);
    }
    sign_in::refused(app.store(), &at.saml, code, detail).await?;
    Ok(not_signed_in(at.peer.request).into_response())
}

/// The one page for whoever is not let in, whatever the reason: a reference, and nothing that tells a
/// stranger something.
pub(crate) fn not_signed_in(reference: Option<RequestId>) -> Page<NotSignedIn> {
    let reference = reference.map(|id| id.to_string()).unwrap_or_default();
    Page::with_status(StatusCode::FORBIDDEN, NotSignedIn { reference })
}

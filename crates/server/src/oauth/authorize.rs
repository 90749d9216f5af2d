//! `GET /oauth/authorize`: leads a person through sign-in and consent, and back with a code.

use ::oauth::{AuthorizationError, ClientKind, authorization::Progress};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use directory::{Error, Writer, oauth, session::SignedIn};
use http::HeaderMap;

use super::{
    consent,
    request::{Asked, refused},
    way,
};
use crate::{App, error::HttpError, peer::Peer, session, sign_in::acs::see_other};

pub(super) async fn authorize(
    State(app): State<App>,
    peer: Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let asked = match Asked::read(&app, query.as_deref().unwrap_or_default()).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refused(&refusal, peer)),
    };
    let known = session::signed_in(&app, &headers, peer.request).await?;
    let known = known.filter(|known| asked.is_for(known));
    match next(&app, &asked, known.as_ref()) {
        Err(error) => Ok(asked.refuse(error)),
        Ok(Next::SignIn { again }) => {
            way::sign_in(&app, &asked, known.as_ref(), again, &headers).await
        }
        Ok(Next::Consent(known)) => consent::ask(&app, &asked, known).await,
        Ok(Next::Answer(known)) => answer(&app, asked, known.clone()).await,
    }
}

/// What comes next, and for whom.
pub(super) enum Next<'a> {
    SignIn { again: bool },
    Consent(&'a SignedIn),
    Answer(&'a SignedIn),
}

pub(super) fn next<'a>(
    app: &App,
    asked: &Asked,
    known: Option<&'a SignedIn>,
) -> Result<Next<'a>, AuthorizationError> {
    let authentication = known.map(|known| asked.authentication(known));
    let consent = asked.client.registered.kind == ClientKind::Provider;
    let now = app.store().clock().now().timestamp();
    let progress = asked.request.progress(authentication, consent, now)?;
    Ok(match (progress, known) {
        (Progress::Consent, Some(known)) => Next::Consent(known),
        (Progress::Answer, Some(known)) => Next::Answer(known),
        (Progress::SignIn { again }, _) => Next::SignIn { again },
        // No one is asked, or answered, who is not there.
        (Progress::Consent | Progress::Answer, None) => Next::SignIn { again: false },
    })
}

/// The person goes back to the application with a code.
async fn answer(app: &App, asked: Asked, known: SignedIn) -> Result<Response, HttpError> {
    let (access, client, request) =
        (known.access.clone(), asked.client.clone(), asked.request.clone());
    let give = move |writer: &mut Writer<'_>| oauth::authorize(writer, &known, &client, &request);
    match app.store().write(&access, give).await {
        Ok(code) => Ok(see_other(&asked.request.callback.code(&code))),
        Err(Error::Denied { .. }) => Ok(asked.refuse(AuthorizationError::Denied)),
        Err(error) => Err(error.into()),
    }
}

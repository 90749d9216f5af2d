//! `POST /saml/{connection}/acs`: the provider's answer, brought by the browser.

use ::saml::{Certificate, Expected, InResponseTo, Refusal, Signed, VerifiedAssertion};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use directory::{
    Time,
    saml::{self, Settings, State as SamlState},
    sign_in::{self, Assertion},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{At, login::FROM_PROVIDER, not_signed_in, refuse};
use crate::{App, error::HttpError, http::KB, page::Form};

/// The form: the answer, which [`saml::limit`](::saml::limit) bounds, and a handle.
pub(crate) const LARGEST_FORM: usize = ::saml::limit::LARGEST_FORM_FIELD + 16 * KB;

pub(super) async fn acs(
    State(app): State<App>,
    at: At,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let form = match Form::read(&headers, body, LARGEST_FORM, app.limits()).await {
        Ok(form) => form,
        Err(error) => {
            tracing::info!(connection = %at.saml.connection.id, %error, "no answer of a provider");
            return Ok(not_signed_in(at.peer.request).into_response());
        }
    };
    let relay_state = form.get("RelayState").unwrap_or_default();
    let pending = sign_in::consume(app.store(), &at.saml, relay_state).await?;
    if let Some(refusal) = at.saml.closed() {
        return refuse(&app, &at, refusal.code(), refusal.to_string()).await;
    }
    let in_response_to = match &pending {
        Some(pending) => InResponseTo::Request(&pending.request),
        None if takes_unsolicited(&at.saml.settings) => InResponseTo::Unsolicited,
        // No one here asked: the answer is a hint that the person wants to come in.
        None => return Ok(sent_on(&at)),
    };
    let message = form.get("SAMLResponse").unwrap_or_default();
    let verified = match verify(&app, &at, message, in_response_to)? {
        Ok(verified) => verified,
        Err(refusal) => return refuse(&app, &at, refusal.code(), refusal.to_string()).await,
    };
    let certificate = verified.certificate().as_bytes().to_vec();
    let assertion = assertion(&at.saml.settings, &verified);
    let kept = sign_in::keep(app.store(), &at.saml, pending, &assertion, certificate).await?;
    let Some(handle) = kept else {
        let detail = "The identity provider's answer was used before.";
        return refuse(&app, &at, "replayed", detail.to_owned()).await;
    };
    Ok(see_other(&at.addresses.finish(handle.reveal())))
}

fn takes_unsolicited(settings: &Settings) -> bool {
    settings.unsolicited && settings.state == SamlState::Enforced
}

/// Judges a message by what the connection expects.
fn verify(
    app: &App,
    at: &At,
    message: &str,
    in_response_to: InResponseTo<'_>,
) -> Result<Result<VerifiedAssertion, Refusal>, HttpError> {
    let settings = &at.saml.settings;
    let certificates: Vec<Certificate> = at
        .saml
        .certificates
        .iter()
        .map(|stored| Certificate::from_der(&stored.der))
        .collect::<Result<_, _>>()
        .map_err(|error| HttpError::internal().caused_by(&error))?;
    let provider_entity_id =
        settings.provider.as_ref().map_or("", |provider| provider.entity_id.as_str());
    let (entity_id, acs_url) = (at.addresses.entity_id(), at.addresses.acs());
    let expected = Expected {
        provider_entity_id,
        certificates: &certificates,
        signed: match settings.signed {
            saml::Signed::Both => Signed::Both,
            saml::Signed::Assertion => Signed::Assertion,
        },
        entity_id: &entity_id,
        acs_url: &acs_url,
        in_response_to,
    };
    Ok(::saml::verify(message, &expected, app.store().clock().now().timestamp()))
}

/// What is kept of an answer. Every attribute is kept for a test only, which shows them.
fn assertion(settings: &Settings, verified: &VerifiedAssertion) -> Assertion {
    let attributes = verified.attributes();
    let shown = match settings.state {
        SamlState::Testing => {
            attributes.iter().map(|one| (one.name().to_owned(), one.values().to_vec())).collect()
        }
        _ => Vec::new(),
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Assertion {
        id: verified.id().to_owned(),
        name_id: verified.name_id().value().to_owned(),
        email: owned(attributes.email()),
        given_name: owned(attributes.given_name()),
        family_name: owned(attributes.family_name()),
        display_name: owned(attributes.display_name()),
        authn_instant: verified.authn_instant().to_string(),
        authn_context: owned(verified.authn_context_class()),
        session_index: owned(verified.session_index()),
        session_not_on_or_after: verified
            .session_not_on_or_after()
            .map(Time::from)
            .map(Time::as_micros),
        replay_until: Time::from(verified.replay_until()).as_micros(),
        attributes: shown,
    }
}

fn sent_on(at: &At) -> Response {
    see_other(&format!("{}?{FROM_PROVIDER}=1", at.addresses.login()))
}

pub(crate) fn see_other(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    match HeaderValue::try_from(address) {
        Ok(location) => {
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        Err(error) => HttpError::internal().caused_by(&error).into_response(),
    }
}

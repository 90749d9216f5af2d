//! Consent: a superadmin lets an identity provider act for the organization ("Authenticate with ...").
//!
//! It is asked for each time. The page names the provider, the organization and what is let in; its form
//! counts only where our own page sends it.

use ::oauth::{AuthorizationError, ParameterFault, Parameters, authorization::PageRefusal};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use directory::{
    ConnectionId, Error, Reader, Writer, connection::Connection, oauth, session::SignedIn,
};
use http::{HeaderMap, StatusCode};

use super::{
    LARGEST_FORM,
    authorize::{Next, next},
    pages::{Choice, Consent, NotAllowed},
    request::{Asked, address, refused},
};
use crate::{
    App,
    error::HttpError,
    page::{Form, Page},
    peer::Peer,
    session,
    sign_in::{acs::see_other, login::origin_of},
};

/// The largest form: a request, and what was decided.
pub(crate) const LARGEST: usize = 4 * LARGEST_FORM;

/// Shows the page, to whoever may decide.
pub(super) async fn ask(app: &App, asked: &Asked, known: &SignedIn) -> Result<Response, HttpError> {
    let client = asked.client.clone();
    let look = move |reader: &mut Reader<'_>| oauth::provisioned(reader, &client);
    let mut connections = match app.store().read(&known.access, look).await {
        Ok(connections) => connections,
        Err(Error::Denied { detail, .. }) => return Ok(not_allowed(known, &detail)),
        Err(error) => return Err(error.into()),
    };
    if let Some(named) = &asked.request.connection {
        connections.retain(|connection| connection.id.to_string() == *named);
    }
    if connections.is_empty() {
        let detail = "The organization has no connection that provisions people. Make one first.";
        return Ok(not_allowed(known, detail));
    }
    let query = asked.query();
    let choice = |connection: &Connection| Choice {
        id: connection.id.to_string(),
        label: connection.label(),
        address: String::new(),
    };
    let page = Consent {
        client: asked.client.name.clone(),
        organization: known.organization.name.clone(),
        person: known.user.display_name().unwrap_or_else(|| known.user.name().to_owned()),
        connections: connections.iter().map(choice).collect(),
        token: known.session.form_token(&purpose(&query)),
        request: query,
    };
    // Browsers hold the redirect that follows a form to its policy, too.
    let form_action = Some(origin_of(asked.request.callback.redirect_uri().as_str()).to_owned());
    Ok(Page { form_action, ..Page::ok(page) }.into_response())
}

/// What a form token is for: this very request.
fn purpose(query: &str) -> String {
    format!("consent {query}")
}

fn not_allowed(known: &SignedIn, detail: &str) -> Response {
    let page = NotAllowed {
        organization: known.organization.name.clone(),
        person: known.user.name().to_owned(),
        detail: detail.to_owned(),
    };
    Page::with_status(StatusCode::FORBIDDEN, page).into_response()
}

/// `POST /oauth/authorize`: what was decided, or a request that an application posted (OpenID Connect Core
/// §3.1.2.1), which goes on as if it had been a link.
pub(super) async fn decide(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let form = Form::read(&headers, body, LARGEST, app.limits()).await.map_err(|error| {
        HttpError::new(StatusCode::BAD_REQUEST, "not_a_form", error.to_string())
    })?;
    let Some(decision) = form.get("decision") else {
        let parameters = Parameters::parse(&form.to_query()).map_err(PageRefusal::Parameter);
        return Ok(match parameters {
            Ok(parameters) => see_other(&address(&parameters)),
            Err(refusal) => refused(&refusal.into(), peer),
        });
    };
    session::require_own_origin(&app, &headers)?;
    let query = form.get("request").ok_or(PageRefusal::Parameter(ParameterFault::Repeated));
    let parameters = query.and_then(|query| Ok(Parameters::parse(query)?));
    let asked = match Asked::of(&app, parameters).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refused(&refusal, peer)),
    };
    let known = session::signed_in(&app, &headers, peer.request).await?;
    let known = known.filter(|known| asked.is_for(known));
    let Ok(Next::Consent(known)) = next(&app, &asked, known.as_ref()) else {
        // Signed out meanwhile, or someone else is signed in: from the beginning.
        return Ok(see_other(&asked.address()));
    };
    let token = form.get("token").unwrap_or_default();
    if !known.session.gave(&purpose(&asked.query()), token) {
        let detail =
            "This form is not the one that was shown. Nothing was done. Go back, and try again.";
        return Err(HttpError::new(StatusCode::FORBIDDEN, "foreign_form", detail));
    }
    if decision != "allow" {
        return Ok(asked.refuse(AuthorizationError::Denied));
    }
    let connection = form.get("connection").and_then(ConnectionId::parse);
    let Some(connection) = connection else { return Ok(see_other(&asked.address())) };
    allow(&app, &asked, known, connection).await
}

async fn allow(
    app: &App,
    asked: &Asked,
    known: &SignedIn,
    connection: ConnectionId,
) -> Result<Response, HttpError> {
    let (client, request) = (asked.client.clone(), asked.request.clone());
    let give = move |writer: &mut Writer<'_>| oauth::consent(writer, &client, &request, connection);
    match app.store().write(&known.access, give).await {
        Ok(code) => Ok(see_other(&asked.request.callback.code(&code))),
        Err(Error::Denied { .. } | Error::NotFound { .. }) => {
            Ok(asked.refuse(AuthorizationError::Denied))
        }
        Err(error) => Err(error.into()),
    }
}

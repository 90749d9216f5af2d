//! `/oauth/logout`: an application sends a person to be signed out (OpenID Connect RP-Initiated Logout).

use ::oauth::{
    Parameters,
    jose::VerifyingKey,
    openid::{LogoutRefusal, LogoutRequest},
};
use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use directory::{
    Writer,
    oauth::{client, key},
    session::SignedIn,
};
use http::{HeaderMap, StatusCode, header};

use super::{consent, issuer, pages::SignOut, request::unusable};
use crate::{
    App, cookie,
    error::HttpError,
    page::{Form, Page},
    peer::Peer,
    session,
    sign_in::{acs::see_other, login::origin_of},
};

/// Where one goes whom no application wants back.
const SIGNED_OUT: &str = "/signed-out";

/// A request to be signed out, and where the browser goes afterwards.
struct Asked {
    request: LogoutRequest,
    destination: String,
    query: String,
}

impl Asked {
    async fn read(app: &App, query: &str) -> Result<Result<Self, LogoutRefusal>, HttpError> {
        let keys = key::all(app.store()).await?;
        let keys: Vec<VerifyingKey> = keys.iter().map(|key| key.signing.public().clone()).collect();
        let read = Parameters::parse(query).map_err(LogoutRefusal::from).and_then(|parameters| {
            let request = LogoutRequest::read(&parameters, &keys, &issuer(app))?;
            Ok((request, parameters.to_query()))
        });
        let (request, query) = match read {
            Ok(read) => read,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let destination = match &request.client_id {
            None => None,
            Some(id) => {
                let Some(client) = client::find(app.store(), id).await? else {
                    return Ok(Err(LogoutRefusal::NoClient));
                };
                match request.destination(&client.registered) {
                    Ok(destination) => destination,
                    Err(refusal) => return Ok(Err(refusal)),
                }
            }
        };
        let destination = destination.unwrap_or_else(|| SIGNED_OUT.to_owned());
        Ok(Ok(Self { request, destination, query }))
    }
}

/// `GET /oauth/logout`: whoever the application means is signed out; anyone else is asked.
pub(super) async fn ask(
    State(app): State<App>,
    peer: Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let asked = match Asked::read(&app, query.as_deref().unwrap_or_default()).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(unusable(refusal.code(), &refusal.to_string(), peer)),
    };
    let Some(known) = session::signed_in(&app, &headers, peer.request).await? else {
        return Ok(see_other(&asked.destination));
    };
    let hint = asked.request.hint.as_ref();
    if hint.is_some_and(|hint| hint.subject == known.user.id.to_string()) {
        return end(&app, known, &asked.destination).await;
    }
    let page = SignOut {
        person: known.user.display_name().unwrap_or_else(|| known.user.name().to_owned()),
        token: known.session.form_token(&purpose(&asked.query)),
        request: asked.query,
    };
    let form_action =
        Some(origin_of(&asked.destination).to_owned()).filter(|origin| origin.starts_with("http"));
    Ok(Page { form_action, ..Page::ok(page) }.into_response())
}

fn purpose(query: &str) -> String {
    format!("sign-out {query}")
}

/// `POST /oauth/logout`: the person said yes, or an application posts its request.
pub(super) async fn sign_out(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let form =
        Form::read(&headers, body, consent::LARGEST, app.limits()).await.map_err(|error| {
            HttpError::new(StatusCode::BAD_REQUEST, "not_a_form", error.to_string())
        })?;
    let Some(token) = form.get("token") else {
        return Ok(see_other(&format!("/oauth/logout?{}", form.to_query())));
    };
    session::require_own_origin(&app, &headers)?;
    let asked = match Asked::read(&app, form.get("request").unwrap_or_default()).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(unusable(refusal.code(), &refusal.to_string(), peer)),
    };
    let Some(known) = session::signed_in(&app, &headers, peer.request).await? else {
        return Ok(see_other(&asked.destination));
    };
    if !known.session.gave(&purpose(&asked.query), token) {
        let detail =
            "This form is not the one that was shown. Nothing was done. Go back, and try again.";
        return Err(HttpError::new(StatusCode::FORBIDDEN, "foreign_form", detail));
    }
    end(&app, known, &asked.destination).await
}

async fn end(app: &App, known: SignedIn, destination: &str) -> Result<Response, HttpError> {
    let access = known.access.clone();
    let end = move |writer: &mut Writer<'_>| directory::session::sign_out(writer, &known);
    app.store().write(&access, end).await?;
    let mut response = see_other(destination);
    response.headers_mut().append(header::SET_COOKIE, app.cookies().remove(cookie::SESSION));
    Ok(response)
}

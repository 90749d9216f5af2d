//! `GET /signin`, `POST /signin`, `GET /signin/continue`: home-realm discovery.
//!
//! The answer to what was typed is the same, byte for byte, whether it is known or not: the text
//! goes into a cookie, and the browser is led on from a second address.

use std::time::Duration;

use askama::Template;
use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use directory::sign_in;
use http::{HeaderMap, StatusCode, header};

use super::LARGEST_FORM;
use crate::{
    App, cookie,
    error::HttpError,
    http::query::Query,
    page::{Form, Page},
    peer::Peer,
    session::require_own_origin,
    sign_in::{
        acs::see_other,
        address::{Addresses, ReturnTo},
    },
};

/// So long the browser has to go on: it goes at once.
const TYPED_KNOWN: Duration = Duration::from_mins(2);
/// The most characters of what was typed that are looked at: a cookie is small.
const LONGEST: usize = 320;

/// `/signin`
#[derive(Debug, Template)]
#[template(path = "signin.html")]
pub(super) struct SignIn {
    return_to: String,
    /// What was typed last, and led nowhere.
    unknown: Option<String>,
}

/// What follows it.
#[derive(Debug, Template)]
#[template(path = "signin-continue.html")]
pub(super) struct LedOn {
    next: String,
}

pub(super) async fn show(RawQuery(query): RawQuery) -> Page<SignIn> {
    let query = Query::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    Page::ok(SignIn { return_to: return_to(query.get("return_to")), unknown: None })
}

fn return_to(shown: Option<&str>) -> String {
    ReturnTo::read(shown).as_str().to_owned()
}

pub(super) async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    require_own_origin(&app, &headers)?;
    let form = Form::read(&headers, body, LARGEST_FORM, app.limits()).await;
    let form = form.map_err(|error| HttpError::bad_request("form", error.to_string()))?;
    let typed: String =
        form.get("login").unwrap_or_default().trim().chars().take(LONGEST).collect();
    let return_to = return_to(form.get("return_to"));
    if typed.is_empty() {
        let page = SignIn { return_to, unknown: Some(String::new()) };
        return Ok(Page::with_status(StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let next = format!("/signin/continue?{}", encoded(&return_to));
    let mut response = Page::ok(LedOn { next }).into_response();
    let kept = app.cookies().set(cookie::LOGIN, &BASE64.encode(&typed), TYPED_KNOWN);
    response.headers_mut().append(header::SET_COOKIE, kept);
    Ok(response)
}

fn encoded(return_to: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish()
}

pub(super) async fn lead_on(
    State(app): State<App>,
    peer: Peer,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let query = Query::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let return_to = return_to(query.get("return_to"));
    let typed = app
        .cookies()
        .get(&headers, cookie::LOGIN)
        .and_then(|text| BASE64.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(typed) = typed else {
        return Ok(see_other(&format!("/signin?{}", encoded(&return_to))));
    };
    let found = sign_in::discover(app.store(), &typed).await?;
    let mut response = if let Some(connection) = found {
        let login = Addresses::of(app.public_url(), connection).login();
        see_other(&format!("{login}?{}", encoded(&return_to)))
    } else {
        // Whoever tries names one after the other is told to wait.
        if let Err(wait) = app.auth_failures().record(peer.address, &typed) {
            return Err(HttpError::too_many_requests(wait));
        }
        Page::ok(SignIn { return_to, unknown: Some(typed) }).into_response()
    };
    response.headers_mut().append(header::SET_COOKIE, app.cookies().remove(cookie::LOGIN));
    Ok(response)
}

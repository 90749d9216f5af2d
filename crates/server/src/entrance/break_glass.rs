//! `/signin/break-glass`: an administrator comes in with a password and a code.

use std::time::Duration;

use askama::Template;
use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use directory::{
    Secret, Writer,
    break_glass::{self, Attempt, Password},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    App, cookie,
    error::HttpError,
    http::{KB, query::Query},
    page::{Form, Page},
    peer::Peer,
    session::{self, require_own_origin},
    sign_in::{acs::see_other, address::ReturnTo},
};

/// The forms of `/signin`: a few short texts.
pub(crate) const LARGEST_FORM: usize = 16 * KB;
/// So long the browser of an owner is known again.
const DEVICE_KNOWN: Duration = Duration::from_hours(365 * 24);

/// The form.
#[derive(Debug, Template)]
#[template(path = "break-glass.html")]
pub(super) struct BreakGlass {
    return_to: String,
    email: String,
    problem: Option<&'static str>,
}

pub(super) async fn show(RawQuery(query): RawQuery) -> Page<BreakGlass> {
    let query = Query::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let return_to = ReturnTo::read(query.get("return_to")).as_str().to_owned();
    Page::ok(BreakGlass { return_to, email: String::new(), problem: None })
}

pub(super) async fn enter(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    require_own_origin(&app, &headers)?;
    let form = Form::read(&headers, body, LARGEST_FORM, app.limits()).await;
    let form = form.map_err(|error| HttpError::bad_request("form", error.to_string()))?;
    let text = |name| form.get(name).unwrap_or_default();
    let return_to = ReturnTo::read(form.get("return_to"));
    let again = |status, problem| {
        let (return_to, email) = (return_to.as_str().to_owned(), text("email").to_owned());
        Page::with_status(status, BreakGlass { return_to, email, problem: Some(problem) })
    };
    let jar = app.cookies();
    let device = jar.get(&headers, cookie::DEVICE).and_then(Secret::parse);
    let is_known = match &device {
        Some(device) => break_glass::knows(app.store(), text("email"), device).await?,
        None => false,
    };
    if let Err(wait) = app.tries().count(text("email"), peer.address, is_known) {
        let problem = "This address was tried too often. Wait a little, and try again.";
        let mut response = again(StatusCode::TOO_MANY_REQUESTS, problem).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.0));
        return Ok(response);
    }
    let attempt = Attempt {
        email: text("email").to_owned(),
        password: Password::shown(text("password")),
        code: text("code").to_owned(),
        client: peer.client(&headers),
        is_known,
    };
    let before = session::signed_in(&app, &headers, peer.request).await?;
    let policy = app.sessions();
    let entered = break_glass::enter(app.store(), attempt, policy, peer.request).await?;
    let Some(entered) = entered else {
        let problem = "Address, password or code are not right. A code is good once.";
        return Ok(again(StatusCode::UNAUTHORIZED, problem).into_response());
    };
    // One browser is one person: who was signed in before is signed out. It may be another
    // organization's, so it is another transaction; should it fail, the new session is shown to
    // none.
    if let Some(before) = before {
        let access = before.access.clone();
        let end = move |writer: &mut Writer<'_>| directory::session::sign_out(writer, &before);
        app.store().write(&access, end).await?;
    }
    let mut response = see_other(return_to.as_str());
    let headers = response.headers_mut();
    let cookie = entered.session.cookie.reveal();
    headers.append(header::SET_COOKIE, jar.set(cookie::SESSION, &cookie, policy.life));
    let device = jar.set(cookie::DEVICE, entered.device.reveal(), DEVICE_KNOWN);
    headers.append(header::SET_COOKIE, device);
    Ok(response)
}

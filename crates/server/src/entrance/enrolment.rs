//! `/signin/break-glass/{link}`: the owner of a break-glass account sets a password and an
//! authenticator app. Opening the page uses nothing up, because mail scanners open links.

use askama::Template;
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use directory::{
    Error,
    break_glass::{self, Enrolment, Link},
};
use http::{HeaderMap, StatusCode};

use super::{LARGEST_FORM, qr};
use crate::{
    App,
    error::HttpError,
    page::{Form, Page},
    peer::Peer,
    session::require_own_origin,
};

/// The form.
#[derive(Debug, Template)]
#[template(path = "break-glass-link.html")]
struct Enroll {
    organization: String,
    email: String,
    address: String,
    key: String,
    picture: String,
    width: i32,
    problem: Option<String>,
}

/// It is done.
#[derive(Debug, Template)]
#[template(path = "break-glass-enrolled.html")]
struct Done {
    organization: String,
    recovery_codes: Vec<String>,
}

/// The link leads nowhere.
#[derive(Debug, Template)]
#[template(path = "link-gone.html")]
struct Gone {}

fn gone() -> Response {
    Page::with_status(StatusCode::GONE, Gone {}).into_response()
}

pub(super) async fn show(
    State(app): State<App>,
    Path(link): Path<String>,
) -> Result<Response, HttpError> {
    let Some(link) = Link::parse(&link) else { return Ok(gone()) };
    match break_glass::find(app.store(), &link).await {
        Ok(found) => form(&found, None),
        Err(Error::NotFound { .. }) => Ok(gone()),
        Err(error) => Err(error.into()),
    }
}

fn form(found: &Enrolment, problem: Option<String>) -> Result<Response, HttpError> {
    let address = found.totp_key.address(&found.organization, &found.email);
    let picture = qr::path(&address);
    let (picture, width) = picture.map_err(|error| HttpError::internal().caused_by(&error))?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Enroll {
        organization: found.organization.clone(),
        email: found.email.clone(),
        address,
        key: found.totp_key.reveal(),
        picture,
        width,
        problem,
    };
    Ok(Page::with_status(status, page).into_response())
}

pub(super) async fn enroll(
    State(app): State<App>,
    peer: Peer,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    require_own_origin(&app, &headers)?;
    let Some(link) = Link::parse(&link) else { return Ok(gone()) };
    let posted = Form::read(&headers, body, LARGEST_FORM, app.limits()).await;
    let posted = posted.map_err(|error| HttpError::bad_request("form", error.to_string()))?;
    let found = match break_glass::find(app.store(), &link).await {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => return Ok(gone()),
        Err(error) => return Err(error.into()),
    };
    if let Err(wait) = app.tries().count(&link.reveal(), peer.address, false) {
        return Err(HttpError::too_many_requests(wait));
    }
    let text = |name| posted.get(name).unwrap_or_default();
    let typed = (text("password"), text("code"));
    match break_glass::enroll(app.store(), &link, typed, peer.request).await {
        Ok(enrolled) => {
            let page =
                Done { organization: found.organization, recovery_codes: enrolled.recovery_codes };
            Ok(Page::ok(page).into_response())
        }
        Err(Error::Invalid { detail, .. }) => form(&found, Some(detail.into_owned())),
        Err(Error::NotFound { .. }) => Ok(gone()),
        Err(error) => Err(error.into()),
    }
}

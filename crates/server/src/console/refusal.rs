//! What is not shown, or not done: a page that names the rule, the next step, and who can take it.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::{
    frame::{Frame, Section},
    icon::Icon,
    rooms::{Role, Roles},
    visitor::Visitor,
};
use crate::{App, error::HttpError, page::Page};

/// Why someone is not let in.
#[derive(Debug)]
pub(super) enum Refused {
    /// No one is signed in, and a page is asked for.
    SignIn,
    /// No one is signed in, and something is to be done.
    NotSignedIn,
    /// It is not for this visitor.
    NotForYou(Box<Visitor>, Roles),
    /// No page of ours posted it.
    Foreign,
    /// It could not be told.
    Failed(HttpError),
}

impl Refused {
    pub(super) fn into_response_of(self, _: &App) -> Response {
        self.into_response()
    }
}

impl From<HttpError> for Refused {
    fn from(error: HttpError) -> Self {
        Self::Failed(error)
    }
}

/// A page that says why there is nothing else.
#[derive(Debug, Template)]
#[template(path = "console/refused.html")]
struct Why {
    frame: Frame,
    text: String,
    /// Where to go instead, and what that is called.
    next: Option<(&'static str, &'static str)>,
}

/// The same bytes for what there is and what there is not: nothing was looked up.
pub(super) fn not_for_you(visitor: &Visitor, roles: Roles) -> Response {
    let organization = &visitor.organization().name;
    let (title, text, next) = match visitor.role() {
        Role::Link => (
            "Not part of this set-up",
            "This page is not part of what you were asked to set up.".to_owned(),
            Some(("/setup", "Go to the set-up")),
        ),
        Role::Member => (
            "For administrators",
            format!(
                "This page is for administrators of {organization}. Ask one of them, or go to My \
                 profile."
            ),
            Some(("/console/me", "My profile")),
        ),
        Role::Admin | Role::Superadmin if roles == Roles::LINK => (
            "For set-up links",
            "This address is for whoever was sent a set-up link.".to_owned(),
            Some(("/console/integrations", "Integrations")),
        ),
        Role::Admin | Role::Superadmin => (
            "Only a superadmin can do this",
            format!(
                "Only a superadmin can do this. Ask a superadmin of {organization}; Users, filtered \
                 by role, shows who is one."
            ),
            Some(("/console/users?role=superadmin", "Show superadmins")),
        ),
    };
    let frame = Frame::new(visitor, title, Section::None);
    Page::with_status(StatusCode::FORBIDDEN, Why { frame, text, next }).into_response()
}

/// What the domain or the server refused, as a page. `looks`: a page was asked for, and nothing was to
/// be done.
pub(super) fn page(visitor: &Visitor, error: HttpError, looks: bool) -> Response {
    let title = match error.status {
        StatusCode::NOT_FOUND => "Nothing is here",
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => "This cannot be done here",
        status if status.is_server_error() => "This could not be done now",
        _ if looks => "This cannot be shown",
        _ => "Nothing was changed",
    };
    let text = match error.status {
        // Another organization's, deleted, or never there: it reads the same.
        StatusCode::NOT_FOUND if looks => {
            "There is nothing at this address, or it is not yours to see.".to_owned()
        }
        _ => error.detail.clone(),
    };
    let mut frame = Frame::new(visitor, title, Section::None);
    frame.is_error = !looks;
    let status = match error.status {
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT if !looks => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        status => status,
    };
    let mut response = Page::with_status(status, Why { frame, text, next: None }).into_response();
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
    }
    // The log tells what the page does not.
    response.extensions_mut().insert(error);
    response
}

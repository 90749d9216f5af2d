//! `GET /console/me`: what a person may know of its own account.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use directory::{
    role::{Held, Why},
    session::SignedIn,
};
use http::{HeaderMap, StatusCode};

use crate::{App, error::HttpError, page::Page, session};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/console/me", get(show))
}

/// Who I am, and which groups and roles I have, and why.
#[derive(Debug, Template)]
#[template(path = "profile.html")]
struct Profile {
    organization: String,
    name: String,
    user_name: String,
    email: Option<String>,
    /// The provider that manages the account.
    manager: Option<String>,
    groups: Vec<String>,
    /// Each with the reason.
    roles: Vec<(String, String)>,
    since: String,
    expires: String,
}

/// No one is signed in.
#[derive(Debug, Template)]
#[template(path = "signed-in-no-one.html")]
struct NoOne {}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, HttpError> {
    Ok(match session::signed_in(&app, &headers, None).await? {
        Some(found) => Page::ok(Profile::of(&found)).into_response(),
        None => Page::with_status(StatusCode::UNAUTHORIZED, NoOne {}).into_response(),
    })
}

impl Profile {
    fn of(found: &SignedIn) -> Self {
        let SignedIn { user, organization, connection, roles, groups, session, .. } = found;
        let managed = user.managed_by.is_some();
        Self {
            organization: organization.name.clone(),
            name: user.display_name().unwrap_or_else(|| user.name().to_owned()),
            user_name: user.name().to_owned(),
            email: user.email().map(str::to_owned),
            manager: connection
                .as_ref()
                .filter(|_| managed)
                .map(directory::connection::Connection::label),
            groups: groups.iter().map(|group| group.display.clone()).collect(),
            roles: roles.iter().map(|held| (held.role.name.to_string(), reasons(held))).collect(),
            since: session.created.to_string(),
            expires: session.expires.to_string(),
        }
    }
}

/// Why someone has a role, in a few words.
fn reasons(held: &Held) -> String {
    let why = held.why.iter().map(|why| match why {
        Why::Assigned => "given to you".to_owned(),
        Why::Group { name, .. } => format!("by the group {name}"),
    });
    why.collect::<Vec<_>>().join(", ")
}

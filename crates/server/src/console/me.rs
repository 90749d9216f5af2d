//! `/console/me`: what a person may know of its own account.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    role::{Held, Why},
    session::SignedIn,
};

use super::{Frame, Section, Visitor, icon::Icon, time::Moment};
use crate::{error::HttpError, page::Page};

/// Who I am, and which groups and roles I have, and why.
#[derive(Debug, Template)]
#[template(path = "console/me.html")]
struct Me {
    frame: Frame,
    user_name: String,
    email: Option<String>,
    /// The provider that manages the account.
    manager: Option<String>,
    groups: Vec<String>,
    /// Each with the reason.
    roles: Vec<(String, String)>,
    since: Moment,
    expires: Moment,
}

/// `GET /console/me`
pub(super) async fn show(visitor: Visitor) -> Result<Response, HttpError> {
    let signed_in = visitor.person().ok_or_else(HttpError::internal)?;
    let SignedIn { user, connection, roles, groups, session, .. } = signed_in;
    let name = user.display_name().unwrap_or_else(|| user.name().to_owned());
    let manager = connection.as_ref().filter(|_| user.managed_by.is_some());
    let page = Me {
        frame: Frame::new(&visitor, name, Section::Me),
        user_name: user.name().to_owned(),
        email: user.email().map(str::to_owned),
        manager: manager.map(directory::connection::Connection::label),
        groups: groups.iter().map(|group| group.display.clone()).collect(),
        roles: roles.iter().map(|held| (held.role.name.to_string(), reasons(held))).collect(),
        since: Moment(session.created),
        expires: Moment(session.expires),
    };
    Ok(Page::ok(page).into_response())
}

/// Why someone has a role, in a few words.
pub(super) fn reasons(held: &Held) -> String {
    let why = held.why.iter().map(|why| match why {
        Why::Assigned => "given directly".to_owned(),
        Why::Group { name, direct: true, .. } => format!("by the group {name}"),
        Why::Group { name, direct: false, .. } => {
            format!("by the group {name}, by way of another group")
        }
    });
    why.collect::<Vec<_>>().join(", ")
}

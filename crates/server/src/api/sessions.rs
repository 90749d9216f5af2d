//! `/organizations/{organization}/sessions`: who is signed in.

use axum::{Json, http::StatusCode};
use directory::{
    SessionId, User,
    session::{self, Session},
    user,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    context::{SessionInPath, UserInPath},
    page::{List, Page, PageQuery, Parameters},
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(end))
        .routes(routes!(of_user, end_of_user))
}

/// Someone who is signed in, in one browser.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct Shown {
    /// Its id.
    id: String,
    /// The id of the user.
    user: String,
    /// The userName.
    user_name: String,
    /// When it began.
    created: String,
    /// When it was last used, to the minute.
    last_seen: String,
    /// When it ends by itself at the latest.
    expires: String,
    /// What the browser calls itself.
    device: Option<String>,
    /// The address that it came from.
    address: Option<String>,
}

impl Shown {
    fn of(session: &Session, user: &User) -> Self {
        Self {
            id: session.id.to_string(),
            user: user.id.to_string(),
            user_name: user.name().to_owned(),
            created: session.created.to_string(),
            last_seen: session.seen.to_string(),
            expires: session.expires.to_string(),
            device: session.about.device.clone(),
            address: session.about.address.clone(),
        }
    }
}

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
struct Ended {
    /// So many.
    sessions: u64,
}

/// Lists the sessions of an organization.
#[utoipa::path(get, path = "/organizations/{organization}/sessions", tag = "sessions",
    params(PageQuery), responses((status = 200, body = Page<Shown>)))]
async fn list(
    organization: Organization,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Shown>>, HttpError> {
    let list = List::new(organization.app(), Some(organization.access()), "sessions").await?;
    let after = list.after(&query)?.and_then(|place| SessionId::parse(&place));
    let limit = query.limit(organization.app())?;
    let sessions = organization.read(move |reader| session::after(reader, after, limit)).await?;
    let place = |(session, _): &(Session, User)| session.id.to_string();
    Ok(Json(list.page(&sessions, limit, place, |(session, user)| Shown::of(session, user))))
}

/// Lists the sessions of a user that have not ended.
#[utoipa::path(get, path = "/organizations/{organization}/users/{user}/sessions",
    tag = "sessions", responses((status = 200, body = Page<Shown>)))]
async fn of_user(
    organization: Organization,
    UserInPath(id): UserInPath,
) -> Result<Json<Page<Shown>>, HttpError> {
    let policy = organization.app().sessions();
    let now = organization.app().store().clock().now();
    let found = organization.read(move |reader| {
        let user = user::get(reader, id)?;
        Ok::<_, directory::Error>((session::of_user(reader, &user, &policy, now)?, user))
    });
    let (sessions, user) = found.await?;
    Ok(Json(Page::whole(sessions.iter().map(|session| Shown::of(session, &user)))))
}

/// Ends a session.
#[utoipa::path(delete, path = "/organizations/{organization}/sessions/{session}",
    tag = "sessions", responses((status = 204, description = "It has ended.")))]
async fn end(
    organization: Organization,
    SessionInPath(id): SessionInPath,
) -> Result<StatusCode, HttpError> {
    organization.write(move |writer| session::end(writer, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of a user.
#[utoipa::path(delete, path = "/organizations/{organization}/users/{user}/sessions",
    tag = "sessions", responses((status = 200, body = Ended)))]
async fn end_of_user(
    organization: Organization,
    UserInPath(id): UserInPath,
) -> Result<Json<Ended>, HttpError> {
    let ended = organization.write(move |writer| {
        let user = user::get(writer, id)?;
        session::end_all(writer, &user)
    });
    Ok(Json(Ended { sessions: ended.await? }))
}

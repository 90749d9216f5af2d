//! `/organizations/{organization}/roles/{name}/users`: roles that were given to users themselves.

use axum::{Json, http::StatusCode};
use directory::{ResourceNo, User, role, user};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    context::{NameInPath, UserInPath},
    page::{List, Page, PageQuery, Parameters},
    roles::known,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(assign, unassign))
}

/// A user to whom a role was given.
#[derive(Debug, Serialize, ToSchema)]
struct Bearer {
    /// The id of the user.
    id: String,
    /// The userName.
    user_name: String,
}

/// Lists the users to whom a role was given themselves, in the order in which they came.
#[utoipa::path(get, path = "/organizations/{organization}/roles/{name}/users", tag = "roles",
    params(PageQuery), responses((status = 200, body = Page<Bearer>)))]
async fn list(
    organization: Organization,
    NameInPath(name): NameInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Bearer>>, HttpError> {
    let role = known(&name)?;
    let title = format!("bearers of {role}");
    let list = List::new(organization.app(), Some(organization.access()), &title).await?;
    let after = list.after(&query)?.and_then(|place| place.parse().ok()).map(i64::into);
    let (after, limit) = (after.unwrap_or(ResourceNo::START), query.limit(organization.app())?);
    let users = organization.read(move |reader| role::assigned(reader, &role, after, limit));
    let place = |user: &User| user.no().number().to_string();
    let view = |user: &User| Bearer { id: user.id.to_string(), user_name: user.name().to_owned() };
    Ok(Json(list.page(&users.await?, limit, place, view)))
}

/// Gives a role to a user. One that has it keeps it.
#[utoipa::path(put, path = "/organizations/{organization}/roles/{name}/users/{user}",
    tag = "roles", responses((status = 204, description = "The user has it.")))]
async fn assign(
    organization: Organization,
    NameInPath(name): NameInPath,
    UserInPath(id): UserInPath,
) -> Result<StatusCode, HttpError> {
    let role = known(&name)?;
    let given = organization.write(move |writer| {
        let user = user::get(writer, id)?;
        role::assign(writer, &user, &role).map(drop)
    });
    given.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a role from a user to whom it was given.
#[utoipa::path(delete, path = "/organizations/{organization}/roles/{name}/users/{user}",
    tag = "roles", responses((status = 204, description = "It is taken.")))]
async fn unassign(
    organization: Organization,
    NameInPath(name): NameInPath,
    UserInPath(id): UserInPath,
) -> Result<StatusCode, HttpError> {
    let role = known(&name)?;
    let taken = organization.write(move |writer| {
        let user = user::get(writer, id)?;
        role::unassign(writer, &user, &role)
    });
    taken.await?;
    Ok(StatusCode::NO_CONTENT)
}

//! `/organizations/{organization}/role-mappings`: roles that the members of groups have.

use axum::{Json, http::StatusCode};
use directory::{
    group,
    role::{self, Mapping},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    context::{GroupInPath, NameInPath},
    page::Page,
    roles::known,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(map, unmap))
}

/// A role that the members of a group have.
#[derive(Debug, Serialize, ToSchema)]
struct RoleMapping {
    /// The role.
    role: String,
    /// The id of the group.
    group: String,
    /// Its name.
    group_name: String,
    /// When it was mapped.
    created: String,
}

impl From<&Mapping> for RoleMapping {
    fn from(mapping: &Mapping) -> Self {
        Self {
            role: mapping.role.name.to_string(),
            group: mapping.group.id.to_string(),
            group_name: mapping.group.name().to_owned(),
            created: mapping.created.to_string(),
        }
    }
}

/// Lists the mappings of an organization.
#[utoipa::path(get, path = "/organizations/{organization}/role-mappings", tag = "roles",
    responses((status = 200, body = Page<RoleMapping>)))]
async fn list(organization: Organization) -> Result<Json<Page<RoleMapping>>, HttpError> {
    let mapped = organization.read(role::mapped).await?;
    Ok(Json(Page::whole(mapped.iter().map(RoleMapping::from))))
}

/// Gives the members of a group a role, at once and as long as they are members.
#[utoipa::path(put, path = "/organizations/{organization}/roles/{name}/groups/{group}",
    tag = "roles", responses((status = 204, description = "It is mapped.")))]
async fn map(
    organization: Organization,
    NameInPath(name): NameInPath,
    GroupInPath(id): GroupInPath,
) -> Result<StatusCode, HttpError> {
    let role = known(&name)?;
    let mapped = organization.write(move |writer| {
        let group = group::get(writer, id)?;
        role::map(writer, &group, &role).map(drop)
    });
    mapped.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a role from the members of a group.
#[utoipa::path(delete, path = "/organizations/{organization}/roles/{name}/groups/{group}",
    tag = "roles", responses((status = 204, description = "It is taken.")))]
async fn unmap(
    organization: Organization,
    NameInPath(name): NameInPath,
    GroupInPath(id): GroupInPath,
) -> Result<StatusCode, HttpError> {
    let role = known(&name)?;
    let unmapped = organization.write(move |writer| {
        let group = group::get(writer, id)?;
        role::unmap(writer, &group, &role)
    });
    unmapped.await?;
    Ok(StatusCode::NO_CONTENT)
}

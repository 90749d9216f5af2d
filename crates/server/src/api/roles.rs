//! `/organizations/{organization}/roles`: what people may do.

use axum::{Json, http::StatusCode};
use directory::{
    Error, Noun, Writer,
    role::{self, Held, Role, RoleName, Why},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    answer::{Done, Made},
    body::Posted,
    context::NameInPath,
    page::Page,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
struct Shown {
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Whether every organization has it.
    built_in: bool,
    /// When it was made; null: it is built in.
    created: Option<String>,
}

impl From<&Role> for Shown {
    fn from(role: &Role) -> Self {
        Self {
            name: role.name.to_string(),
            description: role.description.clone(),
            built_in: role.is_built_in(),
            created: role.created.map(|time| time.to_string()),
        }
    }
}

/// A role that a user has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldRole {
    /// Its name.
    name: String,
    /// Whether it was given to the user itself.
    assigned: bool,
    /// The groups that give it.
    groups: Vec<GivingGroup>,
}

/// A group that gives a role to its members.
#[derive(Debug, Serialize, ToSchema)]
struct GivingGroup {
    /// The id of the group.
    id: String,
    /// Its name.
    display_name: String,
    /// Whether the user is a member itself, and not by way of another group.
    direct: bool,
}

impl HeldRole {
    pub(super) fn of(held: &Held) -> Self {
        let group = |why: &Why| match why {
            Why::Assigned => None,
            Why::Group { id, name, direct } => Some(GivingGroup {
                id: id.to_string(),
                display_name: name.clone(),
                direct: *direct,
            }),
        };
        Self {
            name: held.role.name.to_string(),
            assigned: held.why.contains(&Why::Assigned),
            groups: held.why.iter().filter_map(group).collect(),
        }
    }
}

/// A role that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    /// 1 to 63 lower-case letters, digits and inner hyphens.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: String,
}

/// Lists the roles of an organization, the built-in ones first.
#[utoipa::path(get, path = "/organizations/{organization}/roles", tag = "roles",
    responses((status = 200, body = Page<Shown>)))]
async fn list(organization: Organization) -> Result<Json<Page<Shown>>, HttpError> {
    let roles = organization.read(role::list).await?;
    Ok(Json(Page::whole(roles.iter().map(Shown::from))))
}

/// Makes a role.
#[utoipa::path(post, path = "/organizations/{organization}/roles", tag = "roles",
    request_body = NewRole, responses((status = 201, body = Shown)))]
async fn create(
    organization: Organization,
    Posted { new, once }: Posted<NewRole>,
) -> Result<Done, HttpError> {
    let (name, id) = (RoleName::parse(&new.name)?, organization.record().id);
    let make = move |writer: &mut Writer<'_>| {
        let role = role::create(writer, &name, &new.description)?;
        let at = format!("/organizations/{id}/roles/{}", role.name);
        Ok::<_, Error>(Made::new(at, &Shown::from(&role)))
    };
    Done::once(&organization, once, make).await
}

/// Deletes a role that no one has.
#[utoipa::path(delete, path = "/organizations/{organization}/roles/{name}", tag = "roles",
    responses((status = 204, description = "It is deleted.")))]
async fn delete(
    organization: Organization,
    NameInPath(name): NameInPath,
) -> Result<StatusCode, HttpError> {
    let name = known(&name)?;
    organization.write(move |writer| role::delete(writer, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The role that an address names. What cannot be a name names none.
pub(super) fn known(name: &str) -> Result<RoleName, Error> {
    RoleName::parse(name)
        .map_err(|_| Error::NotFound { what: Noun::Role, name: Some(name.to_owned()) })
}

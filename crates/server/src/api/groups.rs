//! `/organizations/{organization}/groups`: groups of providers, and teams.

use axum::{Json, http::StatusCode};
use directory::{ConnectionId, Group, Resource, ResourceId, Writer, connection, group};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    answer::{Done, Made, Tagged},
    body::{Body, Posted},
    context::GroupInPath,
    fault::Fault,
    page::{Page, Parameters},
    resources::{self, Condition, Managers, SearchQuery, SentAttributes},
    words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(link, unlink))
}

/// A set of users and groups. One that a connection manages came from its provider; any other is a team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
struct Shown {
    /// It never changes, and is the one that the provider knows.
    id: String,
    /// The unique name.
    display_name: String,
    /// Members of its own. Those that are not here yet do not count.
    members: i64,
    /// The id of the connection that manages the group; null: it is a team.
    managed_by: Option<String>,
    /// The number of changes, as in the entity tag.
    version: i64,
    /// When it was made.
    created: String,
    /// When its attributes or its members changed last.
    modified: String,
    /// All of its attributes but the members.
    #[schema(schema_with = words::attributes)]
    attributes: Box<RawValue>,
}

impl Shown {
    fn of(group: &Resource, managers: &Managers) -> Self {
        Self {
            id: group.id.to_string(),
            display_name: group.name().to_owned(),
            members: group.member_count(),
            managed_by: managers.of(group.managed_by),
            version: group.version.number(),
            created: group.created.to_string(),
            modified: group.modified.to_string(),
            attributes: resources::shown(group),
        }
    }
}

fn tagged(group: &Group, body: Shown) -> Tagged<Shown> {
    Tagged { tag: group.meta().tag, body }
}

/// A team that is to be made, or what is to be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupAttributes {
    /// Attributes as SCIM has them: `displayName`, `externalId` … In a change those that are left out stay as
    /// they are, and null removes one. Members have addresses of their own.
    #[schema(schema_with = words::attributes)]
    attributes: SentAttributes,
}

/// Which connection is to manage a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupLink {
    /// The id of the connection.
    #[schema(value_type = String)]
    connection: ConnectionId,
}

/// Searches the groups of an organization.
#[utoipa::path(get, path = "/organizations/{organization}/groups", tag = "groups",
    params(SearchQuery), responses((status = 200, body = Page<Shown>)))]
async fn list(
    organization: Organization,
    Parameters(query): Parameters<SearchQuery>,
) -> Result<Json<Page<Shown>>, HttpError> {
    let page = resources::list(&organization, query, ::scim::schema::Schemas::group, Shown::of);
    Ok(Json(page.await?))
}

/// Makes a team.
#[utoipa::path(post, path = "/organizations/{organization}/groups", tag = "groups",
    request_body = GroupAttributes, responses((status = 201, body = Shown)))]
async fn create(
    organization: Organization,
    Posted { new, once }: Posted<GroupAttributes>,
) -> Result<Done, HttpError> {
    let id = organization.record().id;
    let make = move |writer: &mut Writer<'_>| {
        let schemas = writer.schemas()?;
        let attributes = new.attributes.accepted(schemas.group())?;
        let group = group::create(writer, &attributes, &[])?;
        let at = format!("/organizations/{id}/groups/{}", group.id);
        let shown = Shown::of(&group, &Managers::read(writer)?);
        Ok::<_, Fault>(Made::new(at, &shown).tagged(group.meta().tag))
    };
    Done::once(&organization, once, make).await
}

/// Shows a group.
#[utoipa::path(get, path = "/organizations/{organization}/groups/{group}", tag = "groups",
    responses((status = 200, body = Shown)))]
async fn show(
    organization: Organization,
    GroupInPath(id): GroupInPath,
) -> Result<Tagged<Shown>, HttpError> {
    let read = organization.read(move |reader| {
        let group = group::get(reader, id)?;
        let shown = Shown::of(&group, &Managers::read(reader)?);
        Ok::<_, Fault>(tagged(&group, shown))
    });
    read.await
}

/// Changes attributes of a team.
#[utoipa::path(patch, path = "/organizations/{organization}/groups/{group}", tag = "groups",
    request_body = GroupAttributes, responses((status = 200, body = Shown)))]
async fn change(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    condition: Condition,
    Body(change): Body<GroupAttributes>,
) -> Result<Tagged<Shown>, HttpError> {
    let act = move |writer: &mut Writer<'_>, group: &Group| {
        let schemas = writer.schemas()?;
        let attributes = change.attributes.merged(schemas.group(), group)?;
        Ok(group::change(writer, group, attributes, &[])?)
    };
    changed(&organization, id, condition, act).await
}

/// Says which connection manages a group: a team becomes a group of the provider, and keeps its members
/// until the provider pushes them.
#[utoipa::path(put, path = "/organizations/{organization}/groups/{group}/connection",
    tag = "groups", request_body = GroupLink, responses((status = 200, body = Shown)))]
async fn link(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    condition: Condition,
    Body(GroupLink { connection }): Body<GroupLink>,
) -> Result<Tagged<Shown>, HttpError> {
    let act = move |writer: &mut Writer<'_>, group: &Group| {
        let connection = connection::get(writer, connection)?;
        Ok(group::link(writer, group, &connection)?)
    };
    changed(&organization, id, condition, act).await
}

/// Takes a group from its connection: it is a team from now on.
#[utoipa::path(delete, path = "/organizations/{organization}/groups/{group}/connection",
    tag = "groups", responses((status = 200, body = Shown)))]
async fn unlink(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    condition: Condition,
) -> Result<Tagged<Shown>, HttpError> {
    changed(&organization, id, condition, |writer, group| Ok(group::unlink(writer, group)?)).await
}

/// Makes a change of a group that is as the client believes.
async fn changed(
    organization: &Organization,
    id: ResourceId,
    condition: Condition,
    mut act: impl FnMut(&mut Writer<'_>, &Group) -> Result<Group, Fault> + Send + 'static,
) -> Result<Tagged<Shown>, HttpError> {
    let changed = organization.write(move |writer| {
        let group = group::get(writer, id)?;
        condition.check(&group)?;
        let group = act(writer, &group)?;
        let shown = Shown::of(&group, &Managers::read(writer)?);
        Ok::<_, Fault>(tagged(&group, shown))
    });
    changed.await
}

/// Deletes a team. Its members stay.
#[utoipa::path(delete, path = "/organizations/{organization}/groups/{group}", tag = "groups",
    responses((status = 204, description = "It is deleted.")))]
async fn delete(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    condition: Condition,
) -> Result<StatusCode, HttpError> {
    let deleted = organization.write(move |writer| {
        let group = group::get(writer, id)?;
        condition.check(&group)?;
        group::delete(writer, &group)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

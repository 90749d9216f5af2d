//! `/organizations/{organization}/groups/{group}/members`.

use axum::{Json, http::StatusCode};
use directory::{
    Group, Member, ResourceNo, Writer,
    group::{self, MemberName},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    body::Body,
    context::GroupInPath,
    page::{List, Page, PageQuery, Parameters},
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// The most members that one request adds or removes. More are sent by several.
pub(crate) const MOST: usize = 1_000;

/// A member of a group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
struct Shown {
    /// The id of the user or group.
    id: String,
    /// `User` or `Group`.
    kind: &'static str,
    /// The userName, or the name of the group.
    display_name: String,
}

impl From<&Member> for Shown {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id.to_string(),
            kind: member.kind.as_str(),
            display_name: member.display.clone(),
        }
    }
}

/// Members to add or to remove.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberIds {
    /// Ids of users and groups, at most a thousand. One that is not here yet is waited for.
    #[schema(max_items = 1000)]
    members: Vec<String>,
}

impl MemberIds {
    fn names(self) -> Result<Vec<MemberName>, HttpError> {
        if self.members.len() > MOST {
            let detail = format!("One request has at most {MOST} members.");
            return Err(HttpError::new(StatusCode::BAD_REQUEST, "too_many_members", detail));
        }
        Ok(self.members.into_iter().map(MemberName::from).collect())
    }
}

/// Lists the members of a group itself, in the order in which they came to the organization.
#[utoipa::path(get, path = "/organizations/{organization}/groups/{group}/members",
    tag = "groups", params(PageQuery), responses((status = 200, body = Page<Shown>)))]
async fn list(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Shown>>, HttpError> {
    let name = format!("members of {id}");
    let list = List::new(organization.app(), Some(organization.access()), &name).await?;
    let after = list.after(&query)?.and_then(|place| place.parse().ok()).map(i64::into);
    let (after, limit) = (after.unwrap_or(ResourceNo::START), query.limit(organization.app())?);
    let members = organization.read(move |reader| {
        let group = group::get(reader, id)?;
        group::members_after(reader, &group, after, limit as usize)
    });
    let place = |member: &Member| member.no().number().to_string();
    Ok(Json(list.page(&members.await?, limit, place, |member| Shown::from(member))))
}

/// Adds members to a team. One that is there already stays.
#[utoipa::path(post, path = "/organizations/{organization}/groups/{group}/members",
    tag = "groups", request_body = MemberIds,
    responses((status = 204, description = "They are members.")))]
async fn add(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    Body(body): Body<MemberIds>,
) -> Result<StatusCode, HttpError> {
    let names = body.names()?;
    let added = organization.write(move |writer: &mut Writer<'_>| {
        let group: Group = group::get(writer, id)?;
        group::add_members(writer, &group, &names).map(drop)
    });
    added.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes members from a team. One that is not there is no error.
#[utoipa::path(post, path = "/organizations/{organization}/groups/{group}/members/remove",
    tag = "groups", request_body = MemberIds,
    responses((status = 204, description = "They are members no longer.")))]
async fn remove(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    Body(body): Body<MemberIds>,
) -> Result<StatusCode, HttpError> {
    let names = body.names()?;
    let removed = organization.write(move |writer: &mut Writer<'_>| {
        let group: Group = group::get(writer, id)?;
        group::remove_members(writer, &group, &names).map(drop)
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

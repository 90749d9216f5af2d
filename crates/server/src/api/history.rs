//! `…/history` and `…/at/{moment}`: what an organization, a user and a group were.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, response::Response};
use directory::{
    EventNo, Reader, ResourceId,
    event::Event,
    history::{self, Counted, Moment, Past, Then},
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    context::{GroupInPath, MomentInPath, UserInPath},
    page::{List, Page, PageQuery, Parameters},
    records::Record,
    snapshot, words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(organization))
        .routes(routes!(past_snapshot))
        .routes(routes!(user_events))
        .routes(routes!(user))
        .routes(routes!(group_events))
        .routes(routes!(group))
        .routes(routes!(members))
}

/// How much there was at a moment, and what has happened since.
#[derive(Debug, Serialize, ToSchema)]
struct PastOrganization {
    /// The number of the newest event then.
    number: i64,
    /// When that was written; null: there was none, or it is not kept any more.
    at: Option<String>,
    /// Users then, archived ones included.
    users: i64,
    /// Groups then.
    groups: i64,
    /// The number of the newest event today.
    newest: i64,
    /// The number of the newest event that is not kept any more: history begins after it.
    pruned: i64,
    /// How many events there were since, by their kinds.
    since: BTreeMap<&'static str, i64>,
}

impl From<Counted> for PastOrganization {
    fn from(counted: Counted) -> Self {
        let Counted { past: Past { after, newest, pruned }, at, users, groups, since } = counted;
        Self {
            number: after.number(),
            at: at.map(|time| time.to_string()),
            users,
            groups,
            newest: newest.number(),
            pruned: pruned.number(),
            since: since.into_iter().map(|(kind, events)| (kind.name(), events)).collect(),
        }
    }
}

/// A user or group as it was at a moment.
#[derive(Debug, Serialize, ToSchema)]
struct PastResource {
    /// The number of the newest event of the organization then.
    number: i64,
    /// Its id.
    id: String,
    /// Its userName or displayName then.
    name: String,
    /// Whether it was a user that could come in.
    active: bool,
    /// The number of the event that made it so; null: it is not kept any more.
    since: Option<i64>,
    /// When that was; null: it is not known any more.
    since_at: Option<String>,
    /// All of its attributes then.
    #[schema(schema_with = words::attributes)]
    attributes: Box<RawValue>,
}

impl PastResource {
    fn of(past: Past, then: &Then) -> Self {
        let attributes = serde_json::value::to_raw_value(&then.attributes);
        Self {
            number: past.after.number(),
            id: then.id.to_string(),
            name: then.name().to_owned(),
            active: then.is_active(),
            since: then.since.map(|(no, _)| no.number()),
            since_at: then.since.map(|(_, at)| at.to_string()),
            attributes: attributes.expect("attributes are JSON"),
        }
    }
}

/// A member that a group had.
#[derive(Debug, Serialize, ToSchema)]
struct PastMember {
    /// The id of the user or group.
    id: String,
}

/// Counts what there was at a moment, and what has happened since. 410: events from so long ago are not kept
/// any more.
#[utoipa::path(get, path = "/organizations/{organization}/at/{moment}", tag = "history",
    responses((status = 200, body = PastOrganization)))]
async fn organization(
    organization: Organization,
    MomentInPath(moment): MomentInPath,
) -> Result<Json<PastOrganization>, HttpError> {
    let counted = organization.read_long(move |reader: &mut Reader<'_>| {
        let past = history::at(reader, moment)?;
        history::counted(reader, past)
    });
    Ok(Json(counted.await?.into()))
}

/// Tells the users, groups and memberships of an organization as they were at a moment, in the form of a
/// snapshot. Connections, roles and resources of registered types are not told.
#[utoipa::path(get, path = "/organizations/{organization}/at/{moment}/snapshot", tag = "history",
    responses((status = 200, content_type = "application/jsonl", body = String)))]
async fn past_snapshot(
    organization: Organization,
    MomentInPath(moment): MomentInPath,
) -> Result<Response, HttpError> {
    snapshot::told(&organization, |store, access, take| async move {
        history::tell(&store, &access, moment, take).await
    })
    .await
}

/// Lists the events about a user, oldest first; also about one that was deleted. Which groups it joined or left
/// is told by the events of the groups.
#[utoipa::path(get, path = "/organizations/{organization}/users/{user}/history", tag = "history",
    params(PageQuery), responses((status = 200, body = Page<Record>)))]
async fn user_events(
    organization: Organization,
    UserInPath(id): UserInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Record>>, HttpError> {
    events(&organization, id, &query).await
}

/// Shows a user as it was at a moment. 404: it was not there.
#[utoipa::path(get, path = "/organizations/{organization}/users/{user}/at/{moment}",
    tag = "history", responses((status = 200, body = PastResource)))]
async fn user(
    organization: Organization,
    UserInPath(id): UserInPath,
    MomentInPath(moment): MomentInPath,
) -> Result<Json<PastResource>, HttpError> {
    then(&organization, moment, move |reader, past| history::user(reader, past, id)).await
}

/// Lists the events about a group, oldest first; also about one that was deleted.
#[utoipa::path(get, path = "/organizations/{organization}/groups/{group}/history",
    tag = "history", params(PageQuery), responses((status = 200, body = Page<Record>)))]
async fn group_events(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Record>>, HttpError> {
    events(&organization, id, &query).await
}

/// Shows a group as it was at a moment, without its members. 404: it was not there.
#[utoipa::path(get, path = "/organizations/{organization}/groups/{group}/at/{moment}",
    tag = "history", responses((status = 200, body = PastResource)))]
async fn group(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    MomentInPath(moment): MomentInPath,
) -> Result<Json<PastResource>, HttpError> {
    then(&organization, moment, move |reader, past| history::group(reader, past, id)).await
}

/// Lists the members that a group had itself at a moment, by their ids. Each page is computed anew from the events
/// since; the snapshot of a moment has all groups at once.
#[utoipa::path(get, path = "/organizations/{organization}/groups/{group}/at/{moment}/members",
    tag = "history", params(PageQuery), responses((status = 200, body = Page<PastMember>)))]
async fn members(
    organization: Organization,
    GroupInPath(id): GroupInPath,
    MomentInPath(moment): MomentInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<PastMember>>, HttpError> {
    let list = List::new(organization.app(), Some(organization.access()), "past members").await?;
    let after = list.after(&query)?.and_then(|place| ResourceId::parse(&place));
    let limit = query.limit(organization.app())?;
    let members = organization.read_long(move |reader: &mut Reader<'_>| {
        let past = history::at(reader, moment)?;
        let members: BTreeSet<ResourceId> = history::group_members(reader, past, id)?;
        let rest = members.into_iter().filter(|member| after.is_none_or(|after| *member > after));
        Ok::<_, directory::Error>(rest.take(limit as usize).collect::<Vec<_>>())
    });
    let shown = |id: &ResourceId| PastMember { id: id.to_string() };
    Ok(Json(list.page(&members.await?, limit, ToString::to_string, shown)))
}

async fn events(
    organization: &Organization,
    id: ResourceId,
    query: &PageQuery,
) -> Result<Json<Page<Record>>, HttpError> {
    let name = format!("history of {id}");
    let list = List::new(organization.app(), Some(organization.access()), &name).await?;
    let after = list.after(query)?.and_then(|place| place.parse().ok()).map(i64::into);
    let (after, limit) = (after.unwrap_or(EventNo::START), query.limit(organization.app())?);
    let found = organization.read(move |reader| history::events(reader, id, after, limit)).await?;
    let place = |event: &Event| event.no.to_string();
    Ok(Json(list.page(&found, limit, place, Record::of)))
}

async fn then(
    organization: &Organization,
    moment: Moment,
    mut read: impl FnMut(&mut Reader<'_>, Past) -> Result<Then, directory::Error> + Send + 'static,
) -> Result<Json<PastResource>, HttpError> {
    let then = organization.read(move |reader: &mut Reader<'_>| {
        let past = history::at(reader, moment)?;
        Ok::<_, directory::Error>(PastResource::of(past, &read(reader, past)?))
    });
    Ok(Json(then.await?))
}

//! `/organizations/{organization}/connections/{connection}/removal-guard`: removals that wait for a
//! decision.

use axum::Json;
use directory::{
    Error, Resource, ResourceId, ResourceNo,
    removal::{self, Act, HeldRemoval, Limits},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    body::Body,
    context::ConnectionInPath,
    page::{List, Page, PageQuery, Parameters},
    words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, change))
        .routes(routes!(held))
        .routes(routes!(release))
        .routes(routes!(refuse))
        .routes(routes!(let_through))
}

/// How many people a provider may take away, and what is held of that.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RemovalGuard)]
struct Shown {
    /// Whether it is on. While it is off, the limits are those that it would have.
    on: bool,
    /// More than so many people are held.
    people: i64,
    /// More than so many percent of the active people of the connection are held, where that is more than
    /// ten people.
    percent: i64,
    /// In so many minutes.
    minutes: i64,
    /// How many active people the connection manages.
    managed: i64,
    /// How many removals pass in the window, of so many people.
    allowance: i64,
    /// How many were made in the window.
    counted: i64,
    /// How many are held, and not decided.
    held: i64,
    /// Since when; null: none is.
    since: Option<String>,
    /// Until when those that were refused last stay refused.
    refused_until: Option<String>,
}

impl From<removal::Shown> for Shown {
    fn from(guard: removal::Shown) -> Self {
        let Limits { people, percent, minutes } = guard.limits;
        Self {
            on: guard.is_on,
            people,
            percent,
            minutes,
            managed: guard.managed,
            allowance: guard.allowance,
            counted: guard.counted,
            held: guard.held,
            since: guard.since.map(|time| time.to_string()),
            refused_until: guard.refused_until.map(|time| time.to_string()),
        }
    }
}

/// What is to be different. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RemovalGuardChange {
    /// Whether it is on. Switched off, what is held is let through.
    #[serde(default)]
    on: Option<bool>,
    /// More than so many people are held.
    #[serde(default)]
    people: Option<i64>,
    /// More than so many percent of the active people of the connection are held.
    #[serde(default)]
    percent: Option<i64>,
    /// In so many minutes.
    #[serde(default)]
    minutes: Option<i64>,
}

/// A removal that is held, or was refused last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldRemoval)]
struct Removal {
    /// The id of the user or group; null: it is gone.
    id: Option<String>,
    /// The userName or the displayName.
    name: Option<String>,
    /// What the provider asked for.
    #[schema(schema_with = words::removal_act)]
    act: Act,
    /// How many people it takes away.
    people: i64,
    /// When it was asked for first.
    first: String,
    /// When it was asked for last.
    last: String,
    /// How often.
    attempts: i64,
}

impl From<&HeldRemoval> for Removal {
    fn from(one: &HeldRemoval) -> Self {
        Self {
            id: one.resource.as_ref().map(|resource| resource.id.to_string()),
            name: one.resource.as_ref().map(|resource| Resource::name(resource).to_owned()),
            act: one.act,
            people: one.people,
            first: one.first.to_string(),
            last: one.last.to_string(),
            attempts: one.attempts,
        }
    }
}

/// What is decided about.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    /// How many were held when it was decided. Are there others by now, nothing is done (409).
    #[serde(default)]
    expected: Option<i64>,
}

/// How many were decided about.
#[derive(Debug, Serialize, ToSchema)]
struct Decided {
    /// So many.
    removals: i64,
}

/// Whom the provider may take away all the same.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LetThrough {
    /// The id of a user, or of a group.
    id: String,
}

/// Shows the mass-removal guard of a connection.
#[utoipa::path(get, path = "/organizations/{organization}/connections/{connection}/removal-guard",
    tag = "removals", responses((status = 200, body = Shown)))]
async fn show(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<Shown>, HttpError> {
    Ok(Json(organization.read(move |reader| removal::show(reader, id)).await?.into()))
}

/// Changes what the mass-removal guard lets through.
#[utoipa::path(patch, path = "/organizations/{organization}/connections/{connection}/removal-guard",
    tag = "removals", request_body = RemovalGuardChange, responses((status = 200, body = Shown)))]
async fn change(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(change): Body<RemovalGuardChange>,
) -> Result<Json<Shown>, HttpError> {
    let changed = organization.write(move |writer| {
        let before = removal::show(writer, id)?;
        let limits = Limits {
            people: change.people.unwrap_or(before.limits.people),
            percent: change.percent.unwrap_or(before.limits.percent),
            minutes: change.minutes.unwrap_or(before.limits.minutes),
        };
        let is_on = change.on.unwrap_or(before.is_on);
        removal::set(writer, id, is_on.then_some(limits))?;
        removal::show(writer, id)
    });
    Ok(Json(changed.await?.into()))
}

/// Lists the removals of a connection that are held, or were refused last.
#[utoipa::path(get,
    path = "/organizations/{organization}/connections/{connection}/removal-guard/held",
    tag = "removals", params(PageQuery), responses((status = 200, body = Page<Removal>)))]
async fn held(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Removal>>, HttpError> {
    let name = format!("held removals of {id}");
    let list = List::new(organization.app(), Some(organization.access()), &name).await?;
    let after = list.after(&query)?.and_then(|place| place.parse::<i64>().ok());
    let limit = query.limit(organization.app())?;
    let read = move |reader: &mut directory::Reader<'_>| {
        removal::held(reader, id, after.map(ResourceNo::from), limit)
    };
    let held = organization.read(read).await?;
    let place = |one: &HeldRemoval| i64::from(one.no()).to_string();
    Ok(Json(list.page(&held, limit, place, |one| Removal::from(one))))
}

/// Lets everything through that is held: it is done when the provider asks again.
#[utoipa::path(post,
    path = "/organizations/{organization}/connections/{connection}/removal-guard/release",
    tag = "removals", request_body = Decision, responses((status = 200, body = Decided)))]
async fn release(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(Decision { expected }): Body<Decision>,
) -> Result<Json<Decided>, HttpError> {
    let released = organization.write(move |writer| removal::release(writer, id, expected));
    Ok(Json(Decided { removals: released.await? }))
}

/// Refuses everything that is held: the people stay.
#[utoipa::path(post,
    path = "/organizations/{organization}/connections/{connection}/removal-guard/refuse",
    tag = "removals", request_body = Decision, responses((status = 200, body = Decided)))]
async fn refuse(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(Decision { expected }): Body<Decision>,
) -> Result<Json<Decided>, HttpError> {
    let refused = organization.write(move |writer| removal::refuse(writer, id, expected));
    Ok(Json(Decided { removals: refused.await? }))
}

/// Lets one user or group through, of those that are held or were refused last. The others wait on.
#[utoipa::path(post,
    path = "/organizations/{organization}/connections/{connection}/removal-guard/let-through",
    tag = "removals", request_body = LetThrough, responses((status = 200, body = Shown)))]
async fn let_through(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(LetThrough { id: resource }): Body<LetThrough>,
) -> Result<Json<Shown>, HttpError> {
    let resource = ResourceId::parse(&resource).ok_or_else(|| Error::Invalid {
        attribute: "id".into(),
        detail: "\"id\" is the id of a user or a group.".into(),
    })?;
    let let_through = organization.write(move |writer| {
        removal::let_through(writer, id, resource)?;
        removal::show(writer, id)
    });
    Ok(Json(let_through.await?.into()))
}

//! `/organizations`: the customers of the application.

use axum::{Json, http::StatusCode};
use directory::organization::{self, Slug};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Context, Organization,
    answer::Created,
    body::{Body, Member},
    page::{List, Page, PageQuery, Parameters},
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, change, delete))
}

/// One customer of the application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organization)]
pub(super) struct Shown {
    /// It never changes.
    id: String,
    /// The short name, which may stand for the id in addresses.
    slug: String,
    /// The name for people.
    name: String,
    /// The name of its plan; null: it has none.
    plan: Option<String>,
    /// Whether the admin-lockout guard was switched on or off; null: it is on once roles are used.
    admin_guard: Option<bool>,
    /// Users, archived ones included.
    users: i64,
    /// Groups.
    groups: i64,
    /// The number of its newest event.
    last_event: i64,
    /// The number of its newest event that is not kept any more; 0: all are kept.
    pruned: i64,
    /// When it was made.
    created: String,
}

impl Shown {
    fn of(organization: &organization::Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            slug: organization.slug.to_string(),
            name: organization.name.clone(),
            plan: organization.plan.clone(),
            admin_guard: organization.admin_guard,
            users: organization.users,
            groups: organization.groups,
            last_event: organization.last_event.number(),
            pruned: organization.pruned.number(),
            created: organization.created.to_string(),
        }
    }
}

/// An organization that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    /// 1 to 63 lower-case letters, digits and inner hyphens.
    slug: String,
    /// The name for people.
    name: String,
    /// The name of its plan.
    #[serde(default)]
    plan: Option<String>,
}

/// What is to be different. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganizationChange {
    /// The name for people.
    #[serde(default)]
    name: Option<String>,
    /// The name of its plan; null takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    plan: Member<String>,
    /// The admin-lockout guard: on, off, or (null) on once roles are used.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    admin_guard: Member<bool>,
}

/// Lists organizations, by slug. A key of one organization sees that one.
#[utoipa::path(get, path = "/organizations", tag = "organizations", params(PageQuery),
    responses((status = 200, body = Page<Shown>)))]
async fn list(
    context: Context,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Shown>>, HttpError> {
    if let Some(home) = context.home().await? {
        return Ok(Json(Page::whole([Shown::of(&home)])));
    }
    let installation = context.installation()?;
    let list = List::new(context.app(), None, "organizations").await?;
    let (after, limit) = (list.after(&query)?, query.limit(context.app())?);
    let (found, next) = organization::after(&installation, after.as_deref(), limit).await?;
    let items = found.iter().map(|(_, organization)| Shown::of(organization)).collect();
    Ok(Json(Page { items, next: next.map(|slug| list.seal(&slug)) }))
}

/// Makes an organization.
#[utoipa::path(post, path = "/organizations", tag = "organizations",
    request_body = NewOrganization, responses((status = 201, body = Shown)))]
async fn create(
    context: Context,
    Body(new): Body<NewOrganization>,
) -> Result<Created<Json<Shown>>, HttpError> {
    let (installation, slug) = (context.installation()?, Slug::parse(&new.slug)?);
    let plan = new.plan.as_deref();
    let (_, made) = organization::create(&installation, &slug, &new.name, plan).await?;
    Ok(Created { at: format!("/organizations/{}", made.id), body: Json(Shown::of(&made)) })
}

/// Shows an organization.
#[utoipa::path(get, path = "/organizations/{organization}", tag = "organizations",
    responses((status = 200, body = Shown)))]
async fn show(organization: Organization) -> Result<Json<Shown>, HttpError> {
    Ok(Json(Shown::of(&organization.read(organization::get).await?)))
}

/// Changes the name, the plan or the admin-lockout guard of an organization.
#[utoipa::path(patch, path = "/organizations/{organization}", tag = "organizations",
    request_body = OrganizationChange, responses((status = 200, body = Shown)))]
async fn change(
    organization: Organization,
    Body(change): Body<OrganizationChange>,
) -> Result<Json<Shown>, HttpError> {
    let changed = organization.write(move |writer| {
        if let Some(name) = &change.name {
            organization::rename(writer, name)?;
        }
        if change.plan.is_given() {
            organization::set_plan(writer, change.plan.value().map(String::as_str))?;
        }
        if change.admin_guard.is_given() {
            organization::set_admin_guard(writer, change.admin_guard.value().copied())?;
        }
        organization::get(writer)
    });
    Ok(Json(Shown::of(&changed.await?)))
}

/// Deletes an organization with everything in it but its audit, for good.
#[utoipa::path(delete, path = "/organizations/{organization}", tag = "organizations",
    responses((status = 204, description = "It is deleted.")))]
async fn delete(context: Context, organization: Organization) -> Result<StatusCode, HttpError> {
    organization::delete(&context.installation()?, &organization.record().slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

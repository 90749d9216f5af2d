//! `/audit` and `/organizations/{organization}/audit`: who did what.

use axum::Json;
use directory::{
    AuditNo,
    audit::{self, AuditEntry, Trail},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Context, Organization,
    page::{List, Page, PageQuery, Parameters},
    records::Record,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_installation)).routes(routes!(of_organization))
}

fn place(entry: &AuditEntry) -> String {
    entry.no.number().to_string()
}

/// Where a page begins, and how many entries it has.
fn asked(list: &List<'_>, query: &PageQuery, app: &App) -> Result<(AuditNo, u32), HttpError> {
    let after = list.after(query)?.and_then(|place| place.parse::<i64>().ok());
    Ok((after.map_or(AuditNo::START, AuditNo::from), query.limit(app)?))
}

/// Lists the audit of the installation, oldest first: organizations, plans, settings, keys.
#[utoipa::path(get, path = "/audit", tag = "audit", params(PageQuery),
    responses((status = 200, body = Page<Record>)))]
async fn of_installation(
    context: Context,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Record>>, HttpError> {
    let trail = Trail::of_installation(&context.installation()?)?;
    let list = List::new(context.app(), None, "audit").await?;
    let (after, limit) = asked(&list, &query, context.app())?;
    let entries = trail.after(after, limit).await?;
    Ok(Json(list.page(&entries, limit, place, Record::of)))
}

/// Lists the audit of an organization, oldest first: credentials, roles, settings, sign-ins.
#[utoipa::path(get, path = "/organizations/{organization}/audit", tag = "audit",
    params(PageQuery), responses((status = 200, body = Page<Record>)))]
async fn of_organization(
    organization: Organization,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<Record>>, HttpError> {
    let list = List::new(organization.app(), Some(organization.access()), "audit").await?;
    let (after, limit) = asked(&list, &query, organization.app())?;
    let entries = organization.read(move |reader| audit::after(reader, after, limit)).await?;
    Ok(Json(list.page(&entries, limit, place, Record::of)))
}

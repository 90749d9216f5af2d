//! `/audit` and `/organizations/{organization}/audit`: who did what.

use axum::Json;
use directory::{
    AuditNo, Time,
    audit::{self, AuditEntry, SignedHead, Trail},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Context, Organization,
    page::{List, Page, PageQuery, Parameters},
    records::Record,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(of_installation))
        .routes(routes!(of_organization))
        .routes(routes!(heads))
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

/// Where the chains of an organization ended, signed.
#[derive(Debug, Serialize, ToSchema)]
struct AuditHead {
    /// The id of the organization.
    organization: String,
    /// The number of the newest audit entry.
    audit: i64,
    /// Its hash, hexadecimal.
    audit_hash: String,
    /// The number of the newest event; 0: there was none.
    event: i64,
    /// Its hash, hexadecimal.
    event_hash: String,
    /// When it was signed.
    at: String,
    /// The key that signed: the first 16 hexadecimal digits of its SHA-256.
    key: String,
    /// The public key (Ed25519), in Base64.
    public: String,
    /// The signature, in Base64.
    signature: String,
}

impl From<&SignedHead> for AuditHead {
    fn from(head: &SignedHead) -> Self {
        let SignedHead { organization, audit, audit_hash, event, event_hash, at, .. } =
            head.clone();
        let SignedHead { key, public, signature, .. } = head.clone();
        Self { organization, audit, audit_hash, event, event_hash, at, key, public, signature }
    }
}

/// Lists where the chains of events and audit of an organization ended, day by day, signed. Kept elsewhere, they prove
/// that neither was written anew; docs/events.md says what is signed.
#[utoipa::path(get, path = "/organizations/{organization}/audit/heads", tag = "audit",
    params(PageQuery), responses((status = 200, body = Page<AuditHead>)))]
async fn heads(
    organization: Organization,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<AuditHead>>, HttpError> {
    let list = List::new(organization.app(), Some(organization.access()), "audit heads").await?;
    let after = list.after(&query)?.and_then(|place| Time::parse(&place));
    let limit = query.limit(organization.app())?;
    let heads = organization.read(move |reader| audit::heads(reader, after, limit)).await?;
    let place = |head: &SignedHead| head.day().map(|day| day.to_string()).unwrap_or_default();
    Ok(Json(list.page(&heads, limit, place, |head| AuditHead::from(head))))
}

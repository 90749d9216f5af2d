//! `/organizations/{organization}/connections/{connection}/sync-log`: what a provider asked for.

use axum::Json;
use directory::{
    TokenNo, connection,
    sync_log::{self, Entry, Key},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    context::ConnectionInPath,
    page::{List, Page, PageQuery, Parameters},
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A request that a provider made, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
struct SyncLogEntry {
    /// When it arrived.
    at: String,
    /// Its id, which the events that it caused carry, too.
    request: String,
    /// The number of the token that it showed; null: it came with a grant of OAuth.
    token: Option<i64>,
    /// The method.
    method: String,
    /// The path below the base URL.
    path: String,
    /// The id of the resource that it was for, or that it made.
    target: Option<String>,
    /// The status of the answer.
    status: u16,
    /// How long it took, in microseconds.
    micros: i64,
    /// What the provider was told, where it was refused.
    detail: Option<String>,
    /// What was left out or read leniently.
    notes: Option<String>,
}

impl From<&Entry> for SyncLogEntry {
    fn from(entry: &Entry) -> Self {
        let served = &entry.served;
        Self {
            at: served.at.to_string(),
            request: served.request.to_string(),
            token: entry.token.map(TokenNo::number),
            method: served.method.clone(),
            path: served.path.clone(),
            target: served.target.clone(),
            status: served.status,
            micros: served.micros,
            detail: served.detail.clone(),
            notes: served.notes.clone(),
        }
    }
}

/// Lists the requests of a provider, newest first. They are kept for 90 days.
#[utoipa::path(get, path = "/organizations/{organization}/connections/{connection}/sync-log",
    tag = "sync-log", params(PageQuery), responses((status = 200, body = Page<SyncLogEntry>)))]
async fn list(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Page<SyncLogEntry>>, HttpError> {
    let name = format!("sync log of {id}");
    let list = List::new(organization.app(), Some(organization.access()), &name).await?;
    let before = list.after(&query)?.and_then(|place| Key::parse(&place));
    let limit = query.limit(organization.app())?;
    let entries = organization.read(move |reader| {
        let connection = connection::get(reader, id)?;
        sync_log::before(reader, &connection, before, limit)
    });
    let place = |entry: &Entry| entry.key().to_string();
    Ok(Json(list.page(&entries.await?, limit, place, |entry| SyncLogEntry::from(entry))))
}

//! `/organizations/{organization}/snapshot`: what the events of an organization have come to.

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use directory::{OrganizationId, snapshot};
use tokio::sync::{Semaphore, mpsc};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{BASE, Organization};
use crate::{App, error::HttpError, http::stream};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(tell))
}

/// So many snapshots are told at a time on one server: each has a connection to the store and a thread of its
/// own.
pub(crate) const MOST: usize = 4;
static SNAPSHOTS: Semaphore = Semaphore::const_new(MOST);

/// Pieces that may wait for the client.
const WAITING: usize = 2;

/// Where the snapshot of an organization is.
pub(super) fn address(organization: OrganizationId) -> String {
    format!("{BASE}/organizations/{organization}/snapshot")
}

/// Tells an organization as it is after one event, as lines of JSON: `snapshot.begins` with the `number` of
/// that event, then events (`kind`, `target`, `data`) that make the same, then `snapshot.ends`; without that
/// it is not whole. Empty your tables, take the lines in as you take events in, and go on after the number.
#[utoipa::path(get, path = "/organizations/{organization}/snapshot", tag = "events",
    responses((status = 200, content_type = "application/jsonl", body = String)))]
async fn tell(organization: Organization) -> Result<Response, HttpError> {
    let place = SNAPSHOTS.try_acquire().map_err(|_| {
        let detail = "Other snapshots are being taken. Try again.";
        HttpError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_snapshots", detail).retry_after(5)
    })?;
    let (pieces, mut told) = mpsc::channel::<Bytes>(WAITING);
    let (store, access) = (organization.app().store().clone(), organization.access().clone());
    let telling = tokio::spawn(async move {
        let take = move |piece: String| pieces.blocking_send(piece.into()).is_ok();
        snapshot::tell(&store, &access, take).await
    });
    // Whoever may not have it is told so, and not by an answer that breaks off.
    let Some(first) = told.recv().await else {
        return Err(match telling.await {
            Ok(Err(error)) => error.into(),
            Ok(Ok(())) | Err(_) => HttpError::internal(),
        });
    };
    let body = stream::body(move |sink| async move {
        let _place = place;
        let mut piece = Some(first);
        while let Some(bytes) = piece {
            sink.send(bytes).await.map_err(|gone| gone.to_string())?;
            piece = told.recv().await;
        }
        telling.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    });
    let content_type = HeaderValue::from_static("application/jsonl");
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

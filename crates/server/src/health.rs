//! `/healthz` and `/readyz`: for whoever runs the server.

use axum::{Json, Router, extract::State, routing::get};
use directory::Waiting;
use serde_json::{Value, json};

use crate::{App, error::HttpError};

const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";
/// The address of [`crate::metrics`].
pub(crate) const METRICS: &str = "/metrics";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(HEALTHZ, get(healthz)).route(READYZ, get(readyz))
}

/// Whether a path is asked for every few seconds by a machine.
pub(crate) fn is_probe(path: &str) -> bool {
    path == HEALTHZ || path == READYZ || path == METRICS
}

/// The process answers.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The process takes requests: it is not on its way out, the store answers and takes changes, and
/// what waits for it has not filled a queue.
async fn readyz(State(app): State<App>) -> Result<Json<Value>, HttpError> {
    if app.drain().has_started() {
        return Err(HttpError::shutting_down());
    }
    let store = app.store();
    let Waiting { changes, reads, long_reads } = store.waiting().map_err(HttpError::not_ready)?;
    store.ping().await.map_err(HttpError::not_ready)?;
    let waiting = json!({ "changes": changes, "reads": reads, "long_reads": long_reads });
    Ok(Json(json!({ "status": "ok", "waiting": waiting })))
}

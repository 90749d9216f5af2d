//! `/healthz` and `/readyz`: for whoever runs the server.

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};

use crate::{App, error::HttpError};

const HEALTHZ: &str = "/healthz";
const READYZ: &str = "/readyz";

pub(crate) fn routes() -> Router<App> {
    Router::new().route(HEALTHZ, get(healthz)).route(READYZ, get(readyz))
}

/// Whether a path is asked for every few seconds by a machine.
pub(crate) fn is_probe(path: &str) -> bool {
    path == HEALTHZ || path == READYZ
}

/// The process answers.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The process takes requests: it is not on its way out, and the store answers and takes changes.
async fn readyz(State(app): State<App>) -> Result<Json<Value>, HttpError> {
    if app.drain().has_started() {
        return Err(HttpError::shutting_down());
    }
    app.store().ping().await.map_err(HttpError::not_ready)?;
    Ok(Json(json!({ "status": "ok" })))
}

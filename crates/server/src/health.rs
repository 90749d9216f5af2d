//! `/healthz` and `/readyz`: for whoever runs the server.

use ::http::StatusCode;
use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};

use crate::App;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz))
}

/// The process answers.
async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// The process takes requests: it is not on its way out, and the store answers.
async fn readyz(State(app): State<App>) -> (StatusCode, Json<Value>) {
    if app.drain().has_started() {
        let body = json!({ "status": "unavailable", "reason": "shutting down" });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(body));
    }
    match app.store().ping().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ok" }))),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let body = json!({ "status": "unavailable", "reason": "the store does not answer" });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

//! `GET /metrics`.

use std::net::IpAddr;

use axum::{
    Router,
    extract::{Extension, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use directory::Waiting;

use crate::{App, error::HttpError, health::METRICS, http::PeerAddress};

/// The media type of `OpenMetrics` 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Headers by which a proxy tells for whom it asks.
const FORWARDED: [&str; 2] = ["forwarded", "x-forwarded-for"];

pub(crate) fn routes() -> Router<App> {
    Router::new().route(METRICS, get(metrics))
}

async fn metrics(
    State(app): State<App>,
    peer: Option<Extension<PeerAddress>>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    if !peer.is_some_and(|Extension(PeerAddress(peer))| may_read(&app, peer, &headers)) {
        return Err(HttpError::new(
            StatusCode::FORBIDDEN,
            "metrics_not_allowed",
            "Metrics are for this machine and for the networks in `metrics_allow`. The operator \
             of this server adds the network of whoever collects them.",
        ));
    }
    // A store that takes nothing more in is told by `/readyz`.
    let full = Waiting { changes: 0, reads: 0, long_reads: 0 };
    let waiting = app.store().waiting().unwrap_or(full);
    let text = app.metrics().text(waiting, app.sync_log());
    let text = text.map_err(|error| HttpError::internal().caused_by(&error))?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

/// This machine, and the networks that were allowed. Where a proxy that is not trusted asks, no one
/// knows for whom.
fn may_read(app: &App, peer: IpAddr, headers: &HeaderMap) -> bool {
    let client = app.proxies().client(peer, headers);
    let is_known =
        client != peer.to_canonical() || FORWARDED.iter().all(|name| !headers.contains_key(*name));
    let allowed = app.metrics_allow().iter().any(|network| network.contains(&client));
    is_known && (client.is_loopback() || allowed)
}

//! Doorward over HTTP: one folder per surface, on a shell that knows none of them.
//!
//! [`serve`] runs everything on a listener; [`App`] is what every request can reach.

mod app;
mod error;
mod health;
pub mod http;
mod log;
mod scim;

use std::io;

use axum::{Router, http::Request};
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

pub use crate::app::{App, ServerOptions};

/// Serves Doorward on a listener until `shutdown` resolves: then requests in flight are finished,
/// new ones are answered with 503, and the call returns.
///
/// The store is left open; whoever opened it closes it.
///
/// # Errors
///
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    options: ServerOptions,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = App::new(options);
    let (limits, drain) = (app.limits().clone(), app.drain().clone());
    let service = router(app).map_request(rewrite);
    let cut = http::serve(listener, service, &limits, &drain, shutdown).await;
    if cut > 0 {
        tracing::warn!(connections = cut, "connections were cut: their requests took too long");
    }
    Ok(())
}

/// Brings the address of a request into the form that [`router`] knows.
///
/// For `tower::util::MapRequest` *around* the router: a layer inside it runs after routing.
#[must_use]
pub fn rewrite<B>(request: Request<B>) -> Request<B> {
    scim::suffix::strip(http::path::rewrite(request))
}

/// All routes.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(scim::routes(&app))
        .fallback(error::no_such_page)
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(1024)))
        .with_state(app)
}

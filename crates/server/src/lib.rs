//! Doorward over HTTP: one folder per surface, on a shell that knows none of them.
//!
//! [`serve`] runs everything on a listener; [`App`] is what every request can reach.

pub mod api;
mod app;
pub mod console;
mod cookie;
mod credentials;
mod deadline;
pub mod dns;
mod entrance;
mod error;
mod health;
pub mod http;
mod log;
mod metrics;
mod oauth;
pub mod outbound;
mod page;
mod peer;
mod scim;
mod session;
mod shell;
mod sign_in;
mod sync_log;
mod trouble;
pub mod webhook;

use std::{io, pin::Pin};

use axum::{Router, http::Request, middleware::from_fn_with_state};
use tokio::{net::TcpListener, sync::oneshot};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::compression::{
    CompressionLayer, Predicate as _,
    predicate::{NotForContentType, SizeAbove},
};

pub use crate::{
    app::{App, Application, ServerOptions},
    oauth::client_keys,
    sign_in::provider_metadata,
    sync_log::SyncLog,
    trouble::Troubles,
};

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
    serve_until(listener, options, Box::pin(shutdown)).await
}

/// A future whose type is hidden: what it does is compiled here, and not in each crate that waits
/// for it.
type Hidden<T> = Pin<Box<dyn Future<Output = T> + Send>>;

fn serve_until(
    listener: TcpListener,
    options: ServerOptions,
    shutdown: Hidden<()>,
) -> Hidden<io::Result<()>> {
    Box::pin(async move {
        let app = App::new(options);
        let (limits, drain) = (app.limits().clone(), app.drain().clone());
        let (stop, stopped) = oneshot::channel();
        let sync_log = tokio::spawn(sync_log::keep_writing(app.clone(), stopped));
        let (quiet, quieted) = oneshot::channel();
        let telling = tokio::spawn(oauth::back_channel::keep_telling(app.clone(), quieted));
        let (hush, hushed) = oneshot::channel();
        let sending = tokio::spawn(webhook::keep_sending(app.clone(), hushed));
        let (rest, rested) = oneshot::channel();
        let following = tokio::spawn(provider_metadata::keep_following(app.clone(), rested));
        let service = router(app).map_request(rewrite);
        let cut = http::serve(listener, service, &limits, &drain, shutdown).await;
        drop((stop, quiet, hush, rest));
        if let Err(error) = following.await {
            tracing::error!(%error, "metadata of providers was not followed to the end");
        }
        if let Err(error) = sending.await {
            tracing::error!(%error, "webhooks were not sent to to the end");
        }
        if let Err(error) = telling.await {
            tracing::error!(%error, "applications were not told of logouts to the end");
        }
        if let Err(error) = sync_log.await {
            tracing::error!(%error, "the sync log was not written to its end");
        }
        if cut > 0 {
            tracing::warn!(connections = cut, "connections were cut: their requests took too long");
        }
        Ok(())
    })
}

/// Brings the address of a request into the form that [`router`] knows.
///
/// For `tower::util::MapRequest` *around* the router: a layer inside it runs after routing.
#[must_use]
pub fn rewrite<B>(request: Request<B>) -> Request<B> {
    scim::strip_suffix(http::path::rewrite(request))
}

/// Tells applications of the logouts that are due, as [`serve`] does all the time. Answers how many know.
///
/// # Errors
///
/// What is wrong with the store, as a sentence.
pub async fn tell_of_logouts(app: &App) -> Result<usize, String> {
    oauth::back_channel::tell(app).await.map_err(|error| error.detail)
}

/// Sends to webhooks what is due, as [`serve`] does all the time. Answers how many messages were accepted.
///
/// # Errors
///
/// What is wrong with the store, as a sentence.
pub async fn send_to_webhooks(app: &App) -> Result<usize, String> {
    webhook::send_due(app).await.map_err(|error| error.to_string())
}

/// All routes, and what stands around each of them.
pub fn router(app: App) -> Router {
    // What is told as it happens must not wait until there is enough to compress.
    let compressed = SizeAbove::new(1024).and(NotForContentType::const_new("text/event-stream"));
    // A request passes the layers from the first to the last, its answer from the last to the
    // first.
    let layers = ServiceBuilder::new()
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(from_fn_with_state(app.clone(), shell::around));
    Router::new()
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(scim::routes(&app))
        .merge(api::routes(&app))
        .merge(sign_in::routes())
        .merge(entrance::routes())
        .merge(oauth::routes())
        .merge(session::routes())
        .merge(console::routes(&app))
        .merge(page::routes())
        .fallback(scim::elsewhere)
        .method_not_allowed_fallback(error::method_not_possible)
        .layer(layers)
        .with_state(app)
}

//! [`serve()`]: an application on a listener.

use std::{
    convert::Infallible, io::ErrorKind, net::SocketAddr, pin::pin, sync::Arc, time::Duration,
};

use axum::{body::Body, response::Response};
use http::Request;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{
    address::PeerAddress,
    connection::{Activity, Counted, Timed},
    drain::Drain,
    limits::{KB, Limits},
};

/// Most bytes of a request's head. A filter of 8 KB fits, percent-encoded.
pub(super) const HEAD: usize = 64 * KB;
/// Most requests at once on one HTTP/2 connection.
pub(super) const STREAMS: u32 = 100;
/// How often a quiet HTTP/2 peer is asked whether it is still there, and how long it may take.
const PING: Duration = Duration::from_secs(20);
/// How long to wait when the system has no file descriptors left.
const BACK_OFF: Duration = Duration::from_millis(500);

/// Serves `app` over HTTP/1.1 and HTTP/2 (by prior knowledge) until `shutdown` resolves, and
/// returns how many connections had to be cut.
///
/// Each request carries its [`PeerAddress`] as an extension. Once `shutdown` resolves, nothing is
/// accepted any more, `drain` is set, idle connections are closed, and requests in flight have
/// [`Limits::shutdown_grace`] to finish. Failing to accept a connection never ends the server.
pub async fn serve<S>(
    listener: TcpListener,
    app: S,
    limits: &Limits,
    drain: &Drain,
    shutdown: impl Future<Output = ()>,
) -> usize
where
    S: tower::Service<Request<Body>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let builder = builder();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let slot = select! {
            biased;
            () = &mut shutdown => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        let (stream, peer) = select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener) => accepted,
        };
        // Small answers leave at once. A socket that refuses is about to fail anyway.
        _ = stream.set_nodelay(true);
        let activity = Activity::new(limits);
        let io = TokioIo::new(Timed::new(stream, Arc::clone(&activity), limits));
        let peer = PeerAddress(peer.ip().to_canonical());
        let service = Counted { app: app.clone(), peer, activity };
        let connection = graceful.watch(builder.serve_connection(io, service).into_owned());
        connections.spawn(async move {
            let _slot = slot;
            if let Err(error) = connection.await {
                tracing::debug!(peer = %peer.0, error, "a connection failed");
            }
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    drain.start();
    if timeout(limits.shutdown_grace, graceful.shutdown()).await.is_ok() {
        return 0;
    }
    while connections.try_join_next().is_some() {}
    let cut = connections.len();
    connections.shutdown().await;
    cut
}

/// The limits of the protocol itself. Deadlines are [`Timed`]'s; hyper's would close connections
/// that are merely idle.
fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD).unwrap_or(u32::MAX))
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}

/// The next connection, however long it takes.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The peer gave up while it was queued.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionRefused
                        | ErrorKind::ConnectionReset
                ) => {}
            // Most likely out of file descriptors: others are given back as connections end. Who is
            // connected is served meanwhile.
            Err(error) => {
                tracing::error!(%error, "cannot accept connections; trying again");
                sleep(BACK_OFF).await;
            }
        }
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;

//! Credentials that were refused: counted, whatever the surface.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

use crate::{App, error::HttpError, http::PeerAddress};

/// The answer to a request that was not let in.
pub(crate) fn refuse(app: &App, request: &Request, error: HttpError) -> HttpError {
    let peer = request.extensions().get::<PeerAddress>().map(|peer| peer.0);
    refuse_from(app, peer, request.headers(), error)
}

/// The same, for whoever has taken the request apart.
///
/// Whoever shows the same wrong credentials too often is told to wait, and what is wrong with them all
/// the same: only failures are counted, and each client's own, because one address of a provider speaks
/// for many customers.
pub(crate) fn refuse_from(
    app: &App,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    error: HttpError,
) -> HttpError {
    if error.status != StatusCode::UNAUTHORIZED {
        return error;
    }
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let lines = headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let presented: Vec<&[u8]> = lines.collect();
    match app.auth_failures().record(app.proxies().client(peer, headers), presented) {
        Ok(()) => error,
        Err(wait) => HttpError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_failures",
            format!("{} This was tried too often: wait before the next request.", error.detail),
        )
        .retry_after(wait.0),
    }
}

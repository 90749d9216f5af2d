//! `/signin`: where people begin. By an address or a slug they are led to their organization's
//! provider; administrators come in by break-glass should that fail.

mod break_glass;
mod discovery;
mod enrolment;
mod qr;
mod tries;

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    Router,
    extract::FromRequestParts,
    routing::{get, post},
};
use directory::{RequestId, session::Client};
use http::{header, request::Parts};

pub(crate) use self::{
    break_glass::LARGEST_FORM,
    tries::{PER_MINUTE as TRIES_PER_MINUTE, Tries},
};
use crate::{App, http::PeerAddress};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/signin", get(discovery::show).merge(post(discovery::take)))
        .route("/signin/continue", get(discovery::lead_on))
        .route("/signin/break-glass", get(break_glass::show).merge(post(break_glass::enter)))
        .route("/signin/break-glass/{link}", get(enrolment::show).merge(post(enrolment::enroll)))
}

/// The browser of a request, and the id of the request.
pub(crate) struct Visitor {
    pub(crate) address: IpAddr,
    pub(crate) device: Option<String>,
    pub(crate) request: Option<RequestId>,
}

impl Visitor {
    fn client(&self) -> Client {
        Client { device: self.device.clone(), address: Some(self.address.to_string()) }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<PeerAddress>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |PeerAddress(peer)| *peer);
        let agent = parts.headers.get(header::USER_AGENT);
        Ok(Self {
            address: app.proxies().client(peer, &parts.headers),
            device: agent.and_then(|text| text.to_str().ok()).map(str::to_owned),
            request: parts.extensions.get::<RequestId>().copied(),
        })
    }
}

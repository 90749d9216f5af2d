//! [`Peer`]: from where a request comes.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
};

use axum::extract::FromRequestParts;
use directory::{RequestId, session::Client};
use http::{HeaderMap, header, request::Parts};

use crate::{App, http::PeerAddress};

/// From where a request comes, and under which id it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The client's address, as far as trusted proxies tell it.
    pub(crate) address: IpAddr,
    /// The id of the request.
    pub(crate) request: Option<RequestId>,
}

impl Peer {
    /// From where someone signs in, for the list of sessions.
    pub(crate) fn client(self, headers: &HeaderMap) -> Client {
        let device = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Client { device: device.map(str::to_owned), address: Some(self.address.to_string()) }
    }
}

impl FromRequestParts<App> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<PeerAddress>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |PeerAddress(peer)| *peer);
        let address = app.proxies().client(peer, &parts.headers);
        Ok(Self { address, request: parts.extensions.get().copied() })
    }
}

//! [`Outbound`]: requests that Doorward makes to addresses which others chose: webhooks, metadata, keys.
//!
//! An address that a customer types must not lead into the network in which the server runs (server-side
//! request forgery). So a host is resolved once, by the system; every address that it has must be
//! public; and the connection goes to one of those very addresses, so that a name
//! which changes between the check and the connection changes nothing. No redirect is followed, no proxy
//! is asked, no answer is read beyond its limit or its time.
//!
//! Networks that the operator allows (`outbound_allow`) are exempt, and may be spoken to without TLS.

mod address;
mod connect;
mod names;

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, StatusCode, Uri, header, uri::Scheme};
use http_body_util::{BodyExt as _, Full};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio::time::timeout;

use self::{connect::Tls, names::Names};
use crate::http::{KB, MB};

/// So long a request may take, from resolving the host to the last byte of the answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// So many bytes of an answer are read.
pub(crate) const LARGEST: usize = MB;
/// This machine.
const LOOPBACK: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];
/// The longest address that is asked, in bytes.
pub(crate) const LONGEST_ADDRESS: usize = 2 * KB;

/// What one request to the outside may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From resolving the host to the last byte of the answer.
    pub time: Duration,
    /// Bytes of the answer.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: TIMEOUT, body: LARGEST }
    }
}

/// An answer, whatever its status. A redirect is an answer like any other.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it was sent.
    pub body: Bytes,
}

/// Why there is no answer. The sentences tell whoever chose the address nothing about the network
/// in which the server runs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It is no address that a request can be sent to.
    #[error("this is not an address that begins with https:// and names a host")]
    Address,
    /// It would be sent in the clear.
    #[error("the address must begin with https://")]
    Insecure,
    /// The host has an address that requests are not sent to.
    #[error("the address leads to a network that Doorward sends no requests to")]
    Forbidden,
    /// The host has no address.
    #[error("the host of the address is not known")]
    Unresolved,
    /// Nothing listens there, the certificate is not the host's, or the connection broke.
    #[error("the request failed: {0}")]
    Broken(String),
    /// There was no whole answer in time.
    #[error("there was no answer within {} s", .0.as_secs_f64())]
    Late(Duration),
    /// The answer is larger than it may be.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// Sends requests to addresses that others chose. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    allowed: Arc<[IpNet]>,
    names: Names,
    tls: Arc<Tls>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// A request that may be sent: its host is resolved, and every address of it is fit.
struct Checked {
    uri: Uri,
    host: String,
    addresses: Vec<SocketAddr>,
    encrypted: bool,
}

impl Outbound {
    /// Requests go to public addresses, and to those of `allowed` networks.
    #[must_use]
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed: allowed.into(), names: Names::default(), tls: Arc::default() }
    }

    /// The same for a server that the world reaches under this address. Where that is http, which is
    /// for trying things out on one machine, the machine itself is allowed, too.
    #[must_use]
    pub fn for_server(public_url: &str, mut allowed: Vec<IpNet>) -> Self {
        if public_url.starts_with("http://") {
            allowed.extend(LOOPBACK);
        }
        Self::new(allowed)
    }

    /// Asks for what is at an address.
    ///
    /// # Errors
    ///
    /// Where there is no answer: see [`Failure`].
    pub async fn get(&self, address: &str, limits: Limits) -> Result<Answer, Failure> {
        self.send(Method::GET, address, HeaderMap::new(), Bytes::new(), limits).await
    }

    /// Sends something to an address.
    ///
    /// # Errors
    ///
    /// Where there is no answer: see [`Failure`].
    pub async fn post(
        &self,
        address: &str,
        headers: HeaderMap,
        body: Bytes,
        limits: Limits,
    ) -> Result<Answer, Failure> {
        self.send(Method::POST, address, headers, body, limits).await
    }

    /// Whether requests may be sent to an address, as far as its text tells. Where its host leads is
    /// looked at when one is sent.
    ///
    /// # Errors
    ///
    /// [`Failure::Address`], [`Failure::Insecure`]; [`Failure::Forbidden`] where the host is an address
    /// itself, and not a public one.
    pub fn check(&self, address: &str) -> Result<(), Failure> {
        let (uri, host, encrypted) = parse(address)?;
        if let Ok(ip) = host.parse() {
            let port = uri.port_u16().unwrap_or(443);
            return self.fit(&[SocketAddr::new(ip, port)], encrypted);
        }
        // What a host in the clear leads to is not known yet: a network may be allowed.
        if encrypted || !self.allowed.is_empty() { Ok(()) } else { Err(Failure::Insecure) }
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        headers: HeaderMap,
        body: Bytes,
        limits: Limits,
    ) -> Result<Answer, Failure> {
        let exchange = async {
            let checked = self.resolve(address).await?;
            let request = request(method, &checked, headers, body)?;
            self.exchange(&checked, request, limits.body).await
        };
        timeout(limits.time, exchange).await.map_err(|_| Failure::Late(limits.time))?
    }

    /// Resolves the host of an address, once.
    async fn resolve(&self, address: &str) -> Result<Checked, Failure> {
        let (uri, host, encrypted) = parse(address)?;
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let found = self.names.look_up(&host, port).await;
        let addresses = found.map_err(|_| Failure::Unresolved)?;
        if addresses.is_empty() {
            return Err(Failure::Unresolved);
        }
        self.fit(&addresses, encrypted)?;
        Ok(Checked { uri, host, addresses, encrypted })
    }

    /// Makes sure that every address is public, or allowed. A host of which one address is not fit is
    /// not asked at another, either: whoever names such a host means no good, or errs.
    fn fit(&self, addresses: &[SocketAddr], encrypted: bool) -> Result<(), Failure> {
        let allowed = |address: &SocketAddr| {
            let ip = address.ip().to_canonical();
            self.allowed.iter().any(|network| network.contains(&ip))
        };
        if addresses.iter().all(allowed) {
            return Ok(());
        }
        if !addresses.iter().all(|at| allowed(at) || address::is_public(at.ip())) {
            return Err(Failure::Forbidden);
        }
        if encrypted { Ok(()) } else { Err(Failure::Insecure) }
    }

    async fn exchange(
        &self,
        checked: &Checked,
        request: Request<Full<Bytes>>,
        most: usize,
    ) -> Result<Answer, Failure> {
        let stream = connect::to_any(&checked.addresses).await?;
        let mut sender = if checked.encrypted {
            connect::handshake(self.tls.open(stream, &checked.host).await?).await?
        } else {
            connect::handshake(stream).await?
        };
        let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
        let (parts, mut incoming) = response.into_parts();
        let mut body = BytesMut::new();
        while let Some(frame) = incoming.frame().await {
            let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
            if body.len() + data.len() > most {
                return Err(Failure::TooLarge(most));
            }
            body.extend_from_slice(&data);
        }
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.freeze() })
    }
}

fn broken(error: &hyper::Error) -> Failure {
    Failure::Broken(error.to_string())
}

/// Reads an address: it, its host without the brackets of IPv6, and whether it is encrypted.
fn parse(address: &str) -> Result<(Uri, String, bool), Failure> {
    if address.len() > LONGEST_ADDRESS {
        return Err(Failure::Address);
    }
    let uri: Uri = address.parse().map_err(|_| Failure::Address)?;
    let encrypted = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => false,
        _ => return Err(Failure::Address),
    };
    let authority = uri.authority().ok_or(Failure::Address)?;
    // Names and passwords in an address are secrets in a place where no one expects them.
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    if authority.as_str().contains('@') || host.is_empty() {
        return Err(Failure::Address);
    }
    Ok((uri, host, encrypted))
}

fn request(
    method: Method,
    checked: &Checked,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let authority = checked.uri.authority().ok_or(Failure::Address)?;
    let host = authority.as_str().parse().map_err(|_| Failure::Address)?;
    headers.insert(header::HOST, host);
    headers.entry(header::USER_AGENT).or_insert(header::HeaderValue::from_static(concat!(
        "Doorward/",
        env!("CARGO_PKG_VERSION")
    )));
    let path = checked.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .body(Full::new(body))
        .map_err(|_| Failure::Address)?;
    *request.headers_mut() = headers;
    Ok(request)
}

#[cfg(test)]
mod tests;

//! `listen`, `public_url`, `trusted_proxies`, `outbound_allow` and `metrics_allow`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use server::http::TrustedProxies;

use super::{
    public_url::PublicUrl,
    settings::{Raw, Settings, text},
};

/// Where the server listens and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address identity providers use, where one was set. It is the beginning of every address
    /// that is shown or sent; the `Host` of a request is never believed.
    pub public_url: Option<PublicUrl>,
    /// The networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The DNS server that is asked about domains; without it, the one that the system asks.
    pub dns_server: Option<SocketAddr>,
    /// The networks beside the public ones that requests may be sent to: webhooks, metadata.
    pub outbound_allow: Vec<IpNet>,
    /// The networks beside this machine that may read the metrics.
    pub metrics_allow: Vec<IpNet>,
}

impl Network {
    /// The address identity providers use where the server listens on this one: the one that was
    /// set, or that of the listener.
    #[must_use]
    pub fn public_url_at(&self, listener: SocketAddr) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of(listener))
    }
}

pub(super) fn read(settings: &mut Settings) -> Network {
    let mut listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8400);
    settings.set("listen", &mut listen, |raw| {
        let text = text(raw)?;
        text.parse().map_err(|_| {
            format!("\"{text}\" is not an address and a port, such as \"127.0.0.1:8400\"")
        })
    });
    let public_url = settings.get("public_url", |raw| PublicUrl::parse(text(raw)?));
    let mut trusted_proxies = TrustedProxies::default();
    settings
        .set("trusted_proxies", &mut trusted_proxies, |raw| networks(raw).map(TrustedProxies::new));
    let dns_server = settings.get("dns_server", |raw| dns_server(text(raw)?));
    let [mut outbound_allow, mut metrics_allow] = [Vec::new(), Vec::new()];
    settings.set("outbound_allow", &mut outbound_allow, networks);
    settings.set("metrics_allow", &mut metrics_allow, networks);
    Network { listen, public_url, trusted_proxies, dns_server, outbound_allow, metrics_allow }
}

/// An address, with a port where it is not 53.
fn dns_server(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse::<SocketAddr>();
    address
        .or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("\"{text}\" is not the address of a DNS server, such as \"10.0.0.2\""))
}

/// Networks as a list, or separated by commas. A single address is a network of one.
fn networks(raw: &Raw) -> Result<Vec<IpNet>, String> {
    let texts: Vec<&str> = match raw {
        Raw::List(texts) => texts.iter().map(String::as_str).collect(),
        Raw::Text(text) => text.split(',').collect(),
        Raw::Integer(_) => return Err("a list of networks is needed".to_owned()),
    };
    let texts = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
    texts
        .map(|text| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| format!("\"{text}\" is not a network such as \"10.0.0.0/8\""))
        })
        .collect()
}

//! [`Outgoing`]: requests that this server makes itself, to addresses that others chose.
//!
//! Such an address must not lead into the operator's own network (server-side request forgery). A name is
//! looked up once, every address that it has is judged, and the connection goes to one of those; no redirect
//! is followed.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};

/// The longest time that another server may take, from looking its name up to its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes requests to addresses that others chose. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    client: Client,
    reach: Reach,
}

/// Where requests may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// By https, to public addresses.
    World,
    /// By http, too, and to this machine: for trying things out on it.
    ThisMachine,
}

/// Why a request did not come to an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(
        "the address is not one that this server sends to: https, and no address of a network of its own"
    )]
    Forbidden,
    #[error("no answer")]
    NoAnswer(#[from] reqwest::Error),
}

impl Outgoing {
    /// For a server that the world reaches under this address.
    pub(crate) fn of(public_url: &str) -> Result<Self, reqwest::Error> {
        let is_public = public_url.starts_with("https://");
        let reach = if is_public { Reach::World } else { Reach::ThisMachine };
        let client = Client::builder()
            .dns_resolver(Arc::new(Judged(reach)))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, reach })
    }

    /// Posts a form. Answers the status.
    pub(crate) async fn post(
        &self,
        address: &str,
        form: &[(&str, &str)],
    ) -> Result<http::StatusCode, Failure> {
        let url = Url::parse(address).ok().filter(|url| self.reach.takes(url));
        let url = url.ok_or(Failure::Forbidden)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self
            .client
            .post(url)
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        Ok(request.send().await?.status())
    }
}

impl Reach {
    /// An address with a number for its host is never looked up, so it is judged here.
    fn takes(self, url: &Url) -> bool {
        let is_scheme = match self {
            Self::World => url.scheme() == "https",
            Self::ThisMachine => matches!(url.scheme(), "https" | "http"),
        };
        let host = url.host_str().unwrap_or_default();
        let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        is_scheme && !host.is_empty() && number.map_or(true, |address| self.admits(address))
    }

    fn admits(self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.admits_v4(address),
            IpAddr::V6(address) => match embedded(address) {
                Some(inner) => self.admits_v4(inner),
                None => self.admits_v6(address),
            },
        }
    }

    fn admits_v4(self, address: Ipv4Addr) -> bool {
        if address.is_loopback() {
            return self == Self::ThisMachine;
        }
        let [first, second, third, _] = address.octets();
        !(address.is_private()
            || address.is_link_local()
            || address.is_broadcast()
            || address.is_documentation()
            || address.is_multicast()
            || first == 0
            // Shared address space, RFC 6598; benchmarks, RFC 2544; protocol assignments, RFC 6890; reserved.
            || (first == 100 && (64..128).contains(&second))
            || (first == 198 && (18..20).contains(&second))
            || (first == 192 && second == 0 && third == 0)
            || first >= 240)
    }

    fn admits_v6(self, address: Ipv6Addr) -> bool {
        if address.is_loopback() {
            return self == Self::ThisMachine;
        }
        // Global unicast, without documentation (RFC 3849, RFC 9637).
        let [first, second, ..] = address.segments();
        (first & 0xe000) == 0x2000
            && !(first == 0x2001 && (second == 0xdb8 || second < 0x200))
            && first != 0x3fff
    }
}

/// The IPv4 address in an IPv6 one: mapped, by NAT64 (RFC 6052), or by 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let of = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(of(high, low))
        }
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

/// Looks names up, and refuses one that has an address which requests may not go to.
#[derive(Clone, Copy, Debug)]
struct Judged(Reach);

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let Self(reach) = *self;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Some(other) = found.iter().find(|found| !reach.admits(found.ip())) {
                let reason = format!("{} leads to {}", name.as_str(), other.ip());
                return Err(io::Error::other(reason).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::Reach;

    fn takes(reach: Reach, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| reach.takes(&url))
    }

    #[test]
    fn no_address_leads_into_a_network_of_our_own() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::10.0.0.1]",
            "[2002:a00:1::]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[2001::1]",
            "[3fff::1]",
            "[64:ff9b:1::1]",
            "[::127.0.0.1]",
            "[100::1]",
        ] {
            assert!(!takes(Reach::World, &format!("https://{host}/x")), "{host}");
        }
        for host in ["app.example", "93.184.216.34", "[2606:2800:220:1::1]", "[64:ff9b::5db8:d822]"]
        {
            assert!(takes(Reach::World, &format!("https://{host}/x")), "{host}");
        }
    }

    #[test]
    fn only_https_unless_everything_is_on_this_machine() {
        for address in ["http://app.example", "ftp://app.example", "file:///etc/passwd", "x"] {
            assert!(!takes(Reach::World, address), "{address}");
        }
        assert!(takes(Reach::ThisMachine, "http://127.0.0.1:3000/logged-out"));
        assert!(takes(Reach::ThisMachine, "http://[::1]:3000"));
        assert!(!takes(Reach::ThisMachine, "http://169.254.169.254/latest"));
    }
}

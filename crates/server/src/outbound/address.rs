//! Which addresses are public: reachable by anyone, and part of no one's own network.

use std::{net::IpAddr, sync::LazyLock};

use ipnet::{IpNet, Ipv6Net};

/// What is not public, by the registries of special-purpose addresses (IANA; RFC 6890). Of IPv6 only
/// global unicast (`2000::/3`) is looked at: what embeds or maps an IPv4 address, is local to a link or
/// a site, unique to a network (ULA), or multicast, lies outside of it.
const SPECIAL: [&str; 24] = [
    "0.0.0.0/8",         // this network
    "10.0.0.0/8",        // private
    "100.64.0.0/10",     // shared by a carrier's customers
    "127.0.0.0/8",       // loopback
    "169.254.0.0/16",    // link-local; the metadata of clouds
    "172.16.0.0/12",     // private
    "192.0.0.0/24",      // protocol assignments
    "192.0.2.0/24",      // documentation
    "192.31.196.0/24",   // AS112
    "192.52.193.0/24",   // AMT
    "192.88.99.0/24",    // 6to4 relays
    "192.168.0.0/16",    // private
    "192.175.48.0/24",   // AS112
    "198.18.0.0/15",     // benchmarking
    "198.51.100.0/24",   // documentation
    "203.0.113.0/24",    // documentation
    "224.0.0.0/4",       // multicast
    "240.0.0.0/4",       // reserved, and broadcast
    "2001::/23",         // protocol assignments: Teredo, ORCHID, benchmarking
    "2001:db8::/32",     // documentation
    "2002::/16",         // 6to4: embeds an IPv4 address
    "2620:4f:8000::/48", // AS112
    "3ffe::/16",         // 6bone, given back
    "3fff::/20",         // documentation
];

static NETWORKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let networks = SPECIAL.iter().map(|text| text.parse());
    networks.collect::<Result<_, _>>().expect("each is a network")
});

static GLOBAL_UNICAST: LazyLock<Ipv6Net> =
    LazyLock::new(|| "2000::/3".parse().expect("it is a network"));

/// Whether anyone can reach this address, and it leads into no one's own network.
pub(super) fn is_public(address: IpAddr) -> bool {
    let is_special = NETWORKS.iter().any(|network| network.contains(&address));
    let is_unicast = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => GLOBAL_UNICAST.contains(&address),
    };
    is_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn only_public_addresses_are_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.255.255",
            "198.17.255.255",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001:812::200e",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for not in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::a00:1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "2620:4f:8000::1",
            "3ffe::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!is_public(not.parse().expect("an address")), "{not}");
        }
    }
}

//! The `Host` of a request. Nothing here follows it (addresses are made from the public URL), but a
//! request without one, or with two, may be understood differently by a proxy and by us.

use axum::extract::Request;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, Version, header, uri::Authority};

use crate::error::HttpError;

/// Refuses a request whose `Host` is not as RFC 9112 §3.2 wants it.
///
/// # Errors
///
/// 400.
pub(crate) fn require(request: &Request) -> Result<(), HttpError> {
    check(request.version(), request.uri(), request.headers())
}

/// One `Host` at most, in every version; exactly one in HTTP/1.1, also where the request line has
/// the whole address; `:authority` or one in HTTP/2 (RFC 9113 §8.3.1). HTTP/1.0 knew none, and
/// health checks of load balancers still speak it.
fn check(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), HttpError> {
    let mut lines = headers.get_all(header::HOST).iter();
    let is_optional =
        version < Version::HTTP_11 || (version > Version::HTTP_11 && uri.authority().is_some());
    match (lines.next(), lines.next()) {
        (None, _) if is_optional => Ok(()),
        (None, _) => Err(refused("host_missing", "The request has no Host header.")),
        (Some(_), Some(_)) => {
            Err(refused("host_repeated", "The request has more than one Host header."))
        }
        (Some(value), None) if is_host(value) => Ok(()),
        (Some(_), None) => Err(refused(
            "host_invalid",
            "The Host header of the request is not the name of a host, with or without a port.",
        )),
    }
}

/// RFC 9110 §7.2: `uri-host [ ":" port ]`. It may be empty.
fn is_host(value: &HeaderValue) -> bool {
    value.is_empty()
        || Authority::try_from(value.as_bytes())
            .is_ok_and(|authority| !authority.as_str().contains('@'))
}

fn refused(code: &'static str, detail: &'static str) -> HttpError {
    HttpError::new(StatusCode::BAD_REQUEST, code, detail)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Version, header};

    use super::check;

    /// The code of the error, or nothing.
    fn told(version: Version, uri: &str, hosts: &[&'static [u8]]) -> &'static str {
        let values = hosts.iter().map(|host| HeaderValue::from_bytes(host).expect("a value"));
        let headers: HeaderMap = values.map(|value| (header::HOST, value)).collect();
        let uri = uri.parse().expect("an address");
        check(version, &uri, &headers).map_or_else(|error| error.code, |()| "")
    }

    #[test]
    fn http_1_1_has_exactly_one() {
        for uri in ["/", "http://door.example/"] {
            assert_eq!(told(Version::HTTP_11, uri, &[]), "host_missing", "{uri}");
            assert_eq!(told(Version::HTTP_11, uri, &[b"a", b"a"]), "host_repeated", "{uri}");
            assert_eq!(told(Version::HTTP_11, uri, &[b"a"]), "", "{uri}");
        }
    }

    #[test]
    fn http_1_0_has_at_most_one() {
        assert_eq!(told(Version::HTTP_10, "/", &[]), "");
        assert_eq!(told(Version::HTTP_10, "/", &[b"a"]), "");
        assert_eq!(told(Version::HTTP_10, "/", &[b"a", b"b"]), "host_repeated");
    }

    #[test]
    fn http_2_has_an_authority_or_a_host() {
        assert_eq!(told(Version::HTTP_2, "http://door.example/", &[]), "");
        assert_eq!(told(Version::HTTP_2, "/", &[b"a"]), "");
        assert_eq!(told(Version::HTTP_2, "/", &[]), "host_missing");
        assert_eq!(told(Version::HTTP_2, "http://a/", &[b"a", b"b"]), "host_repeated");
    }

    #[test]
    fn the_value_is_a_host() {
        for host in [&b""[..], b"door.example", b"127.0.0.1:8400", b"[::1]:8400", b"xn--tr-xka.de"]
        {
            assert_eq!(told(Version::HTTP_11, "/", &[host]), "");
        }
        for host in [&b"a b"[..], b"a/b", b"http://a", b"me@a", b"a, b", b"\xff", b"a:b:c"] {
            assert_eq!(told(Version::HTTP_11, "/", &[host]), "host_invalid", "{host:?}");
        }
    }
}

//! The suffix of an address that names the format of the answer, SCIM 1.1 §3.7: `/Users.json`.

use ::scim::Dialect;
use axum::http::{Request, Uri};

use super::base::Base;
use crate::http::path;

/// Takes `.json` off an address of SCIM 1.1: it names what is answered anyway.
pub(crate) fn strip<B>(mut request: Request<B>) -> Request<B> {
    let path = request.uri().path();
    if is_below_v1(path)
        && let Some(plain) = path.strip_suffix(".json")
        && !plain.ends_with('/')
        && let Some(uri) = path::replaced(request.uri(), plain.to_owned())
    {
        *request.uri_mut() = uri;
    }
    request
}

/// Whether an address of SCIM 1.1 asks for XML.
pub(super) fn names_xml(uri: &Uri) -> bool {
    is_below_v1(uri.path()) && uri.path().strip_suffix(".xml").is_some()
}

/// Whether something below a base URL of SCIM 1.1 is named.
fn is_below_v1(path: &str) -> bool {
    matches!(
        Base::of(path),
        Some((Base { dialect: Dialect::V1, .. }, endpoint)) if !endpoint.is_empty()
    )
}

#[cfg(test)]
mod tests {
    use axum::http::{Request, Uri};

    use super::{names_xml, strip};

    #[test]
    fn json_is_taken_off_addresses_of_1_1() {
        for (uri, stripped) in [
            ("/scim/v1/Users.json", "/scim/v1/Users"),
            ("/scim/v1/Users.json?filter=a.json", "/scim/v1/Users?filter=a.json"),
            ("/c/7/scim/v1/Groups/a.b.json", "/c/7/scim/v1/Groups/a.b"),
            ("/scim/v1/Users", "/scim/v1/Users"),
            ("/scim/v1/.json", "/scim/v1/.json"),
            ("/scim/v1/Users/.json", "/scim/v1/Users/.json"),
            ("/scim/v1.json", "/scim/v1.json"),
            ("/scim/v2/Users.json", "/scim/v2/Users.json"),
            ("/c/scim/v1/Users.json", "/c/scim/v1/Users.json"),
            ("/", "/"),
        ] {
            let request = Request::builder().uri(uri).body(()).expect("a request");
            assert_eq!(strip(request).uri().to_string(), stripped, "{uri}");
        }
    }

    #[test]
    fn xml_is_seen_in_addresses_of_1_1() {
        let asks = |text: &str| names_xml(&text.parse::<Uri>().expect("an address"));
        assert!(asks("/scim/v1/Users.xml?count=1") && asks("/c/7/scim/v1/Users/7.xml"));
        assert!(!asks("/scim/v1/Users?a=.xml") && !asks("/scim/v2/Users.xml"));
    }
}

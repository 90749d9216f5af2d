//! Paths as administrators paste them: with a doubled slash in the middle or one at the end.

use std::borrow::Cow;

use http::{
    Request, Uri,
    uri::{Parts, PathAndQuery},
};

/// The path with runs of slashes made one and without a trailing slash: `/scim/v2//Users/` is
/// `/scim/v2/Users`.
///
/// Nothing is decoded: a slash written as `%2F` stays a part of its segment. Dot segments are not
/// resolved either; no route has one, so they end in 404.
#[must_use]
pub fn normalize(path: &str) -> Cow<'_, str> {
    if !path.contains("//") && (path.len() < 2 || !path.ends_with('/')) {
        return Cow::Borrowed(path);
    }
    let mut clean = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean.is_empty() {
        clean.push('/');
    }
    Cow::Owned(clean)
}

/// Rewrites the address of a request to its [normal form](normalize), keeping the query.
///
/// A layer inside the router runs after routing: see [`crate::rewrite`].
#[must_use]
pub fn rewrite<B>(mut request: Request<B>) -> Request<B> {
    if let Cow::Owned(path) = normalize(request.uri().path())
        && let Some(uri) = replaced(request.uri(), path)
    {
        *request.uri_mut() = uri;
    }
    request
}

/// The address with another path, or nothing where that would not be an address.
pub(crate) fn replaced(uri: &Uri, mut path: String) -> Option<Uri> {
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts: Parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use http::Request;

    use super::{normalize, rewrite};

    #[test]
    fn slashes_are_tidied_and_nothing_else() {
        for (path, clean) in [
            ("/", "/"),
            ("", ""),
            ("//", "/"),
            ("/scim/v2/Users", "/scim/v2/Users"),
            ("/scim/v2/Users/", "/scim/v2/Users"),
            ("//scim/v2///Users//", "/scim/v2/Users"),
            ("/scim/v2/Users/a%2Fb/", "/scim/v2/Users/a%2Fb"),
            ("/scim/v2/Users/%2e%2e//..", "/scim/v2/Users/%2e%2e/.."),
            ("/a//b%20c", "/a/b%20c"),
            ("*", "*"),
        ] {
            assert_eq!(normalize(path), clean, "{path}");
        }
        assert!(matches!(normalize("/scim/v2/Users"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_rewritten_request_keeps_its_query_and_host() {
        let rewritten = |uri: &str| {
            let request = Request::builder().uri(uri).body(()).expect("request");
            rewrite(request).uri().to_string()
        };
        assert_eq!(rewritten("/scim//v2/Users/?a=//x/&b"), "/scim/v2/Users?a=//x/&b");
        assert_eq!(rewritten("http://h:1/a//b/?q"), "http://h:1/a/b?q");
        assert_eq!(rewritten("/a/b?q"), "/a/b?q");
        assert_eq!(rewritten("*"), "*");
    }
}

//! Who is calling: a token as `Bearer x`, as bare `x`, or as the password of Basic.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::{
    RequestId,
    token::{self, Caller, Refused},
    trouble::Kind,
};

use super::{error::ScimError, wrong::kind_of};
use crate::{App, credentials, error::HttpError};

/// Why someone is not let in.
#[derive(Debug)]
pub(super) struct Stranger {
    pub(super) error: ScimError,
    /// What is wrong, where it is not on our side.
    pub(super) kind: Option<Kind>,
    /// Where a credential was looked up.
    pub(super) refused: Option<Refused>,
}

/// Finds out who is calling, and whether something about the header was read leniently.
///
/// # Errors
///
/// 401 with what is wrong about the credentials; 403 where the connection is switched off, or the
/// plan of the organization does not include SCIM.
pub(super) async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    connection: Option<&str>,
    request: Option<RequestId>,
) -> Result<(Caller, Option<Kind>), Stranger> {
    let shown = match presented(headers) {
        Ok(shown) => shown,
        Err((error, kind)) => {
            return Err(Stranger { error: error.into(), kind: Some(kind), refused: None });
        }
    };
    match token::identify(app.store(), &shown.token, connection, request).await {
        Ok(Ok(caller)) => Ok((caller, shown.odd)),
        Ok(Err(refused)) => {
            let kind = if shown.is_address { Kind::UrlAsToken } else { kind_of(&refused.why) };
            let error = HttpError::from(refused.why.clone()).into();
            Err(Stranger { error, kind: Some(kind), refused: Some(refused) })
        }
        Err(error) => Err(Stranger { error: error.into(), kind: None, refused: None }),
    }
}

/// The text that the request shows as a token, if it shows one.
pub(super) fn shown(headers: &HeaderMap) -> Option<String> {
    presented(headers).ok().map(|shown| shown.token)
}

/// What a request shows.
#[derive(Debug)]
struct Shown {
    token: String,
    /// What was read leniently.
    odd: Option<Kind>,
    /// It is the address of something, and no token.
    is_address: bool,
}

impl Shown {
    /// Tokens are pasted by hand: white space in them is never meant, and neither is a scheme that was
    /// pasted along into a field that adds its own.
    fn new(text: &str) -> Self {
        let inner = text.trim();
        let (inner, is_doubled) = match inner.split_once(char::is_whitespace) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => (rest, true),
            _ => (inner, false),
        };
        let token: String = inner.split_whitespace().collect();
        let odd = match (is_doubled, token.len() == inner.len()) {
            (true, _) => Some(Kind::DoubledPrefix),
            (false, false) => Some(Kind::WhiteSpace),
            (false, true) => None,
        };
        let is_address = ["http://", "https://"].iter().any(|start| {
            token.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        });
        Self { token, odd, is_address }
    }
}

/// What the request shows, or what is wrong with that.
fn presented(headers: &HeaderMap) -> Result<Shown, (HttpError, Kind)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    if more.is_some() {
        let detail = "The request has more than one Authorization header.";
        let error = HttpError::unauthorized("credentials_repeated", detail);
        return Err((error, Kind::Repeated));
    }
    let Some(value) = value else {
        let error = HttpError::unauthorized(
            "credentials_missing",
            "The request has no Authorization header. Send \"Authorization: Bearer\" and the API \
             token of the connection.",
        );
        return Err((error, Kind::Missing));
    };
    let text = value
        .to_str()
        .map_err(|_| {
            let detail = "The Authorization header holds characters that no token has.";
            (HttpError::unauthorized("token_malformed", detail), Kind::NotAToken)
        })?
        .trim();
    if ["", "bearer", "basic"].iter().any(|empty| text.eq_ignore_ascii_case(empty)) {
        let error = HttpError::unauthorized(
            "credentials_missing",
            "The Authorization header holds no token. Send the API token of the connection in it.",
        );
        return Err((error, Kind::Missing));
    }
    match text.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Shown::new(rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => basic(rest.trim()),
        _ => Ok(Shown::new(text)),
    }
}

/// RFC 7617. The user name is the administrator's choice.
fn basic(encoded: &str) -> Result<Shown, (HttpError, Kind)> {
    STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|pair| pair.split_once(':').map(|(_, password)| Shown::new(password)))
        .ok_or_else(|| {
            let detail = "The Basic credentials cannot be read. Use the API token as password.";
            (HttpError::unauthorized("token_malformed", detail), Kind::Basic)
        })
}

/// The answer to a request that was not let in: [`credentials::refuse_from`].
pub(super) fn refuse(
    app: &App,
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    error: ScimError,
) -> ScimError {
    if error.http.status != StatusCode::UNAUTHORIZED {
        return error;
    }
    credentials::refuse_from(app, peer, headers, error.http).into()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

    use directory::trouble::Kind;

    use super::presented;

    fn token(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        presented(&headers).ok().map(|shown| shown.token)
    }

    #[test]
    fn every_form_in_which_providers_send_a_token_is_read() {
        for value in [
            "Bearer scim_x",
            "bearer scim_x",
            "BEARER   scim_x  ",
            "scim_x",
            "  scim_x ",
            "Bearer Bearer scim_x",
            "Bearer scim\t_x",
            "Basic b2t0YTpzY2ltX3g=",
            "basic OnNjaW1feA==",
        ] {
            assert_eq!(token(value).as_deref(), Some("scim_x"), "{value}");
        }
    }

    #[test]
    fn what_was_read_leniently_is_told() {
        for (value, odd) in [
            ("Bearer scim_x", None),
            ("  scim_x ", None),
            ("Bearer Bearer scim_x", Some(Kind::DoubledPrefix)),
            ("Bearer scim\t_x", Some(Kind::WhiteSpace)),
            ("Bearer  scim_x", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
            assert_eq!(presented(&headers).expect("a token").odd, odd, "{value}");
        }
    }

    #[test]
    fn unreadable_basic_credentials_are_refused() {
        for value in ["Basic ???", "Basic b2t0YQ=="] {
            assert_eq!(token(value), None, "{value}");
        }
    }

    #[test]
    fn an_empty_header_says_that_it_is_empty() {
        for value in ["", " ", "Bearer", "bearer ", "Basic"] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
            let (error, kind) = presented(&headers).expect_err(value);
            assert_eq!(kind, Kind::Missing);
            assert!(error.detail.contains("holds no token"), "{value}");
        }
    }

    #[test]
    fn two_authorization_headers_are_refused() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert!(presented(&headers).is_err());
    }
}

//! Who is calling: a token as `Bearer x`, as bare `x`, or as the password of Basic.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::{
    RequestId,
    token::{self, Caller},
};

use super::error::ScimError;
use crate::{App, credentials, error::HttpError};

/// Finds out who is calling.
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
) -> Result<Caller, ScimError> {
    let token = presented(headers)?;
    let caller = token::authenticate(app.store(), &token, connection, request).await?;
    Ok(caller.map_err(HttpError::from)?)
}

/// The token that the request shows.
fn presented(headers: &HeaderMap) -> Result<String, HttpError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    if more.is_some() {
        return Err(HttpError::unauthorized(
            "credentials_repeated",
            "The request has more than one Authorization header.",
        ));
    }
    let Some(value) = value else {
        return Err(HttpError::unauthorized(
            "credentials_missing",
            "The request has no Authorization header. Send \"Authorization: Bearer\" and the API \
             token of the connection.",
        ));
    };
    let text = value
        .to_str()
        .map_err(|_| {
            HttpError::unauthorized(
                "token_malformed",
                "The Authorization header holds characters that no token has.",
            )
        })?
        .trim();
    if ["", "bearer", "basic"].iter().any(|empty| text.eq_ignore_ascii_case(empty)) {
        return Err(HttpError::unauthorized(
            "credentials_missing",
            "The Authorization header holds no token. Send the API token of the connection in it.",
        ));
    }
    match text.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => Ok(strip(rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => basic(rest.trim()),
        _ => Ok(strip(text)),
    }
}

/// Tokens are pasted by hand: white space in them is never meant, and neither is a scheme that was
/// pasted along into a field that adds its own.
fn strip(text: &str) -> String {
    let text = text.trim();
    let text = match text.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest,
        _ => text,
    };
    text.split_whitespace().collect()
}

/// RFC 7617. The user name is the administrator's choice.
fn basic(encoded: &str) -> Result<String, HttpError> {
    STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|pair| pair.split_once(':').map(|(_, password)| strip(password)))
        .ok_or_else(|| {
            HttpError::unauthorized(
                "token_malformed",
                "The Basic credentials cannot be read. Use the API token as password.",
            )
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

    use super::presented;

    fn token(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        presented(&headers).ok()
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
            let error = presented(&headers).expect_err(value);
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

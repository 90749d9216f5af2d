//! [`ErrorCode`], and the [`ErrorAnswer`] of an endpoint that answers a program.

use serde_json::{Value as Json, json};

/// An error as the standards name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// RFC 6749 §4.1.2.1 and §5.2.
    InvalidRequest,
    /// RFC 6749 §5.2.
    InvalidClient,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §4.1.2.1 and §5.2.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1 and §5.2.
    InvalidScope,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 §4.1.2.1.
    AccessDenied,
    /// RFC 6749 §4.1.2.1.
    ServerError,
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType,
    /// RFC 6750 §3.1.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
}

impl ErrorCode {
    /// The code as it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
        }
    }
}

/// What an endpoint answers to a program that made a mistake. It is never stored by a cache
/// (RFC 6749 §5.2): `Cache-Control: no-store`.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The value of the header `WWW-Authenticate`, with 401 and where RFC 6750 asks for it.
    pub www_authenticate: Option<String>,
    /// `{"error": …, "error_description": …}`; null where a request without a token was refused.
    pub body: Json,
}

impl ErrorAnswer {
    /// The answer of the token, revocation and introspection endpoints (RFC 6749 §5.2).
    ///
    /// A client that is not known is told 401 with the one scheme that it may use in a header,
    /// whichever way it came.
    pub(crate) fn of_endpoint(code: ErrorCode, description: &str) -> Self {
        let is_client = code == ErrorCode::InvalidClient;
        Self {
            status: if is_client { 401 } else { 400 },
            www_authenticate: is_client
                .then(|| "Basic realm=\"oauth\", charset=\"UTF-8\"".to_owned()),
            body: json!({ "error": code.as_str(), "error_description": described(description) }),
        }
    }
}

/// The characters that RFC 6749 §5.2 grants a description: printable ASCII but for `"` and `\`.
pub(crate) fn described(text: &str) -> String {
    let is_granted = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    text.chars().map(|c| if is_granted(c) { c } else { '\'' }).collect()
}

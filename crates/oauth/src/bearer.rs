//! Bearer tokens at a resource of ours (RFC 6750), such as userinfo.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::{
    error::{ErrorAnswer, ErrorCode},
    secret::{PresentedSecret, SecretKind},
};

/// Why a resource is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerRefusal {
    /// No token: no error is told (RFC 6750 §3.1).
    #[error("the request has no bearer token")]
    Missing,
    /// The header is malformed.
    #[error("the header Authorization is malformed")]
    Malformed,
    /// The token is unknown, expired, revoked, or its person may not sign in any more.
    #[error("the access token is unknown, expired or revoked")]
    Token,
    /// The token is for something else.
    #[error("the access token has not the scope {0}")]
    Scope(&'static str),
}

/// Reads the header `Authorization`. A token in the query or in the body is not looked for (RFC 6750
/// §5.3, RFC 9700 §4.3.2).
///
/// # Errors
///
/// When there is no access token of ours in it.
pub fn access_token(authorization: Option<&str>) -> Result<PresentedSecret, BearerRefusal> {
    let header = authorization.ok_or(BearerRefusal::Missing)?;
    let (scheme, token) = header.split_once(' ').ok_or(BearerRefusal::Malformed)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(BearerRefusal::Missing);
    }
    match PresentedSecret::parse(token.trim()) {
        Ok(secret) if secret.kind == SecretKind::AccessToken => Ok(secret),
        _ => Err(BearerRefusal::Token),
    }
}

impl BearerRefusal {
    /// The standard error; `None` where there was no token.
    #[must_use]
    pub fn error_code(self) -> Option<ErrorCode> {
        match self {
            Self::Missing => None,
            Self::Malformed => Some(ErrorCode::InvalidRequest),
            Self::Token => Some(ErrorCode::InvalidToken),
            Self::Scope(_) => Some(ErrorCode::InsufficientScope),
        }
    }

    /// What is answered (RFC 6750 §3).
    #[must_use]
    pub fn answer(self) -> ErrorAnswer {
        let Some(code) = self.error_code() else {
            return ErrorAnswer {
                status: 401,
                www_authenticate: Some("Bearer".to_owned()),
                body: Json::Null,
            };
        };
        let (code, description) = (code.as_str(), self.to_string());
        let mut header = format!("Bearer error=\"{code}\", error_description=\"{description}\"");
        if let Self::Scope(scope) = self {
            let _ = write!(header, ", scope=\"{scope}\"");
        }
        ErrorAnswer {
            status: match self {
                Self::Malformed => 400,
                Self::Missing | Self::Token => 401,
                Self::Scope(_) => 403,
            },
            www_authenticate: Some(header),
            body: json!({ "error": code, "error_description": description }),
        }
    }
}

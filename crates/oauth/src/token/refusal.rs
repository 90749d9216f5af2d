//! [`TokenRefusal`]: why there is no token.

use crate::{
    client::ClientRefusal,
    error::{ErrorAnswer, ErrorCode},
    parameters::ParameterFault,
};

/// Why there is no token. The sentence is the `error_description`; that of a client which is not
/// authenticated is kept for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// The client is not who it says it is.
    #[error(transparent)]
    Client(#[from] ClientRefusal),
    /// A parameter cannot be read.
    #[error(transparent)]
    Parameter(#[from] ParameterFault),
    /// There is no such grant here.
    #[error("grant_type must be authorization_code, refresh_token or client_credentials")]
    UnsupportedGrantType,
    /// The client may not use it.
    #[error("the client may not use this grant_type")]
    UnauthorizedClient,
    /// More or other scopes than it may have.
    #[error("the scope is unknown, or exceeds what was granted")]
    Scope,
    /// There is no such code or refresh token, or not any more.
    #[error("the code or refresh token is not known")]
    UnknownGrant,
    /// It was given to another client.
    #[error("the code or refresh token was given to another client")]
    OtherClient,
    /// It is too old.
    #[error("the code or refresh token expired")]
    Expired,
    /// A code that was exchanged before: all that it was exchanged for is to be revoked.
    #[error("the code was exchanged before, and its tokens were revoked")]
    CodeReplayed,
    /// A refresh token that was replaced long ago: its family is to be revoked.
    #[error("the refresh token was replaced before, and its successors were revoked")]
    RefreshReplayed,
    /// The family, the person or the connection was taken the right.
    #[error("the grant was revoked")]
    Revoked,
    /// Not that of the authorization request.
    #[error("redirect_uri is not that of the authorization request")]
    RedirectUri,
    /// No verifier for a challenge.
    #[error("code_verifier is missing")]
    PkceMissing,
    /// A verifier without a challenge.
    #[error("code_verifier is there, but the authorization request had no code_challenge")]
    PkceUnexpected,
    /// Another challenge's verifier.
    #[error("code_verifier is not that of the code_challenge")]
    PkceMismatch,
    /// An endpoint that only tells who has a secret.
    #[error("this endpoint is for confidential clients")]
    NotConfidential,
}

impl TokenRefusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Client(refusal) => refusal.code(),
            Self::Parameter(fault) => fault.code(),
            Self::UnsupportedGrantType => "grant_type",
            Self::UnauthorizedClient => "client_kind",
            Self::Scope => "scope",
            Self::UnknownGrant => "unknown_grant",
            Self::OtherClient => "other_client",
            Self::Expired => "expired",
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReplayed => "refresh_replayed",
            Self::Revoked => "revoked",
            Self::RedirectUri => "redirect_uri",
            Self::PkceMissing => "pkce_missing",
            Self::PkceUnexpected => "pkce_unexpected",
            Self::PkceMismatch => "pkce_mismatch",
            Self::NotConfidential => "not_confidential",
        }
    }

    /// The standard error (RFC 6749 §5.2).
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Client(refusal) => refusal.error_code(),
            Self::Parameter(_) => ErrorCode::InvalidRequest,
            Self::UnsupportedGrantType => ErrorCode::UnsupportedGrantType,
            Self::UnauthorizedClient | Self::NotConfidential => ErrorCode::UnauthorizedClient,
            Self::Scope => ErrorCode::InvalidScope,
            Self::UnknownGrant
            | Self::OtherClient
            | Self::Expired
            | Self::CodeReplayed
            | Self::RefreshReplayed
            | Self::Revoked
            | Self::RedirectUri
            | Self::PkceMissing
            | Self::PkceUnexpected
            | Self::PkceMismatch => ErrorCode::InvalidGrant,
        }
    }

    /// What is answered.
    #[must_use]
    pub fn answer(&self) -> ErrorAnswer {
        match self {
            Self::Client(refusal) => refusal.answer(),
            refusal => ErrorAnswer::of_endpoint(refusal.error_code(), &refusal.to_string()),
        }
    }

    /// Whether everything that came from the grant is to be revoked as well, in the same transaction.
    #[must_use]
    pub fn revokes(&self) -> bool {
        matches!(self, Self::CodeReplayed | Self::RefreshReplayed)
    }
}

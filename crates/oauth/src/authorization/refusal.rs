//! Why a request is refused, and whether the client may hear it.

use super::Callback;
use crate::{error::ErrorCode, parameters::ParameterFault};

/// A refusal of a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationRefusal {
    /// Shown to the person: it is not known that the address is the client's, so nothing goes there
    /// (RFC 6749 §4.1.2.1).
    #[error(transparent)]
    Page(#[from] PageRefusal),
    /// Sent to the client.
    #[error("{error}")]
    Callback {
        /// Where to.
        callback: Box<Callback>,
        /// What.
        error: AuthorizationError,
    },
}

/// Why a request is answered by a page of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageRefusal {
    /// A parameter that says where the answer goes cannot be read.
    #[error(transparent)]
    Parameter(#[from] ParameterFault),
    /// The client is not known. The store says so, not this crate.
    #[error("there is no such client")]
    UnknownClient,
    /// The address is not registered, byte for byte.
    #[error(
        "the redirect URI is not one that this client registered: compare them letter by letter"
    )]
    RedirectUri,
}

impl PageRefusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parameter(fault) => fault.code(),
            Self::UnknownClient => "unknown_client",
            Self::RedirectUri => "redirect_uri",
        }
    }

    /// The standard error.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Parameter(_) | Self::RedirectUri => ErrorCode::InvalidRequest,
            Self::UnknownClient => ErrorCode::UnauthorizedClient,
        }
    }
}

/// What a client is told. The sentence is the `error_description`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// A parameter cannot be read.
    #[error(transparent)]
    Parameter(#[from] ParameterFault),
    /// RFC 6749 §3.1.1: `code` is the only one.
    #[error("response_type must be code")]
    ResponseType,
    /// The answer stands in the query.
    #[error("response_mode must be query")]
    ResponseMode,
    /// RFC 7636 §4.4.1.
    #[error("code_challenge is missing: PKCE is required")]
    PkceMissing,
    /// `plain`, or a method that is left out, which means `plain`.
    #[error("code_challenge_method must be S256")]
    PkceMethod,
    /// The client is none that asks people.
    #[error("this client may not use the authorization endpoint")]
    ClientKind,
    /// More or other scopes than it may have, or no `openid`.
    #[error("the scope is unknown, exceeds what the client may ask for, or lacks openid")]
    Scope,
    /// OpenID Connect Core §3.1.2.1: `none` stands alone.
    #[error("prompt is malformed, or none stands beside another value")]
    Prompt,
    /// OpenID Connect Core §6.1.
    #[error("request objects are not supported")]
    RequestObject,
    /// OpenID Connect Core §6.2.
    #[error("request_uri is not supported")]
    RequestUri,
    /// OpenID Connect Core §7.2.1.
    #[error("registration is not supported")]
    Registration,
    /// `organization`, `connection` or `login_hint` lead nowhere, or not to the same organization.
    #[error("organization, connection and login_hint do not lead to one connection")]
    NoConnection,
    /// The person, an administrator or a rule said no.
    #[error("access was denied")]
    Denied,
    /// `prompt=none`, and no one is signed in.
    #[error("nobody is signed in, or must sign in again")]
    LoginRequired,
    /// The provider did not ask the person again, although it had to.
    #[error("the identity provider did not authenticate the person again")]
    NotFresh,
    /// `prompt=none`, and consent is asked for every time.
    #[error("consent is required")]
    ConsentRequired,
    /// `prompt=none`, and the person would have to choose something.
    #[error("the person has to choose")]
    InteractionRequired,
    /// Something is broken here.
    #[error("the server met an error")]
    ServerError,
    /// Too much is going on here.
    #[error("the server is busy: try again")]
    TemporarilyUnavailable,
}

impl AuthorizationError {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Parameter(fault) => fault.code(),
            Self::ResponseType => "response_type",
            Self::ResponseMode => "response_mode",
            Self::PkceMissing => "pkce_missing",
            Self::PkceMethod => "pkce_method",
            Self::ClientKind => "client_kind",
            Self::Scope => "scope",
            Self::Prompt => "prompt",
            Self::RequestObject => "request_object",
            Self::RequestUri => "request_uri",
            Self::Registration => "registration",
            Self::NoConnection => "no_connection",
            Self::Denied => "denied",
            Self::LoginRequired => "login_required",
            Self::NotFresh => "not_fresh",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The standard error.
    #[must_use]
    pub fn error_code(self) -> ErrorCode {
        match self {
            Self::Parameter(_)
            | Self::ResponseMode
            | Self::PkceMissing
            | Self::PkceMethod
            | Self::Prompt
            | Self::NoConnection => ErrorCode::InvalidRequest,
            Self::ResponseType => ErrorCode::UnsupportedResponseType,
            Self::ClientKind => ErrorCode::UnauthorizedClient,
            Self::Scope => ErrorCode::InvalidScope,
            Self::RequestObject => ErrorCode::RequestNotSupported,
            Self::RequestUri => ErrorCode::RequestUriNotSupported,
            Self::Registration => ErrorCode::RegistrationNotSupported,
            Self::Denied => ErrorCode::AccessDenied,
            Self::LoginRequired | Self::NotFresh => ErrorCode::LoginRequired,
            Self::ConsentRequired => ErrorCode::ConsentRequired,
            Self::InteractionRequired => ErrorCode::InteractionRequired,
            Self::ServerError => ErrorCode::ServerError,
            Self::TemporarilyUnavailable => ErrorCode::TemporarilyUnavailable,
        }
    }
}

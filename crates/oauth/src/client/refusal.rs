//! [`ClientRefusal`]: why a client is not believed.

use crate::{
    error::{ErrorAnswer, ErrorCode},
    jose::{ClaimFault, JwtRefusal},
    parameters::ParameterFault,
};

/// Why a client is not believed to be who it says it is. The client itself is only told the standard
/// code; the sentence is for the log and the administrator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientRefusal {
    /// A parameter cannot be read.
    #[error(transparent)]
    Parameter(#[from] ParameterFault),
    /// RFC 6749 §2.3: more than one method in one request.
    #[error("the client proves itself in two ways at once")]
    SeveralMethods,
    /// The header `Authorization` is none of RFC 7617, or the two names in it and in the body differ.
    #[error("the header Authorization is malformed, or names another client than the body")]
    Header,
    /// Neither a name nor a proof.
    #[error("the request names no client")]
    NoClient,
    /// Nobody has this identifier. The store says so, not this crate.
    #[error("there is no such client")]
    Unknown,
    /// It is registered for another method.
    #[error("the client is registered for another way to prove itself")]
    OtherMethod,
    /// A secret in the body, where only the header is allowed.
    #[error("the secret stands in the body, which this client is not allowed")]
    SecretInBody,
    /// The secret is none of the client's.
    #[error("the secret is none of the client's")]
    Secret,
    /// The secret was the client's.
    #[error("the secret expired: make a new one")]
    SecretExpired,
    /// `client_assertion_type` is missing or another one.
    #[error("client_assertion_type is not urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    AssertionType,
    /// The assertion is not believed.
    #[error("the client's assertion is refused: {0}")]
    Assertion(#[from] JwtRefusal),
    /// The assertion was shown before. The store says so, not this crate.
    #[error("the client's assertion was shown before")]
    Replayed,
    /// The assertion says something else than it must.
    #[error("the client's assertion is refused: {0}")]
    Claim(#[from] ClaimFault),
}

impl ClientRefusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parameter(fault) => fault.code(),
            Self::SeveralMethods => "several_methods",
            Self::Header => "authorization_header",
            Self::NoClient => "no_client",
            Self::Unknown => "unknown_client",
            Self::OtherMethod => "other_method",
            Self::SecretInBody => "secret_in_body",
            Self::Secret => "wrong_secret",
            Self::SecretExpired => "secret_expired",
            Self::AssertionType => "assertion_type",
            Self::Replayed => "assertion_replayed",
            Self::Assertion(refusal) => refusal.code(),
            Self::Claim(fault) => fault.code(),
        }
    }

    /// The standard error: RFC 6749 §5.2 makes a request of two methods an invalid one.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::Parameter(_) | Self::SeveralMethods => ErrorCode::InvalidRequest,
            _ => ErrorCode::InvalidClient,
        }
    }

    /// What is answered. Why a client is not believed would help whoever guesses.
    #[must_use]
    pub fn answer(&self) -> ErrorAnswer {
        match self.error_code() {
            ErrorCode::InvalidRequest => {
                ErrorAnswer::of_endpoint(ErrorCode::InvalidRequest, &self.to_string())
            }
            code => ErrorAnswer::of_endpoint(code, "the client is not authenticated"),
        }
    }

    /// Whether another attempt is worth while with keys of the client that were fetched anew.
    #[must_use]
    pub fn wants_new_keys(&self) -> bool {
        matches!(self, Self::Assertion(JwtRefusal::UnknownKey))
    }
}

//! [`HttpError`]: a request that is not served. The only place that knows which status goes with
//! which error of the domain.

use std::{fmt, time::Duration};

use ::http::{Method, StatusCode, header};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use directory::{Error, Noun, api_key, oauth::bearer::Unfit, program, token::Refusal};
use serde_json::{Value as Json, json};
use tracing::Level;

use crate::http::{auth_failures::RetryAfter, body::BodyError, method::is_known};

/// The media type of errors outside of a surface that has a form of its own, RFC 9457.
const PROBLEM: &str = "application/problem+json";

/// A request that is not served: what programs and people read of it, and what only the log reads.
///
/// As a response it is a problem of RFC 9457 and carries itself as an extension: a surface with a
/// form of its own renders it anew.
#[derive(Clone, Debug)]
pub(crate) struct HttpError {
    pub(crate) status: StatusCode,
    /// What programs know it by: it stays when the sentence is bettered.
    pub(crate) code: &'static str,
    /// The sentence for people.
    pub(crate) detail: String,
    /// For the log only.
    pub(crate) cause: Option<String>,
    /// Seconds until it is worth trying again.
    pub(crate) retry_after: Option<u32>,
    /// What else programs read of it (RFC 9457 §3.2), where it is a problem.
    pub(crate) members: Vec<(&'static str, Json)>,
}

impl HttpError {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let members = Vec::new();
        Self { status, code, detail: detail.into(), cause: None, retry_after: None, members }
    }

    pub(crate) fn caused_by(self, error: &(dyn std::error::Error + 'static)) -> Self {
        Self { cause: Some(Chain(error).to_string()), ..self }
    }

    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Tells programs something more.
    pub(crate) fn with(mut self, member: &'static str, value: impl Into<Json>) -> Self {
        self.members.push((member, value.into()));
        self
    }

    /// The same answer for an id that was never given, was deleted, or is another organization's.
    pub(crate) fn no_such_resource() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no resource with this id.")
    }

    /// RFC 9110 §15.5.6 where a method is known, with the possible ones in `Allow`; §15.6.2 where
    /// it is not. What a client made up is not repeated to it.
    pub(crate) fn method_not_possible(method: &Method) -> Self {
        if is_known(method) {
            Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                format!(
                    "{method} is not possible here; the Allow header names the methods that are."
                ),
            )
        } else {
            Self::new(
                StatusCode::NOT_IMPLEMENTED,
                "method_unknown",
                "The method of the request is not known here; the Allow header names the methods \
                 that are possible.",
            )
        }
    }

    pub(crate) fn shutting_down() -> Self {
        let detail = "The server is shutting down. Try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", detail).retry_after(2)
    }

    pub(crate) fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// What was sent cannot be read.
    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Something was tried too often.
    pub(crate) fn too_many_requests(wait: RetryAfter) -> Self {
        let detail = "This was tried too often. Wait before the next request.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_failures", detail).retry_after(wait.0)
    }

    /// The requests that a caller may make in a minute are used up.
    pub(crate) fn over_rate(wait: RetryAfter) -> Self {
        let detail = format!(
            "These are more requests than this server takes in a minute from one caller. Go on in \
             {} s.",
            wait.0
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "over_rate", detail).retry_after(wait.0)
    }

    /// A defect of ours. Its cause is in the log.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Doorward failed to serve this request. Nothing was changed. The operator finds the \
             cause in the server's log.",
        )
    }

    /// The request was not finished in its time. What it asked for may be done later.
    pub(crate) fn late(deadline: Duration) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store_late",
            format!(
                "The store did not answer within {} s. If this request changes something, it may be \
                 done later, or not at all. Try again.",
                deadline.as_secs_f64()
            ),
        )
        .retry_after(5)
    }

    /// What `/readyz` says of a store that is not to be sent requests: always 503, with the reason
    /// that a request would have been told.
    pub(crate) fn not_ready(error: Error) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..Self::from(error) }
    }

    /// What the domain refused, in its own words.
    fn refusal(status: StatusCode, error: &Error) -> Self {
        Self::new(status, error.code(), error.to_string())
    }

    /// How loud the log is about it: an error is what whoever runs the server must look into, a
    /// warning what may become one. A client's mistake is neither, and an answer that we mean, such
    /// as 501, is none, whatever its status.
    pub(crate) fn level(&self) -> Level {
        match self.code {
            "internal" | "store_full" | "store_late" | "store_unavailable" => Level::ERROR,
            "store_busy" | "store_overloaded" => Level::WARN,
            _ => Level::INFO,
        }
    }
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { what: Noun::Resource | Noun::User | Noun::Group, .. } => {
                Self::no_such_resource()
            }
            Error::NotFound { .. } => Self::refusal(StatusCode::NOT_FOUND, &error),
            Error::Stale { version } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "stale",
                format!(
                    "The resource has the version {version}, and the request is for another. \
                     Nothing was changed. Read it again and decide anew."
                ),
            ),
            Error::Conflict { .. } => Self::refusal(StatusCode::CONFLICT, &error),
            Error::Denied { .. } => Self::refusal(StatusCode::FORBIDDEN, &error),
            Error::Invalid { .. }
            | Error::Immutable { .. }
            | Error::TooExpensive { .. }
            | Error::InvalidCursor { .. }
            | Error::ExpiredCursor { .. } => Self::refusal(StatusCode::BAD_REQUEST, &error),
            Error::EventsPruned { through } | Error::HistoryEnds { through } => {
                Self::refusal(StatusCode::GONE, &error).with("pruned", through.number())
            }
            Error::Held(ref held) => {
                let wait = held.retry_after();
                Self::refusal(StatusCode::TOO_MANY_REQUESTS, &error).retry_after(wait)
            }
            Error::Busy => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "store_busy",
                "Too many requests of this organization are waiting. Nothing was changed. Try \
                 again, with fewer at a time.",
            )
            .retry_after(1),
            Error::Overloaded => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_overloaded",
                "Too many requests are waiting. Nothing was changed. Try again.",
            )
            .retry_after(2),
            Error::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "store_full",
                "Doorward has no space left to store this. Nothing was changed. \
                 Its operator must make space.",
            )
            .caused_by(&error)
            .retry_after(30),
            Error::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "The store does not answer at the moment. Try again.",
            )
            .caused_by(&error)
            .retry_after(5),
            _ => Self::internal().caused_by(&error),
        }
    }
}

impl From<Refusal> for HttpError {
    /// What is wrong with a token, for whoever set it up.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed => Self::unauthorized(
                "token_malformed",
                "This is not a Doorward API token: those begin with \"scim_\". Copy the token that \
                 was shown when it was issued.",
            ),
            Refusal::Mistyped => Self::unauthorized(
                "token_mistyped",
                "The API token is incomplete or mistyped: its check digits do not match. Copy it again.",
            ),
            Refusal::Unknown => {
                Self::unauthorized("token_unknown", "There is no such API token. Issue a new one.")
            }
            Refusal::Revoked => Self::unauthorized(
                "token_revoked",
                "This API token has been revoked. Issue a new one.",
            ),
            Refusal::Expired => {
                Self::unauthorized("token_expired", "This API token has expired. Issue a new one.")
            }
            Refusal::WrongAddress => Self::unauthorized(
                "token_of_another_connection",
                "This API token belongs to another connection than the one in the base URL.",
            ),
            Refusal::Static => Self::unauthorized(
                "static_token",
                "This connection takes no API tokens: its provider gets access tokens at \
                 /oauth/token, with a client of its own.",
            ),
            Refusal::Disabled => Self::new(
                StatusCode::FORBIDDEN,
                "connection_disabled",
                "This connection is switched off. An administrator can enable it in Doorward.",
            ),
            Refusal::NotEntitled(plan) => Self::new(
                StatusCode::FORBIDDEN,
                "not_entitled",
                match plan {
                    Some(plan) => format!(
                        "The plan \"{plan}\" of this organization does not include provisioning with \
                         SCIM. The application's support can change the plan or add SCIM to it."
                    ),
                    None => {
                        "This organization has no plan that includes provisioning with SCIM. The \
                             application's support can give it one."
                            .to_owned()
                    }
                },
            ),
        }
    }
}

impl From<api_key::Refusal> for HttpError {
    /// What is wrong with a key, for whoever set it up.
    fn from(refusal: api_key::Refusal) -> Self {
        use api_key::Refusal;

        let (code, detail) = match refusal {
            Refusal::Malformed => (
                "key_malformed",
                "This is neither an API key, which begins with \"dwkey_\" and which `doorward api-key \
                 create` makes, nor an access token.",
            ),
            Refusal::Mistyped => (
                "key_mistyped",
                "The API key is incomplete or mistyped: its check digits do not match. Copy it again.",
            ),
            Refusal::Unknown => ("key_unknown", "There is no such API key."),
            Refusal::Revoked => ("key_revoked", "This API key has been revoked."),
            Refusal::Expired => ("key_expired", "This API key has expired."),
        };
        Self::unauthorized(code, detail)
    }
}

impl From<program::Refusal> for HttpError {
    fn from(refusal: program::Refusal) -> Self {
        match refusal {
            program::Refusal::Key(refusal) => refusal.into(),
            program::Refusal::Token(unfit) => unfit.into(),
        }
    }
}

impl From<Unfit> for HttpError {
    /// What is wrong with an access token, for whoever set its client up.
    fn from(unfit: Unfit) -> Self {
        let (code, detail) = match unfit {
            Unfit::Mistyped => (
                "token_mistyped",
                "The access token is incomplete or mistyped: its check digits do not match.",
            ),
            Unfit::Unknown => ("token_unknown", "There is no such access token, or not any more."),
            Unfit::Expired => {
                ("token_expired", "This access token has expired: get another at /oauth/token.")
            }
            Unfit::Revoked => {
                ("token_revoked", "This access token has been revoked, or its client was deleted.")
            }
            Unfit::OtherUse => (
                "token_of_another_use",
                "This is no access token for the management API: that has a scope such as \"api:read\", \
                 and is a machine's own.",
            ),
        };
        Self::unauthorized(code, detail)
    }
}

impl From<BodyError> for HttpError {
    fn from(error: BodyError) -> Self {
        Self::new(error.status(), error.code(), error.to_string())
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        for (name, value) in &self.members {
            problem[*name] = value.clone();
        }
        let headers = [(header::CONTENT_TYPE, PROBLEM)];
        let mut response = (self.status, headers, problem.to_string()).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// An error with its sources.
struct Chain<'e>(&'e (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// The answer outside of every surface.
pub(crate) async fn no_such_page() -> HttpError {
    HttpError::new(
        StatusCode::NOT_FOUND,
        "no_such_page",
        "There is nothing at this address. SCIM is at /scim/v2 and /scim/v1, the management API at \
         /api/v1.",
    )
}

/// The answer at an address outside of every surface that takes other methods.
pub(crate) async fn method_not_possible(request: Request) -> HttpError {
    HttpError::method_not_possible(request.method())
}

#[cfg(test)]
mod tests {
    use ::http::Method;
    use directory::Error;
    use tracing::Level;

    use super::HttpError;

    #[test]
    fn only_what_an_operator_must_look_into_is_an_error_in_the_log() {
        let broken = || Error::Unavailable("gone".to_owned());
        for error in [Error::Full.into(), broken().into(), HttpError::internal()] {
            assert_eq!(error.level(), Level::ERROR, "{error:?}");
        }
        for error in [Error::Busy, Error::Overloaded] {
            assert_eq!(HttpError::from(error).level(), Level::WARN);
        }
        let unknown = Method::from_bytes(b"BREW").expect("a token");
        for error in [
            HttpError::shutting_down(),
            HttpError::method_not_possible(&unknown),
            HttpError::no_such_resource(),
        ] {
            assert_eq!(error.level(), Level::INFO, "{error:?}");
        }
        assert_eq!(
            HttpError::from(broken()).cause.as_deref(),
            Some("the store is not available: gone")
        );
    }

    #[test]
    fn an_unknown_method_is_not_repeated() {
        let unknown = Method::from_bytes("X".repeat(500).as_bytes()).expect("a token");
        let error = HttpError::method_not_possible(&unknown);
        assert_eq!((error.status.as_u16(), error.detail.contains("XX")), (501, false));
        let error = HttpError::method_not_possible(&Method::TRACE);
        assert_eq!((error.status.as_u16(), error.detail.starts_with("TRACE ")), (405, true));
    }
}

//! [`Failure`]: a request that is not served. The only place that knows which status goes with
//! which error.

use ::http::{Method, StatusCode, header};
use ::scim::{ScimType, bulk::Refusal, etag};
use axum::response::{IntoResponse, Response};
use directory::Error;
use serde_json::json;

use crate::http::body::{BodyError, ReadError};

/// A request that is not served: what the client reads, and what only the log reads.
///
/// As a response it is empty and carries itself as an extension; the surface that it passes
/// through renders it in its own form.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) scim_type: Option<ScimType>,
    pub(crate) detail: String,
    /// For the log only.
    pub(crate) inside: Option<String>,
    /// Seconds until it is worth trying again.
    pub(crate) retry_after: Option<u32>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), inside: None, retry_after: None }
    }

    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same answer for an id that was never given, was deleted, or is another organization's.
    pub(crate) fn no_such_resource() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no resource with this id.")
    }

    /// RFC 9110 §15.5.13: what is there has this entity tag.
    pub(crate) fn precondition_failed(tag: &str) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            format!(
                "The resource has the version {tag}, which the request rules out by If-Match, \
                 If-None-Match or version. Nothing was changed. Read it again and decide anew."
            ),
        )
    }

    pub(crate) fn no_such_endpoint() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such endpoint. Check the base URL: /Users and /Groups follow it directly.",
        )
    }

    /// The answer names the methods that are possible in `Allow`.
    pub(crate) fn method_not_allowed(method: &Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("{method} is not possible here; the Allow header names the methods that are."),
        )
    }

    /// RFC 7644 §3.11: `/Me`, as long as no token belongs to a user.
    pub(crate) fn no_me() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "/Me is not supported: an API token belongs to a connection, not to a user. Users are \
             at /Users.",
        )
    }

    pub(crate) fn shutting_down() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is shutting down. Try again.")
            .retry_after(2)
    }

    pub(crate) fn panicked() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL)
    }
}

const INTERNAL: &str = "Doorward failed to serve this request. Nothing was changed. \
                        The operator finds the cause in the server's log.";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let inside = format!("{:#}", Chain(&error));
        match error {
            Error::NotFound => Self::no_such_resource(),
            Error::Scim(error) => error.into(),
            Error::PreconditionFailed { version } => Self::precondition_failed(&etag(version)),
            Error::Refused(detail) => Self::new(StatusCode::BAD_REQUEST, detail),
            Error::Busy => {
                let detail = "Too many requests are waiting. Nothing was changed. Try again.";
                Self::new(StatusCode::TOO_MANY_REQUESTS, detail).retry_after(1)
            }
            Error::Full => Self {
                inside: Some(inside),
                ..Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "Doorward has no space left to store this. Nothing was changed. \
                     Its operator must make space.",
                )
            },
            Error::Unavailable(_) => Self {
                inside: Some(inside),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The store does not answer at the moment. Try again.",
                )
                .retry_after(5)
            },
            _ => Self { inside: Some(inside), ..Self::panicked() },
        }
    }
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        let status = match error.scim_type() {
            ScimType::Uniqueness => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { scim_type: Some(error.scim_type()), ..Self::new(status, error.detail()) }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed(error) => error.into(),
            Refusal::TooMany { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, refusal.to_string())
            }
        }
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        Self::new(error.status(), error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Body(error) => error.into(),
            ReadError::Json(error) => error.into(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// An error with its sources.
struct Chain<'e>(&'e (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// The answer outside of every surface, RFC 9457.
pub(crate) async fn no_such_page() -> Response {
    let problem = json!({
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address. SCIM is at /scim/v2 and /scim/v1.",
    });
    let media_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::NOT_FOUND, media_type, problem.to_string()).into_response()
}

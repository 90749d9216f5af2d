//! [`ScimError`]: an error with what SCIM adds to it, and errors in the form of SCIM.

use ::scim::{Dialect, ScimType, bulk::Refusal, etag};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use directory::{Error, WorkError};

use crate::{error::HttpError, http::body::BodyError};

/// A request that a SCIM surface does not serve. [`super::surface::ErrorForm`] gives it the
/// form of the dialect, like every other error below its base.
#[derive(Clone, Debug)]
pub(crate) struct ScimError {
    /// RFC 7644 §3.12.
    pub(crate) scim_type: Option<ScimType>,
    pub(crate) http: HttpError,
}

impl ScimError {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        HttpError::new(status, code, detail).into()
    }

    pub(crate) fn no_such_resource() -> Self {
        HttpError::no_such_resource().into()
    }

    pub(crate) fn no_such_endpoint() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_endpoint",
            "There is no such endpoint. Check the base URL: /Users and /Groups follow it directly.",
        )
    }

    /// RFC 7644 §3.11: `/Me`, as long as no token belongs to a user.
    pub(crate) fn no_me() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "no_me",
            "/Me is not supported: an API token belongs to a connection, not to a user. Users are \
             at /Users.",
        )
    }

    /// RFC 9110 §15.5.13: what is there has this entity tag.
    pub(crate) fn precondition_failed(tag: &str) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            format!(
                "The resource has the version {tag}, which the request rules out by If-Match, \
                 If-None-Match or version. Nothing was changed. Read it again and decide anew."
            ),
        )
    }

    /// The sentence for people.
    pub(crate) fn detail(&self) -> &str {
        &self.http.detail
    }
}

impl From<HttpError> for ScimError {
    fn from(http: HttpError) -> Self {
        Self { scim_type: None, http }
    }
}

impl From<Error> for ScimError {
    fn from(error: Error) -> Self {
        // RFC 7644 §3.12 names the cases that a client may tell apart.
        let scim_type = match &error {
            Error::Stale { version } => {
                return Self::precondition_failed(&etag(version.number()));
            }
            Error::Conflict { .. } => ScimType::Uniqueness,
            Error::Invalid { .. } => ScimType::InvalidValue,
            Error::Immutable { .. } => ScimType::Mutability,
            Error::TooExpensive { .. } => ScimType::TooMany,
            Error::InvalidCursor { .. } => ScimType::InvalidCursor,
            Error::ExpiredCursor { .. } => ScimType::ExpiredCursor,
            _ => return HttpError::from(error).into(),
        };
        ::scim::Error::new(scim_type, error.to_string()).into()
    }
}

/// Why an act in a transaction was not done: the directory refused it or failed, or what was asked
/// for makes no sense for the resource as it is.
#[derive(Debug)]
pub(crate) enum ActError {
    Directory(Error),
    Scim(Box<ScimError>),
}

impl WorkError for ActError {
    fn store_failure(&self) -> Option<&Error> {
        match self {
            Self::Directory(error) => error.store_failure(),
            Self::Scim(_) => None,
        }
    }
}

impl From<Error> for ActError {
    fn from(error: Error) -> Self {
        Self::Directory(error)
    }
}

impl From<::scim::Error> for ActError {
    fn from(error: ::scim::Error) -> Self {
        Self::Scim(Box::new(error.into()))
    }
}

impl From<ActError> for ScimError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Directory(error) => error.into(),
            ActError::Scim(error) => *error,
        }
    }
}

impl From<::scim::Error> for ScimError {
    fn from(error: ::scim::Error) -> Self {
        let scim_type = error.scim_type();
        let status = match scim_type {
            ScimType::Uniqueness => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            scim_type: Some(scim_type),
            ..Self::new(status, scim_type.keyword(), error.detail())
        }
    }
}

impl From<Refusal> for ScimError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed(error) => error.into(),
            Refusal::TooMany { .. } => {
                let detail = refusal.to_string();
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_operations", detail)
            }
        }
    }
}

impl From<BodyError> for ScimError {
    fn from(error: BodyError) -> Self {
        HttpError::from(error).into()
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut response = self.http.into_response();
        if let Some(scim_type) = self.scim_type {
            response.extensions_mut().insert(scim_type);
        }
        response
    }
}

/// The answer with the error that it carries in the form of a dialect; any other answer as it is.
pub(super) fn rendered(response: Response, dialect: Dialect, media_type: &'static str) -> Response {
    let extensions = response.extensions();
    let Some(error) = extensions.get::<HttpError>() else { return response };
    let scim_type = extensions.get::<ScimType>().copied();
    let body = dialect.error(error.status.as_u16(), scim_type, &error.detail);
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    parts.headers.remove(header::CONTENT_LENGTH);
    if parts.status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"Doorward\"");
        parts.headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    Response::from_parts(parts, body.to_json().into())
}

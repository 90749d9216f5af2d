//! What handlers answer with, where a body alone does not say it.

use ::scim::EntityTag;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use directory::{
    WorkError, Writer,
    idempotency::{self, Key},
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Organization;
use crate::error::HttpError;

/// Something was made, and is found at an address below [`super::BASE`].
#[derive(Debug)]
pub(super) struct Created<T> {
    pub(super) at: String,
    pub(super) body: T,
}

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(value) = HeaderValue::try_from(format!("{}{}", super::BASE, self.at)) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        response
    }
}

/// What a transaction has made: where it is, and how it is shown.
#[derive(Debug)]
pub(super) struct Made {
    kept: Kept,
    secret: Option<Secret>,
}

/// What is told again to whoever sends the same request again.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    at: String,
    tag: Option<String>,
    body: Json,
}

/// A member that is shown once.
type Secret = (&'static str, String);

impl Made {
    pub(super) fn new(at: String, shown: &impl Serialize) -> Self {
        let body = serde_json::to_value(shown).expect("what is shown is JSON");
        Self { kept: Kept { at, tag: None, body }, secret: None }
    }

    /// It has a version.
    pub(super) fn tagged(mut self, tag: EntityTag) -> Self {
        self.kept.tag = Some(tag.to_string());
        self
    }

    /// A member is shown once, and null afterwards.
    pub(super) fn with_secret(self, member: &'static str, secret: &str) -> Self {
        Self { secret: Some((member, secret.to_owned())), ..self }
    }
}

/// The answer to a request that makes something.
#[derive(Debug)]
pub(super) struct Done {
    kept: Kept,
    secret: Option<Secret>,
    replayed: bool,
}

impl Done {
    /// Makes something, once where the request has a key.
    pub(super) async fn once<E, F>(
        organization: &Organization,
        once: Option<Key>,
        mut work: F,
    ) -> Result<Self, HttpError>
    where
        E: WorkError + Into<HttpError>,
        F: FnMut(&mut Writer<'_>) -> Result<Made, E> + Send + 'static,
    {
        let done = organization.write(move |writer| {
            let mut shown_once = None;
            let outcome = idempotency::once(writer, once.as_ref(), |writer| {
                let Made { kept, secret } = work(writer)?;
                shown_once = secret;
                Ok::<_, E>(serde_json::to_string(&kept).expect("what is shown is JSON"))
            })?;
            Ok::<_, E>((outcome, shown_once))
        });
        let (outcome, secret) = done.await?;
        Self::read(&outcome.answer, secret, outcome.replayed)
    }

    /// What was made by a request that has no key.
    pub(super) fn now(made: Made) -> Self {
        let Made { kept, secret } = made;
        Self { kept, secret, replayed: false }
    }

    /// What was answered to the same request before, if it was sent before.
    pub(super) async fn before(
        organization: &Organization,
        once: Option<&Key>,
    ) -> Result<Option<Self>, HttpError> {
        let Some(key) = once.cloned() else { return Ok(None) };
        let found = organization.read(move |reader| idempotency::find(reader, &key)).await?;
        found.map(|answer| Self::read(&answer, None, true)).transpose()
    }

    fn read(answer: &str, secret: Option<Secret>, replayed: bool) -> Result<Self, HttpError> {
        let kept = serde_json::from_str(answer);
        let kept = kept.map_err(|error| HttpError::internal().caused_by(&error))?;
        Ok(Self { kept, secret, replayed })
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        let Self { kept: Kept { at, tag, mut body }, secret, replayed } = self;
        if let Some((member, secret)) = secret {
            body[member] = secret.into();
        }
        let mut response = Created { at, body: axum::Json(body) }.into_response();
        let headers = response.headers_mut();
        if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
            headers.insert(header::ETAG, tag);
        }
        if replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

/// Something that has a version.
#[derive(Debug)]
pub(super) struct Tagged<T> {
    pub(super) tag: EntityTag,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = axum::Json(self.body).into_response();
        if let Ok(tag) = HeaderValue::try_from(self.tag.to_string()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

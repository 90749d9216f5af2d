//! [`Body`]: a request's JSON, read into what the handler wants.

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, request::Parts},
};
use bytes::Bytes;
use directory::{Time, idempotency};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use super::Context;
use crate::{App, error::HttpError, http::body};

/// The JSON object that a request carries. What it has beyond the described members is refused: a
/// misspelt one would be passed over in silence otherwise.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &App) -> Result<Self, HttpError> {
        let (_, bytes) = received(request).await?;
        Ok(Self(parsed(&bytes)?))
    }
}

/// The JSON object of a request that makes something, and under which key it is made once.
#[derive(Debug)]
pub(crate) struct Posted<T> {
    pub(super) new: T,
    pub(super) once: Option<idempotency::Key>,
}

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, _: &App) -> Result<Self, HttpError> {
        let (parts, bytes) = received(request).await?;
        let once = parts.headers.get("idempotency-key").map(|value| {
            // The same key for another address or another body is a mistake.
            let request = [parts.uri.path().as_bytes(), &bytes];
            idempotency::Key::new(value.to_str().unwrap_or_default(), &request)
        });
        Ok(Self { once: once.transpose()?, new: parsed(&bytes)? })
    }
}

async fn received(request: Request) -> Result<(Parts, Bytes), HttpError> {
    let (parts, body) = request.into_parts();
    let context = parts.extensions.get::<Context>().ok_or_else(HttpError::internal)?;
    let limits = context.app().limits();
    let bytes = body::read(body, &parts.headers, limits.body, limits).await?;
    Ok((parts, bytes))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, HttpError> {
    let invalid = |detail: String| HttpError::new(StatusCode::BAD_REQUEST, "invalid_body", detail);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let place = error.path().to_string();
        invalid(match place.as_str() {
            "." => format!("The body cannot be read: {}.", error.inner()),
            place => format!("The body cannot be read: {place}: {}.", error.inner()),
        })
    })?;
    let end = deserializer.end();
    end.map_err(|error| invalid(format!("The body cannot be read: {error}.")))?;
    Ok(read)
}

/// A member of a change: left out, null, or a value. Its field has `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Member<T> {
    #[default]
    Absent,
    Null,
    Value(T),
}

impl<T> Member<T> {
    /// Whether something is to be different.
    pub(super) fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// What it is to be. `None`: nothing.
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Absent | Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is left out does not come here.
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// A moment in RFC 3339, or null.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    let parse = |text: String| {
        let wrong = "it is not a moment in RFC 3339, such as 2030-01-31T12:00:00Z";
        Time::parse(&text).ok_or_else(|| D::Error::custom(wrong))
    };
    text.map(parse).transpose()
}

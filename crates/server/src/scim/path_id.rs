//! [`PathId`]: what a path names after its endpoint.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use directory::ResourceId;
use serde::Deserialize;

use super::error::ScimError;

/// The part of the path after the endpoint, decoded; the address of a connection has one
/// parameter more.
#[derive(Debug, Deserialize)]
pub(super) struct PathId {
    id: String,
}

impl PathId {
    /// The text itself.
    pub(super) fn text(&self) -> &str {
        &self.id
    }

    /// The user or group that is named. What cannot be an id is one that does not exist.
    pub(super) fn resource(&self) -> Result<ResourceId, ScimError> {
        ResourceId::parse(&self.id).ok_or_else(ScimError::no_such_resource)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ScimError> {
        // What is not UTF-8 names nothing either.
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(id),
            Err(_) => Err(ScimError::no_such_resource()),
        }
    }
}

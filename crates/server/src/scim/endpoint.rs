//! [`Endpoint`]: where the resources of one type are.

use std::sync::Arc;

use ::scim::schema::ResourceSchema;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use directory::{Error, Writer};
use serde::Deserialize;

use super::{context::Context, error::ScimError};
use crate::http::Limits;

/// Where the resources of one type are, below the base URL. The organization's definitions decide
/// which ones there are.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) kind: Kind,
    pub(crate) schema: Arc<ResourceSchema>,
}

/// What kind of resources are at an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
    /// Of a registered type.
    Registered,
}

impl Endpoint {
    /// The endpoint with this path below the base URL, if there is one.
    pub(crate) fn at(context: &Context, path: &str) -> Option<Self> {
        let schemas = context.schemas();
        let (kind, schema) = match path {
            "/Users" => (Kind::User, schemas.user()),
            "/Groups" => (Kind::Group, schemas.group()),
            other => (Kind::Registered, schemas.at(other)?),
        };
        Some(Self { kind, schema: Arc::clone(schema) })
    }

    /// Its path below the base URL.
    pub(crate) fn path(&self) -> &str {
        &self.schema.resource_type().endpoint
    }

    /// Most bytes in the body of a request.
    pub(crate) fn limit(&self, limits: &Limits) -> usize {
        match self.kind {
            Kind::Group => limits.group_body,
            Kind::User | Kind::Registered => limits.body,
        }
    }

    /// Its type as it is in force while the organization is locked: a definition may have been
    /// replaced since the request was read. One that was removed is refused by the directory.
    pub(crate) fn in_force(&self, writer: &mut Writer<'_>) -> Result<Arc<ResourceSchema>, Error> {
        let schemas = writer.schemas()?;
        let name = &self.schema.resource_type().name;
        let found = schemas.all().find(|known| known.resource_type().name == *name);
        Ok(Arc::clone(found.unwrap_or(&self.schema)))
    }
}

/// What a path names before an id.
#[derive(Debug, Deserialize)]
struct Named {
    endpoint: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Endpoint {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ScimError> {
        let context = Context::from_request_parts(parts, state).await?;
        // What is not UTF-8 names nothing either.
        let Ok(Path(named)) = Path::<Named>::from_request_parts(parts, state).await else {
            return Err(ScimError::no_such_endpoint());
        };
        let path = format!("/{}", named.endpoint);
        Self::at(&context, &path).ok_or_else(ScimError::no_such_endpoint)
    }
}

//! `DELETE /{endpoint}/{id}`, RFC 7644 §3.6.

use ::scim::Notes;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use directory::{Writer, group, registered, user};

use super::{Change, Target};
use crate::scim::{
    context::Context,
    endpoint::{Endpoint, Kind},
    error::{ActError, ScimError},
    path_id::PathId,
};

/// A resource to be deleted.
#[derive(Clone, Debug)]
pub(crate) struct Delete {
    endpoint: Endpoint,
    target: Target,
}

impl Delete {
    pub(crate) fn new(endpoint: Endpoint, target: Target) -> Self {
        Self { endpoint, target }
    }
}

impl Change for Delete {
    type Output = ();

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<(), ActError> {
        let gone = self.target.find(writer, &self.endpoint)?;
        match self.endpoint.kind {
            Kind::User => user::delete(writer, &gone.try_into()?)?,
            Kind::Group => group::delete(writer, &gone.try_into()?)?,
            Kind::Registered => {
                registered::delete(writer, &self.endpoint.schema, &gone.try_into()?)?;
            }
        }
        Ok(())
    }
}

pub(crate) async fn delete(
    context: Context,
    endpoint: Endpoint,
    path: PathId,
) -> Result<Response, ScimError> {
    let delete = Delete::new(endpoint, context.target(&path)?);
    context.change(delete, context.notes(), |_, ()| Ok(())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

//! `PUT /Users/{id}`, RFC 7644 §3.5.1.

use ::scim::{Notes, Object};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Error, Writer,
    user::{self, User},
};

use crate::scim::{
    body,
    change::Change,
    context::{Context, Target},
    error::ScimError,
    path_id::PathId,
    resources,
};

/// A user to be replaced.
#[derive(Debug)]
pub(crate) struct Replace {
    target: Target,
    resource: Object,
}

impl Replace {
    pub(crate) fn read(
        context: &Context,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let resource = context.accept(context.schemas().user(), body, notes)?;
        Ok(Self { target, resource })
    }
}

impl Change for Replace {
    type Left = User;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<User, Error> {
        user::replace(writer, self.target.id, &self.target.condition, &self.resource)
    }
}

pub(crate) async fn replace(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let wanted = context.wanted(context.schemas().user())?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let replace = Replace::read(&context, target, body, &mut notes)?;
    resources::changed(&context, replace, notes, StatusCode::OK, wanted).await
}

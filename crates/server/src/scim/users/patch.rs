//! `PATCH /Users/{id}`, RFC 7644 §3.5.2. Answers with the user: its administrator wants to see
//! what became of it.

use ::scim::{Notes, Object, patch::Operation};
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

/// Operations on a user.
#[derive(Debug)]
pub(crate) struct Patch {
    target: Target,
    operations: Vec<Operation>,
}

impl Patch {
    pub(crate) fn read(
        context: &Context,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let operations = body::operations(context, context.schemas().user(), body, notes)?;
        Ok(Self { target, operations })
    }
}

impl Change for Patch {
    type Left = User;

    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<User, Error> {
        user::patch(writer, self.target.id, &self.target.condition, &self.operations, notes)
    }
}

pub(crate) async fn patch(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let wanted = context.wanted(context.schemas().user())?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let change = Patch::read(&context, target, body, &mut notes)?;
    resources::changed(&context, change, notes, StatusCode::OK, wanted).await
}

//! `POST /Users`, RFC 7644 §3.3.

use ::scim::{Notes, Object};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Error, Writer,
    user::{self, User},
};

use crate::scim::{body, change::Change, context::Context, error::ScimError, resources};

/// A user to be created.
#[derive(Debug)]
pub(crate) struct Create {
    resource: Object,
}

impl Create {
    pub(crate) fn read(
        context: &Context,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        body::note_id(&body, notes);
        Ok(Self { resource: context.accept(context.schemas().user(), body, notes)? })
    }
}

impl Change for Create {
    type Left = User;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<User, Error> {
        user::create(writer, &self.resource)
    }
}

pub(crate) async fn create(context: Context, request: Request) -> Result<Response, ScimError> {
    let wanted = context.wanted(context.schemas().user())?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let create = Create::read(&context, body, &mut notes)?;
    resources::changed(&context, create, notes, StatusCode::CREATED, wanted).await
}

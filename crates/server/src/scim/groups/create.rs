//! `POST /Groups`, RFC 7644 §3.3.

use ::scim::{
    Notes, Object,
    patch::{MemberRef, members},
};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Error, Writer,
    group::{self, Group},
};

use crate::scim::{body, change::Change, context::Context, error::ScimError, resources};

/// A group to be created.
#[derive(Debug)]
pub(crate) struct Create {
    resource: Object,
    members: Vec<MemberRef>,
}

impl Create {
    pub(crate) fn read(
        context: &Context,
        mut body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        body::note_id(&body, notes);
        let members = members::take(&mut body, notes)?.unwrap_or_default();
        let resource = context.accept(context.schemas().group(), body, notes)?;
        Ok(Self { resource, members })
    }
}

impl Change for Create {
    type Left = Group;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<Group, Error> {
        group::create(writer, &self.resource, &self.members)
    }
}

pub(crate) async fn create(context: Context, request: Request) -> Result<Response, ScimError> {
    let wanted = context.wanted(context.schemas().group())?;
    let body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    let create = Create::read(&context, body, &mut notes)?;
    resources::changed(&context, create, notes, StatusCode::CREATED, wanted).await
}

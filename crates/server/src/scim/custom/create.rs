//! `POST /{endpoint}`, RFC 7644 §3.3.

use std::sync::Arc;

use ::scim::{Notes, Object, schema::ResourceSchema};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Error, Writer,
    custom::{self, Custom},
};

use crate::scim::{body, change::Change, context::Context, error::ScimError, resources};

/// A resource to be created.
#[derive(Debug)]
pub(crate) struct Create {
    schema: Arc<ResourceSchema>,
    resource: Object,
}

impl Create {
    pub(crate) fn read(
        context: &Context,
        schema: Arc<ResourceSchema>,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        body::note_id(&body, notes);
        let resource = context.accept(&schema, body, notes)?;
        Ok(Self { schema, resource })
    }
}

impl Change for Create {
    type Left = Custom;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<Custom, Error> {
        custom::create(writer, &self.schema, &self.resource)
    }
}

pub(super) async fn create(
    context: Context,
    schema: Arc<ResourceSchema>,
    request: Request,
) -> Result<Response, ScimError> {
    let wanted = context.wanted(&schema)?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let create = Create::read(&context, schema, body, &mut notes)?;
    resources::changed(&context, create, notes, StatusCode::CREATED, wanted).await
}

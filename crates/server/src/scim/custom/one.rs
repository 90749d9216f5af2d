//! `/{endpoint}/{id}`: GET, PUT, PATCH and DELETE, RFC 7644 §3.4.1, §3.5.1, §3.5.2 and §3.6.

use std::sync::Arc;

use ::scim::{Notes, Object, patch::Operation, schema::ResourceSchema};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use directory::{
    Error, Writer,
    custom::{self, Custom},
};

use crate::scim::{
    body,
    change::Change,
    context::{Context, Target},
    error::ScimError,
    path_id::PathId,
    resources,
};

/// A resource to be replaced.
#[derive(Debug)]
pub(crate) struct Replace {
    schema: Arc<ResourceSchema>,
    target: Target,
    resource: Object,
}

impl Replace {
    pub(crate) fn read(
        context: &Context,
        schema: Arc<ResourceSchema>,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let resource = context.accept(&schema, body, notes)?;
        Ok(Self { schema, target, resource })
    }
}

impl Change for Replace {
    type Left = Custom;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<Custom, Error> {
        let Target { id, condition } = &self.target;
        custom::replace(writer, &self.schema, *id, condition, &self.resource)
    }
}

/// Operations on a resource.
#[derive(Debug)]
pub(crate) struct Patch {
    schema: Arc<ResourceSchema>,
    target: Target,
    operations: Vec<Operation>,
}

impl Patch {
    pub(crate) fn read(
        context: &Context,
        schema: Arc<ResourceSchema>,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let operations = body::operations(context, &schema, body, notes)?;
        Ok(Self { schema, target, operations })
    }
}

impl Change for Patch {
    type Left = Custom;

    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Custom, Error> {
        let Target { id, condition } = &self.target;
        custom::patch(writer, &self.schema, *id, condition, &self.operations, notes)
    }
}

/// A resource to be deleted.
#[derive(Debug)]
pub(crate) struct Delete {
    schema: Arc<ResourceSchema>,
    target: Target,
}

impl Delete {
    pub(crate) fn new(schema: Arc<ResourceSchema>, target: Target) -> Self {
        Self { schema, target }
    }
}

impl Change for Delete {
    type Left = ();

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<(), Error> {
        custom::delete(writer, &self.schema, self.target.id, &self.target.condition)
    }
}

pub(super) async fn get(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
) -> Result<Response, ScimError> {
    let id = path.resource()?;
    let wanted = context.wanted(&schema)?;
    resources::read(&context, wanted, move |reader| custom::get(reader, &schema, id)).await
}

pub(super) async fn replace(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let wanted = context.wanted(&schema)?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let replace = Replace::read(&context, schema, target, body, &mut notes)?;
    resources::changed(&context, replace, notes, StatusCode::OK, wanted).await
}

pub(super) async fn patch(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let wanted = context.wanted(&schema)?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = context.notes();
    let change = Patch::read(&context, schema, target, body, &mut notes)?;
    resources::changed(&context, change, notes, StatusCode::OK, wanted).await
}

pub(super) async fn delete(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
) -> Result<Response, ScimError> {
    let delete = Delete::new(schema, context.target(&path)?);
    context.change(delete, context.notes(), |_, ()| Ok(())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

//! `PATCH /Groups/{id}`, RFC 7644 §3.5.2.

use ::scim::{EntityTag, Notes, Object, patch::members};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use directory::{
    Error, Writer,
    group::{self, Group, Update},
};

use crate::scim::{
    body,
    change::Change,
    context::{Context, Target, noted, tagged},
    error::ScimError,
    path_id::PathId,
    resources,
};

/// Operations on a group.
#[derive(Debug)]
pub(crate) struct Patch {
    target: Target,
    update: Update,
}

impl Patch {
    pub(crate) fn read(
        context: &Context,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let operations = body::operations(context, context.schemas().group(), body, notes)?;
        let (operations, members) = members::lift(operations, notes)?;
        Ok(Self { target, update: Update { operations, members } })
    }
}

impl Change for Patch {
    type Left = Group;

    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Group, Error> {
        group::update(writer, self.target.id, &self.target.condition, &self.update, notes)
    }
}

/// Answers with 204, so that its cost does not follow the size of the group; or with what
/// `attributes` asks for.
pub(crate) async fn patch(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let asked = context.parameter("attributes").is_some_and(|names| !names.trim().is_empty());
    let wanted = context.wanted(context.schemas().group())?;
    let body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    let change = Patch::read(&context, target, body, &mut notes)?;
    if asked {
        return resources::changed(&context, change, notes, StatusCode::OK, wanted).await;
    }
    let (group, notes) = context.change(change, notes, |_, group| Ok(group)).await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(noted(tagged(EntityTag::of(group.version), response), &notes))
}

//! `PATCH /Groups/{id}`, RFC 7644 §3.5.2.

use ::scim::{Notes, Object, patch::members};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use directory::{
    Error, Writer,
    group::{self, Group, Update},
};

use super::{answer, with_members};
use crate::{
    error::Failure,
    scim::{
        body,
        change::Change,
        context::{Context, Target, noted},
        path_id::PathId,
    },
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
) -> Result<Response, Failure> {
    let target = context.target(&path)?;
    let asked = context.parameter("attributes").is_some_and(|names| !names.trim().is_empty());
    let projection = context.projection(context.schemas().group())?;
    let body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    let change = Patch::read(&context, target, body, &mut notes)?;
    let wanted = asked.then(|| projection.clone());
    let ((group, members), notes) = context
        .change(change, notes, move |reader, group| match &wanted {
            Some(wanted) => {
                let (group, members) = with_members(reader, group, wanted)?;
                Ok((group, Some(members)))
            }
            None => Ok((group, None)),
        })
        .await?;
    let response = match members {
        Some(members) => answer(&context, StatusCode::OK, (group, members), projection),
        None => context.identify(
            context.schemas().group(),
            &group,
            false,
            StatusCode::NO_CONTENT.into_response(),
        ),
    };
    Ok(noted(response, notes))
}

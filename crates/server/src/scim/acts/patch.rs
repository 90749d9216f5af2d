//! `PATCH /{endpoint}/{id}`, RFC 7644 §3.5.2.

use ::scim::{
    EntityTag, Notes, Object,
    patch::{Operation, apply, members},
};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use directory::{
    Resource, Writer,
    group::{self, MemberChange},
    registered, user,
};

use super::{Change, Target, members::change};
use crate::scim::{
    body,
    context::{Context, noted, tagged},
    endpoint::{Endpoint, Kind},
    error::{ActError, ScimError},
    path_id::PathId,
    resources,
};

/// Operations on a resource, all or none.
#[derive(Debug)]
pub(crate) struct Patch {
    endpoint: Endpoint,
    target: Target,
    /// Those that do not touch members.
    operations: Vec<Operation>,
    /// Only of a group.
    members: Vec<MemberChange>,
}

impl Patch {
    pub(crate) fn read(
        context: &Context,
        endpoint: Endpoint,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let operations = body::operations(context, &endpoint.schema, body, notes)?;
        let (operations, members) = match endpoint.kind {
            Kind::Group => members::lift(operations, notes)?,
            Kind::User | Kind::Registered => (operations, Vec::new()),
        };
        let members = members.into_iter().map(change).collect();
        Ok(Self { endpoint, target, operations, members })
    }
}

impl Change for Patch {
    type Left = Resource;

    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Resource, ActError> {
        let Self { endpoint, target, operations, members } = self;
        let before = target.find(writer, endpoint)?;
        let schema = endpoint.in_force(writer)?;
        let mut attributes = before.attributes.to_object();
        apply(&schema, &before.id.to_string(), &mut attributes, operations.clone(), notes)?;
        Ok(match endpoint.kind {
            Kind::User => user::change(writer, &before.try_into()?, attributes)?.into(),
            Kind::Group => group::change(writer, &before.try_into()?, attributes, members)?.into(),
            Kind::Registered => {
                registered::change(writer, &schema, &before.try_into()?, attributes)?.into()
            }
        })
    }
}

/// Answers with the resource: its administrator wants to see what became of it. With a group only
/// where `attributes` asks for it, so that the cost does not follow the size of the group.
pub(crate) async fn patch(
    context: Context,
    endpoint: Endpoint,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let asked = context.parameter("attributes").is_some_and(|names| !names.trim().is_empty());
    let is_shown = asked || endpoint.kind != Kind::Group;
    let wanted = context.wanted(&endpoint.schema)?;
    let body = body::object(&context, request, endpoint.limit(context.limits())).await?;
    let mut notes = context.notes();
    let change = Patch::read(&context, endpoint, target, body, &mut notes)?;
    if is_shown {
        return resources::changed(&context, change, notes, StatusCode::OK, wanted).await;
    }
    let (group, notes) = context.change(change, notes, |_, group| Ok(group)).await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(noted(tagged(EntityTag::of(group.version.number()), response), &notes))
}

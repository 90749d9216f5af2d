//! `PUT /{endpoint}/{id}`, RFC 7644 §3.5.1.

use ::scim::{Notes, Object, patch::members};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Resource, Writer,
    group::{self, MemberChange},
    registered, user,
};

use super::{Change, Target, members::names};
use crate::scim::{
    body,
    context::Context,
    endpoint::{Endpoint, Kind},
    error::{ActError, ScimError},
    path_id::PathId,
    resources,
};

/// A resource to be replaced.
#[derive(Debug)]
pub(crate) struct Replace {
    endpoint: Endpoint,
    target: Target,
    attributes: Object,
    /// Of a group whose request has members. Where it has none, they stay: a client that left them
    /// out did not ask to remove them all.
    members: Option<MemberChange>,
}

impl Replace {
    pub(crate) fn read(
        context: &Context,
        endpoint: Endpoint,
        target: Target,
        mut body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let members = match endpoint.kind {
            Kind::Group => members::take(&mut body, notes)?,
            Kind::User | Kind::Registered => None,
        };
        let members = members.map(|members| MemberChange::Replace(names(members)));
        let attributes = context.accept(&endpoint.schema, body, notes)?;
        Ok(Self { endpoint, target, attributes, members })
    }
}

impl Change for Replace {
    type Left = Resource;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<Resource, ActError> {
        let Self { endpoint, target, attributes, members } = self;
        let before = target.find(writer, endpoint)?;
        let schema = endpoint.in_force(writer)?;
        let mut attributes = attributes.clone();
        schema.keep_immutable(&before.attributes, &mut attributes)?;
        Ok(match endpoint.kind {
            Kind::User => {
                // Only an explicit value archives or brings back.
                if attributes.get("active").is_none() {
                    attributes.insert("active", before.is_active());
                }
                user::change(writer, &before.try_into()?, attributes)?.into()
            }
            Kind::Group => {
                group::change(writer, &before.try_into()?, attributes, members.as_slice())?.into()
            }
            Kind::Registered => {
                registered::change(writer, &schema, &before.try_into()?, attributes)?.into()
            }
        })
    }
}

/// Answers with the resource; with a group without members where the request had none: its cost
/// must not follow the size of the group.
pub(crate) async fn replace(
    context: Context,
    endpoint: Endpoint,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let mut wanted = context.wanted(&endpoint.schema)?;
    let leaves_members = endpoint.kind == Kind::Group;
    let body = body::object(&context, request, endpoint.limit(context.limits())).await?;
    let mut notes = context.notes();
    let replace = Replace::read(&context, endpoint, target, body, &mut notes)?;
    if leaves_members && replace.members.is_none() {
        wanted.projection = wanted.projection.without("members");
    }
    resources::changed(&context, replace, notes, StatusCode::OK, wanted).await
}

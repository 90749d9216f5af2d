//! `PUT /Groups/{id}`, RFC 7644 §3.5.1.

use ::scim::{
    Notes, Object,
    patch::{MemberRef, members},
};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Error, Writer,
    group::{self, Group},
};

use crate::scim::{
    body,
    change::Change,
    context::{Context, Target},
    error::ScimError,
    path_id::PathId,
    resources,
};

/// A group to be replaced.
#[derive(Debug)]
pub(crate) struct Replace {
    target: Target,
    resource: Object,
    /// `None`: the request has none, and the members stay.
    members: Option<Vec<MemberRef>>,
}

impl Replace {
    pub(crate) fn read(
        context: &Context,
        target: Target,
        mut body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let members = members::take(&mut body, notes)?;
        let resource = context.accept(context.schemas().group(), body, notes)?;
        Ok(Self { target, resource, members })
    }
}

impl Change for Replace {
    type Left = Group;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<Group, Error> {
        let Target { id, condition } = &self.target;
        group::replace(writer, *id, condition, &self.resource, self.members.as_deref())
    }
}

/// Answers with the group and its members, but without members where the request had none: its
/// cost must not follow the size of the group.
pub(crate) async fn replace(
    context: Context,
    path: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    let target = context.target(&path)?;
    let mut wanted = context.wanted(context.schemas().group())?;
    let body = body::object(&context, request, context.limits().group_body).await?;
    let mut notes = context.notes();
    let replace = Replace::read(&context, target, body, &mut notes)?;
    if replace.members.is_none() {
        wanted.projection = wanted.projection.without("members");
    }
    resources::changed(&context, replace, notes, StatusCode::OK, wanted).await
}

//! [`Work`]: an operation that is ready to be run. The one place that knows which changes there are.

use ::scim::{Notes, Object};
use axum::http::StatusCode;
use directory::{Resource, ResourceId, Writer, group::MemberChange};

use crate::scim::{
    acts::{Change, Create, Delete, ManyMembers, Target, Update},
    context::Context,
    endpoint::{Endpoint, Kind},
    error::{ActError, ScimError},
};

/// What an operation left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    pub(super) status: StatusCode,
    /// The resource and its version, unless it was deleted.
    pub(super) left: Option<(ResourceId, i64)>,
}

/// A change that is ready to be run.
pub(super) type Work = Box<dyn Ready>;

/// What every change has in common as an operation.
pub(super) trait Ready: Send + Sync {
    /// Makes the change. It may be made again, until a commit holds.
    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Done, ActError>;

    /// As [`Change::take_many`].
    fn take_many(&mut self) -> Option<ManyMembers>;

    /// As [`Change::put_prepared`].
    fn put_prepared(&mut self, prepared: MemberChange);
}

/// A change that leaves a resource, and the status that says so.
struct Leaves<C>(StatusCode, C);

impl<C: Change<Output = Resource>> Ready for Leaves<C> {
    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Done, ActError> {
        let Self(status, change) = self;
        let resource = change.run(writer, notes)?;
        Ok(Done { status: *status, left: Some((resource.id, resource.version.number())) })
    }

    fn take_many(&mut self) -> Option<ManyMembers> {
        self.1.take_many()
    }

    fn put_prepared(&mut self, prepared: MemberChange) {
        self.1.put_prepared(prepared);
    }
}

impl Ready for Delete {
    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Done, ActError> {
        Change::run(self, writer, notes)?;
        Ok(Done { status: StatusCode::NO_CONTENT, left: None })
    }

    fn take_many(&mut self) -> Option<ManyMembers> {
        None
    }

    fn put_prepared(&mut self, _: MemberChange) {}
}

/// What is at a path below the base URL.
pub(super) fn endpoint(context: &Context, path: &str) -> Result<Endpoint, ScimError> {
    match path {
        "/Me" => Err(ScimError::no_me()),
        "/Bulk" => Err(ScimError::new(
            StatusCode::BAD_REQUEST,
            "bulk_in_bulk",
            "A bulk request cannot be an operation of another.",
        )),
        other => Endpoint::at(context, other).ok_or_else(ScimError::no_such_endpoint),
    }
}

/// A POST.
pub(super) fn create(
    context: &Context,
    endpoint: Endpoint,
    data: Object,
    notes: &mut Notes,
) -> Result<Work, ::scim::Error> {
    Ok(Box::new(Leaves(StatusCode::CREATED, Create::read(context, endpoint, data, notes)?)))
}

/// A PUT.
pub(super) fn replace(
    context: &Context,
    endpoint: Endpoint,
    target: Target,
    data: Object,
    notes: &mut Notes,
) -> Result<Work, ::scim::Error> {
    let update = Update::replace(context, endpoint, target, data, notes)?;
    Ok(Box::new(Leaves(StatusCode::OK, update)))
}

/// A PATCH.
pub(super) fn patch(
    context: &Context,
    endpoint: Endpoint,
    target: Target,
    data: Object,
    notes: &mut Notes,
) -> Result<Work, ::scim::Error> {
    let status = match endpoint.kind {
        Kind::Group => StatusCode::NO_CONTENT,
        Kind::User | Kind::Registered => StatusCode::OK,
    };
    Ok(Box::new(Leaves(status, Update::patch(context, endpoint, target, data, notes)?)))
}

/// A DELETE.
pub(super) fn delete(endpoint: Endpoint, target: Target) -> Work {
    Box::new(Delete::new(endpoint, target))
}

//! [`Work`]: an operation that is ready to be run. The one place that knows which changes there are.

use ::scim::{Notes, Object};
use axum::http::StatusCode;
use directory::{Resource, ResourceId, Writer};

use crate::scim::{
    acts::{Change, Create, Delete, Target, Update},
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
pub(super) type Work =
    Box<dyn Fn(&mut Writer<'_>, &mut Notes) -> Result<Done, ActError> + Send + Sync>;

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
    Ok(leaves(StatusCode::CREATED, Create::read(context, endpoint, data, notes)?))
}

/// A PUT.
pub(super) fn replace(
    context: &Context,
    endpoint: Endpoint,
    target: Target,
    data: Object,
    notes: &mut Notes,
) -> Result<Work, ::scim::Error> {
    Ok(leaves(StatusCode::OK, Update::replace(context, endpoint, target, data, notes)?))
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
    Ok(leaves(status, Update::patch(context, endpoint, target, data, notes)?))
}

/// A DELETE.
pub(super) fn delete(endpoint: Endpoint, target: Target) -> Work {
    let delete = Delete::new(endpoint, target);
    Box::new(move |writer, notes| {
        delete.run(writer, notes)?;
        Ok(Done { status: StatusCode::NO_CONTENT, left: None })
    })
}

fn leaves<C: Change<Output = Resource>>(status: StatusCode, change: C) -> Work {
    Box::new(move |writer, notes| {
        let resource = change.run(writer, notes)?;
        Ok(Done { status, left: Some((resource.id, resource.version.number())) })
    })
}

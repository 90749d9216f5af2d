//! [`Endpoint`]: where an operation acts. The one place that knows which changes there are.

use std::sync::Arc;

use ::scim::{Notes, Object, schema::ResourceSchema};
use axum::http::StatusCode;
use directory::{Error, Record, ResourceId, Writer};

use crate::{
    http::Limits,
    scim::{
        change::Change,
        context::{Context, Target},
        custom,
        error::ScimError,
        groups, users,
    },
};

/// Where an operation acts.
#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    Users,
    Groups,
    Registered(Arc<ResourceSchema>),
}

/// What an operation left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    pub(super) status: StatusCode,
    /// The resource, unless it was deleted.
    pub(super) left: Option<(ResourceId, i64)>,
}

/// A change that is ready to be run.
pub(super) type Work =
    Box<dyn Fn(&mut Writer<'_>, &mut Notes) -> Result<Done, Error> + Send + Sync>;

impl Endpoint {
    /// What is at an address below the base URL.
    pub(super) fn at(context: &Context, path: &str) -> Result<Self, ScimError> {
        match path {
            "/Users" => Ok(Self::Users),
            "/Groups" => Ok(Self::Groups),
            "/Me" => Err(ScimError::no_me()),
            "/Bulk" => Err(ScimError::new(
                StatusCode::BAD_REQUEST,
                "bulk_in_bulk",
                "A bulk request cannot be an operation of another.",
            )),
            other => match context.schemas().at(other) {
                Some(schema) => Ok(Self::Registered(Arc::clone(schema))),
                None => Err(ScimError::no_such_endpoint()),
            },
        }
    }

    /// Its address below the base URL.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Users => "/Users",
            Self::Groups => "/Groups",
            Self::Registered(schema) => &schema.resource_type().endpoint,
        }
    }

    /// Most bytes in the body of a request of its own.
    pub(super) fn limit(&self, limits: &Limits) -> usize {
        match self {
            Self::Groups => limits.group_body,
            Self::Users | Self::Registered(_) => limits.body,
        }
    }

    /// A POST.
    pub(super) fn create(
        &self,
        context: &Context,
        data: Object,
        notes: &mut Notes,
    ) -> Result<Work, ::scim::Error> {
        let created = StatusCode::CREATED;
        Ok(match self {
            Self::Users => leaves(created, users::Create::read(context, data, notes)?),
            Self::Groups => leaves(created, groups::Create::read(context, data, notes)?),
            Self::Registered(schema) => {
                leaves(created, custom::Create::read(context, Arc::clone(schema), data, notes)?)
            }
        })
    }

    /// A PUT.
    pub(super) fn replace(
        &self,
        context: &Context,
        target: Target,
        data: Object,
        notes: &mut Notes,
    ) -> Result<Work, ::scim::Error> {
        let ok = StatusCode::OK;
        Ok(match self {
            Self::Users => leaves(ok, users::Replace::read(context, target, data, notes)?),
            Self::Groups => leaves(ok, groups::Replace::read(context, target, data, notes)?),
            Self::Registered(schema) => {
                let schema = Arc::clone(schema);
                leaves(ok, custom::Replace::read(context, schema, target, data, notes)?)
            }
        })
    }

    /// A PATCH.
    pub(super) fn patch(
        &self,
        context: &Context,
        target: Target,
        data: Object,
        notes: &mut Notes,
    ) -> Result<Work, ::scim::Error> {
        let ok = StatusCode::OK;
        Ok(match self {
            Self::Users => leaves(ok, users::Patch::read(context, target, data, notes)?),
            Self::Groups => {
                let patch = groups::Patch::read(context, target, data, notes)?;
                leaves(StatusCode::NO_CONTENT, patch)
            }
            Self::Registered(schema) => {
                let schema = Arc::clone(schema);
                leaves(ok, custom::Patch::read(context, schema, target, data, notes)?)
            }
        })
    }

    /// A DELETE.
    pub(super) fn delete(&self, target: Target) -> Work {
        match self {
            Self::Users => leaves_nothing(users::Delete::new(target)),
            Self::Groups => leaves_nothing(groups::Delete::new(target)),
            Self::Registered(schema) => {
                leaves_nothing(custom::Delete::new(Arc::clone(schema), target))
            }
        }
    }
}

fn leaves<C: Change<Left: Record>>(status: StatusCode, change: C) -> Work {
    Box::new(move |writer, notes| {
        let record = change.run(writer, notes)?;
        Ok(Done { status, left: Some((record.id(), record.meta().version)) })
    })
}

fn leaves_nothing<C: Change<Left = ()>>(change: C) -> Work {
    Box::new(move |writer, notes| {
        change.run(writer, notes)?;
        Ok(Done { status: StatusCode::NO_CONTENT, left: None })
    })
}

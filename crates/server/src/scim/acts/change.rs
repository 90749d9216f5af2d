//! [`Change`]: a change of one resource, the same alone and as an operation of a bulk request.

use ::scim::{Notes, Precondition, Verdict};
use directory::{Error, Resource, ResourceId, Writer, get};

use crate::scim::{endpoint::Endpoint, error::ActError};

/// A change of one resource, ready to be run.
pub(crate) trait Change: Send + Sync + 'static {
    /// What comes of it: a resource, or nothing.
    type Output;

    /// Makes the change. It may be made again, until a commit holds.
    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Self::Output, ActError>;
}

/// One resource that a change is for, and the version in which the client means it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) id: ResourceId,
    pub(crate) condition: Precondition,
}

impl Target {
    /// The resource, where it is as the client believes (RFC 7644 §3.14).
    pub(super) fn find(
        &self,
        writer: &mut Writer<'_>,
        endpoint: &Endpoint,
    ) -> Result<Resource, Error> {
        let resource = get(writer, &endpoint.schema, self.id)?;
        match self.condition.judge_change(resource.version.number()) {
            Verdict::Holds => Ok(resource),
            Verdict::Unchanged | Verdict::Failed => Err(Error::Stale { version: resource.version }),
        }
    }
}

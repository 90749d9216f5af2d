//! [`Change`]: a change of one resource, the same alone and as an operation of a bulk request.

use std::{fmt, sync::Arc};

use ::scim::{Notes, Precondition, Verdict};
use directory::{Error, Group, Reader, Resource, ResourceId, Writer, get, group::MemberChange};

use crate::scim::{endpoint::Endpoint, error::ActError};

/// A change of one resource, ready to be run.
pub(crate) trait Change: Clone + Send + Sync + 'static {
    /// What comes of it: a resource, or nothing.
    type Output;

    /// Makes the change. It may be made again, until a commit holds.
    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Self::Output, ActError>;

    /// Takes its members out, where they are so many that they are staged before it is made.
    fn take_many(&mut self) -> Option<ManyMembers> {
        None
    }

    /// Puts in what was prepared of the members that were taken out.
    fn put_prepared(&mut self, _: MemberChange) {}
}

/// Members that are staged before the change that they belong to.
pub(crate) struct ManyMembers {
    pub(crate) changes: Vec<MemberChange>,
    /// The group as the client means it, if it is there already.
    pub(crate) find: Find,
}

/// Finds the group that is to be changed; `None` where it can be created.
pub(crate) type Find =
    Arc<dyn Fn(&mut Reader<'_>) -> Result<Option<Group>, ActError> + Send + Sync>;

impl fmt::Debug for ManyMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManyMembers").field("changes", &self.changes.len()).finish_non_exhaustive()
    }
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
        reader: &mut Reader<'_>,
        endpoint: &Endpoint,
    ) -> Result<Resource, Error> {
        let resource = get(reader, &endpoint.schema, self.id)?;
        match self.condition.judge_change(resource.version.number()) {
            Verdict::Holds => Ok(resource),
            Verdict::Unchanged | Verdict::Failed => Err(Error::Stale { version: resource.version }),
        }
    }
}

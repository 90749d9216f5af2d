//! [`Change`]: a change of one resource, the same alone and as an operation of a bulk request.
//!
//! Each endpoint that changes something has one. It is read from the body of a request, which is
//! where a request that makes no sense is refused, and is then run in a transaction.

use ::scim::Notes;
use directory::{Error, Writer};

/// A change of one resource, ready to be run.
pub(crate) trait Change: Send + Sync + 'static {
    /// What it leaves behind: a record, or nothing.
    type Left;

    /// Makes the change. It may be made again, until a commit holds.
    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Self::Left, Error>;
}

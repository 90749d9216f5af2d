//! PATCH, RFC 7644 §3.5.2: [`parse`] reads a request, [`members::lift`] takes out what concerns
//! the members of a group, and [`apply()`] does the rest to the tree of a resource.
//!
//! One engine serves every provider. They differ in spelling only: operations in capitals,
//! values without a path whose names are paths themselves, booleans as text, values that a
//! selector does not find yet.

mod apply;
mod edit;
pub mod members;
mod operation;
#[cfg(test)]
mod tests;
mod values;
use crate::{Error, Leniency, Notes, Path, accept};

pub(crate) use self::apply::MOST_COMPARISONS;
pub use self::{
    apply::apply,
    members::{MemberChange, MemberKind, MemberRef},
    operation::{Limits, Op, Operation, parse},
};

/// A name in the value of an operation without a path, where clients also write paths.
fn check_name(path: &Path, name: &str, notes: &mut Notes) -> Result<(), Error> {
    accept::check_name(&path.attribute, name, notes)?;
    if path.selector.is_some() {
        notes.correct(Leniency::SelectorName, format!("{name}: a selector in a name"))?;
    }
    Ok(())
}

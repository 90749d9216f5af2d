//! In progress.

/// In progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter;

//! [`Budget`]: how much one search may look at, and what is said when that does not suffice.

use std::fmt::Write as _;

use scim::{ScimType, query::Sort, schema::ResourceSchema};

use super::{Planned, lines::Line, plan::Cause};
use crate::error::Error;

/// How many rows one search may look at: resources, or entries of an index.
#[derive(Debug)]
pub(super) struct Budget {
    all: usize,
    left: usize,
}

/// The budget does not suffice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over(usize);

impl Budget {
    pub(super) fn new(rows: usize) -> Self {
        Self { all: rows, left: rows }
    }

    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Whether so many rows may still be looked at.
    pub(super) fn has(&self, rows: u64) -> bool {
        rows <= self.left as u64
    }

    pub(super) fn spend(&mut self, rows: usize) -> Result<(), Over> {
        self.left = self.left.checked_sub(rows).ok_or(Over(self.all))?;
        Ok(())
    }

    pub(super) fn over(&self) -> Over {
        Over(self.all)
    }
}

impl Over {
    /// Every resource would have to be looked at.
    pub(super) fn scans<R: Planned>(self, schema: &ResourceSchema, cause: &Cause) -> Error {
        too_many(format!(
            "The filter would have to look at more than {} resources, because {cause}. Add a \
             condition that an index answers: {}.",
            self.0,
            conditions::<R>(schema)
        ))
    }

    /// What the indexes have is too much.
    pub(super) fn matches<R: Planned>(self, schema: &ResourceSchema) -> Error {
        too_many(format!(
            "The filter would have to look at more than {} resources. Narrow it by a condition \
             that an index answers: {}.",
            self.0,
            conditions::<R>(schema)
        ))
    }

    /// The order is not that of an index, or the page is too far behind in it.
    pub(super) fn sorts<R: Planned>(self, schema: &ResourceSchema, sort: Option<&Sort>) -> Error {
        let rows = self.0;
        let Some(sort) = sort else { return self.matches::<R>(schema) };
        let path = sort.path();
        too_many(match Line::of::<R>(schema, sort) {
            Some(_) => format!(
                "So far into a list sorted by {path}, more than {rows} resources would have to be \
                 looked at. Walk through the list by cursors (RFC 9865), which costs the same on \
                 every page, or narrow it by a filter."
            ),
            None => format!(
                "Sorting by {path} would have to look at more than {rows} resources, because \
                 {path} is not indexed as a single value. Narrow the list by a filter: {}.",
                conditions::<R>(schema)
            ),
        })
    }
}

fn too_many(detail: String) -> Error {
    scim::Error::new(ScimType::TooMany, detail).into()
}

/// What the indexes of a type answer.
fn conditions<R: Planned>(schema: &ResourceSchema) -> String {
    let mut text = String::from("eq, sw, gt, ge, lt or le on ");
    for column in R::COLUMNS.iter().filter(|column| column.along.is_some()) {
        let _ = write!(text, "{}, ", column.attribute);
    }
    for index in schema.indexes() {
        let _ = write!(text, "{index}, ");
    }
    text.push_str("meta.created or meta.lastModified");
    text
}

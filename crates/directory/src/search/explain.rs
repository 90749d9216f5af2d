//! What is said when the budget of a search does not suffice: why, and what would help.

use std::fmt::Write as _;

use scim::{query::Sort, schema::ResourceSchema};

use super::{budget::Exceeded, columns::columns_of, index_scan::Index, plan::Cause};
use crate::{error::Error, resource::Kind};

impl Exceeded {
    /// Every resource would have to be looked at.
    pub(super) fn scans(self, schema: &ResourceSchema, cause: &Cause) -> Error {
        too_expensive(format!(
            "The filter would have to look at more than {} resources, because {cause}. Add a \
             condition that an index answers: {}.",
            self.0,
            conditions(schema)
        ))
    }

    /// What the indexes have is too much.
    pub(super) fn matches(self, schema: &ResourceSchema) -> Error {
        too_expensive(format!(
            "The filter would have to look at more than {} resources. Narrow it by a condition \
             that an index answers: {}.",
            self.0,
            conditions(schema)
        ))
    }

    /// The order is not that of an index, or the page is too far into it.
    pub(super) fn sorts(self, schema: &ResourceSchema, sort: Option<&Sort>) -> Error {
        let rows = self.0;
        let Some(sort) = sort else { return self.matches(schema) };
        let path = sort.path();
        too_expensive(match Index::of(schema, sort) {
            Some(_) => format!(
                "So far into a list sorted by {path}, more than {rows} resources would have to be \
                 looked at. Walk through the list by cursors (RFC 9865), which costs the same on \
                 every page, or narrow it by a filter."
            ),
            None => format!(
                "Sorting by {path} would have to look at more than {rows} resources, because \
                 {path} is not indexed as a single value. Narrow the list by a filter: {}.",
                conditions(schema)
            ),
        })
    }
}

fn too_expensive(detail: String) -> Error {
    Error::TooExpensive { detail: detail.into() }
}

/// What the indexes of a type answer.
fn conditions(schema: &ResourceSchema) -> String {
    let mut text = String::from("eq, sw, gt, ge, lt or le on ");
    for column in columns_of(Kind::of(schema)) {
        let _ = write!(text, "{}, ", column.attribute);
    }
    for index in schema.indexes() {
        let _ = write!(text, "{index}, ");
    }
    text.push_str("meta.created or meta.lastModified");
    text
}

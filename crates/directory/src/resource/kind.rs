//! [`Kind`]: which resource type a row is of.

use aws_lc_rs::digest;
use scim::schema::ResourceSchema;

use crate::db::{Cell, FromCell, Mismatch, Param};

/// A resource type, as the store numbers it. Users and groups have small numbers; a registered
/// type has one that is made from its name, so that no two nodes can disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kind(i64);

impl Kind {
    pub(crate) const USER: Self = Self(0);
    pub(crate) const GROUP: Self = Self(1);

    /// The kind of the resources of a type.
    pub(crate) fn of(schema: &ResourceSchema) -> Self {
        match schema.resource_type().name.as_str() {
            "User" => Self::USER,
            "Group" => Self::GROUP,
            other => Self(number_of(other)),
        }
    }

    pub(crate) fn from_store(number: i64) -> Self {
        Self(number)
    }

    /// The number in the store.
    pub(crate) fn number(self) -> i64 {
        self.0
    }
}

impl From<Kind> for Param<'_> {
    fn from(kind: Kind) -> Self {
        Self::Int(kind.0)
    }
}

impl FromCell for Kind {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        i64::from_cell(cell).map(Self)
    }
}

/// A number for a name that anyone may invent: 62 bits of its SHA-256, none of the small numbers.
pub(crate) fn number_of(name: &str) -> i64 {
    let hash = digest::digest(&digest::SHA256, name.to_ascii_lowercase().as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_ref()[..8]);
    (i64::from_be_bytes(bytes) & (i64::MAX >> 1)) | (1 << 32)
}

#[cfg(test)]
mod tests {
    use scim::schema::builtin;

    use super::{Kind, number_of};

    #[test]
    fn numbers_are_stored_and_so_never_change() {
        assert_eq!(Kind::of(builtin::user()), Kind::USER);
        assert_eq!(Kind::of(builtin::group()), Kind::GROUP);
        assert_eq!(number_of("urn:example:Badge"), 387_923_075_102_593_416);
        assert_eq!(number_of("URN:EXAMPLE:badge"), number_of("urn:example:Badge"));
    }
}

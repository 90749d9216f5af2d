//! Attribute paths: RFC 7644 §3.10 notation and the PATCH paths of §3.5.2.

use crate::{Filter, Name};

/// Names an attribute or a sub-attribute: `userName`, `name.givenName`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.
///
/// A bare URN of an extension parses as one too (its last part stands in `name`); only a schema
/// can tell the two apart, see [`crate::schema::ResourceSchema::resolve`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The URN before the last colon, where one was written.
    pub schema: Option<Name>,
    /// The attribute.
    pub name: Name,
    /// The sub-attribute after the dot.
    pub sub: Option<Name>,
}

/// The `path` of a PATCH operation:
/// `attributePath` or `attributePath[valueFilter]` or `attributePath[valueFilter].subAttribute`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The attribute that is meant.
    pub attribute: AttributePath,
    /// Selects among the values of a multi-valued attribute.
    pub selector: Option<Filter>,
    /// The sub-attribute of the selected values. (Without a selector it is in `attribute.sub`.)
    pub sub: Option<Name>,
}

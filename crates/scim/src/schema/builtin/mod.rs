//! The schemas that Doorward ships: core User and Group, Enterprise User, and the attributes that
//! every resource has. Each is a JSON file in this folder, in the form of RFC 7643 §7.

use std::sync::LazyLock;

use super::{ResourceSchema, ResourceType, Schema, SchemaExtension};
use crate::urn;

/// In progress.
pub fn common() -> &'static Schema {
    static S: LazyLock<Schema> = LazyLock::new(|| Schema { id: urn::USER.to_owned(), name: String::new(), description: String::new(), attributes: vec![] });
    &S
}

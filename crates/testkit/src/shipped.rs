//! [`Shipped`]: the records whose resource type Doorward ships.

use std::sync::Arc;

use directory::{Record, group::Group, user::User};
use scim::schema::{ResourceSchema, builtin};

/// A record whose resource type Doorward ships: what is said of one holds for both.
pub trait Shipped: Record + Send + 'static {
    /// Its resource type, as it is when nothing was registered.
    fn schema() -> &'static Arc<ResourceSchema>;
}

impl Shipped for User {
    fn schema() -> &'static Arc<ResourceSchema> {
        builtin::user()
    }
}

impl Shipped for Group {
    fn schema() -> &'static Arc<ResourceSchema> {
        builtin::group()
    }
}

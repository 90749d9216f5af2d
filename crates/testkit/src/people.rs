//! Users, groups and operations, as short to write as they are to read.

use scim::{
    Notes, Object,
    patch::{self, Limits, Operation},
};

/// A user with this userName.
#[must_use]
pub fn user(name: &str) -> Object {
    Object::new().with("userName", name)
}

/// A group with this displayName.
#[must_use]
pub fn group(name: &str) -> Object {
    Object::new().with("displayName", name)
}

/// Reads the operations of a PATCH: the list as JSON.
#[must_use]
pub fn patch(operations: &str) -> Vec<Operation> {
    let body = format!(r#"{{"Operations":{operations}}}"#);
    let body = scim::json::from_slice(body.as_bytes(), scim::json::Limits::default())
        .expect("operations as JSON");
    patch::parse(body, Limits::default(), &mut Notes::default()).expect("operations")
}

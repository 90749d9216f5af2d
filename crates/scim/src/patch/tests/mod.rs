//! What PATCH does to a resource: the bodies that providers send, the rules of the RFC, and a
//! comparison with a naive model.

mod model;
mod providers;
mod rules;

use super::{Limits, apply, parse};
use crate::{
    Error, Notes, Object, ScimType, json,
    schema::{ResourceSchema, builtin},
};

const ID: &str = "2819c223";

fn object(text: &str) -> Object {
    json::from_slice(text.as_bytes(), json::Limits::default()).expect(text)
}

/// The resource after a request with these operations, and what was noted.
fn patch(
    schema: &ResourceSchema,
    before: &str,
    operations: &str,
) -> (Result<Object, Error>, Notes) {
    let body = object(&format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#
    ));
    let mut notes = Notes::default();
    let mut resource = object(before);
    let result = parse(body, Limits::default(), &mut notes)
        .and_then(|operations| apply(schema, ID, &mut resource, operations, &mut notes));
    if result.is_err() {
        assert_eq!(resource, object(before), "an operation that fails changes nothing");
    }
    (result.map(|()| resource), notes)
}

/// A user after these operations.
#[track_caller]
fn user(before: &str, operations: &str) -> String {
    patch(builtin::user(), before, operations).0.expect(operations).to_json()
}

/// Why these operations are refused.
#[track_caller]
fn refused(before: &str, operations: &str) -> (ScimType, String) {
    let error = patch(builtin::user(), before, operations).0.expect_err(operations);
    (error.scim_type(), error.detail().to_owned())
}

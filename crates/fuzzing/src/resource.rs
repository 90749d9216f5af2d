//! [`Sample`]: a user and a group with a value of every kind, and what holds for any resource.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use scim::{
    Meta, Notes, Object, Value, accept, json, represent,
    schema::{ResourceSchema, builtin},
    v1,
};

/// A resource in both of its forms.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) schema: &'static Arc<ResourceSchema>,
    /// As it is stored.
    pub(crate) tree: Object,
    /// As a client sees it.
    pub(crate) full: Object,
}

pub(crate) const ID: &str = "0a4cbb1e-26a7-4f58-9d39-3d6c55d0f2b7";

const USER: &str = r#"{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "Noor.Haddad@birchwood.example", "externalId": "00ub8n2qkw1sVtP4x5d7",
    "name": {"givenName": "Nóör", "familyName": "Haddad", "formatted": "Nóör Haddad"},
    "displayName": "Nóör Haddad", "nickName": "No", "title": "Pilot \"Nº 7\"", "active": true,
    "preferredLanguage": "de-CH", "locale": "de-CH", "timezone": "Europe/Zurich",
    "emails": [
        {"value": "noor@birchwood.example", "type": "work", "primary": true},
        {"value": "noor@home.example", "type": "home"}
    ],
    "phoneNumbers": [{"value": "+41 44 555 01 02", "type": "work"}],
    "addresses": [{"type": "work", "locality": "Zürich", "postalCode": "08001", "country": "CH"}],
    "roles": [{"value": "reader"}, {"value": "writer", "display": "Writer"}],
    "x509Certificates": [{"value": "MIIB"}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        "employeeNumber": "000117", "department": "Flight", "manager": {"value": "u-1"}
    }
}"#;

const GROUP: &str = r#"{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "displayName": "Flight & Ground", "externalId": "g-17",
    "urn:okta:custom:group:1.0": {"description": "Everybody who flies"}
}"#;

static SAMPLES: LazyLock<[Sample; 2]> =
    LazyLock::new(|| [sample(builtin::user(), USER), sample(builtin::group(), GROUP)]);

/// The user and the group.
pub(crate) fn samples() -> &'static [Sample; 2] {
    &SAMPLES
}

fn sample(schema: &'static Arc<ResourceSchema>, body: &str) -> Sample {
    let tree = accept::resource(schema, object(body), &mut Notes::default()).expect("a sample");
    let mut full = represent(schema, ID, tree.clone(), &meta());
    // What the store computes.
    let other = Object::new().with("value", "7").with("display", "Flight").with("type", "direct");
    let computed = if schema.attribute("groups").is_some() { "groups" } else { "members" };
    full.insert(computed, vec![Value::from(other)]);
    Sample { schema, tree, full }
}

fn object(text: &str) -> Object {
    json::from_slice(text.as_bytes(), json::Limits::default())
        .unwrap_or_else(|error| panic!("{text} is refused: {error}"))
}

fn meta() -> Meta {
    Meta {
        created: Timestamp::UNIX_EPOCH,
        last_modified: Timestamp::UNIX_EPOCH,
        version: 3,
        location: format!("https://doorward.example/scim/v2/Users/{ID}"),
    }
}

/// A tree that may be stored: shown to a client of either version and sent back by it, it is the
/// same tree, and there is nothing to remark.
pub(crate) fn stays_the_same(schema: &ResourceSchema, tree: &Object) {
    let shown = represent(schema, ID, tree.clone(), &meta());
    let sent_back = object(&shown.to_json());
    assert_eq!(accepted(schema, sent_back), *tree, "SCIM 2.0 shows {}", shown.to_json());
    let shown = v1::to_v1(shown);
    let sent_back = v1::from_v1(schema, object(&shown.to_json()), &mut Notes::default())
        .expect("what is shown is understood");
    assert_eq!(accepted(schema, sent_back), *tree, "SCIM 1.1 shows {}", shown.to_json());
}

fn accepted(schema: &ResourceSchema, body: Object) -> Object {
    let mut notes = Notes::default();
    let text = body.to_json();
    let tree = accept::resource(schema, body, &mut notes)
        .unwrap_or_else(|error| panic!("{text} was shown and is refused: {error}"));
    assert_eq!(notes, Notes::default(), "{text} was shown and is not read as it stands");
    tree
}

//! [`Sample`]: resources with a value of every kind, and what holds for any resource.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use scim::{
    EntityTag, Leniency, Meta, Notes, Object, Value, accept, json, represent,
    schema::{ResourceSchema, Schemas, definition::Definition},
    v1,
};

/// A resource in both of its forms.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) schema: Arc<ResourceSchema>,
    /// As it is stored.
    pub(crate) tree: Object,
    /// As a client sees it.
    pub(crate) full: Object,
}

pub(crate) const ID: &str = "0a4cbb1e-26a7-4f58-9d39-3d6c55d0f2b7";

const USER: &str = r#"{
    "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:example:params:scim:schemas:hangar:1.0:User"
    ],
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
    },
    "urn:example:params:scim:schemas:hangar:1.0:User": {
        "badge": "A-7", "since": "2026-02-03T08:00:00+01:00", "hours": 1204.25, "photo": "aGk=",
        "landings": [3, 12], "keys": [{"value": "north", "type": "door", "primary": true}]
    }
}"#;

const GROUP: &str = r#"{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "urn:okta:custom:group:1.0"],
    "displayName": "Flight & Ground", "externalId": "g-17",
    "urn:okta:custom:group:1.0": {"description": "Everybody who flies"}
}"#;

/// What an organization may have registered: an extension with the types that the others lack, and
/// a resource type.
const DEFINITION: &str = r#"{
    "name": "hangar",
    "schemas": [
        {"id": "urn:example:params:scim:schemas:hangar:1.0:User", "name": "Hangar", "attributes": [
            {"name": "badge", "type": "string", "caseExact": true, "mutability": "immutable"},
            {"name": "since", "type": "dateTime"},
            {"name": "hours", "type": "decimal"},
            {"name": "photo", "type": "binary", "caseExact": true},
            {"name": "landings", "type": "integer", "multiValued": true},
            {"name": "keys", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value", "type": "string"}, {"name": "type", "type": "string"},
                {"name": "primary", "type": "boolean"}
            ]}
        ]},
        {"id": "urn:example:params:scim:schemas:licence:1.0", "name": "Licence", "attributes": [
            {"name": "displayName", "type": "string", "required": true},
            {"name": "planes", "type": "string", "multiValued": true, "required": true},
            {"name": "until", "type": "complex", "subAttributes": [
                {"name": "day", "type": "dateTime"}, {"name": "final", "type": "boolean"}
            ]}
        ]}
    ],
    "extensions": [
        {"resourceType": "User", "schema": "urn:example:params:scim:schemas:hangar:1.0:User"}
    ],
    "resourceTypes": [
        {"name": "Licence", "endpoint": "/Licences",
         "schema": "urn:example:params:scim:schemas:licence:1.0"}
    ]
}"#;

const LICENCE: &str = r#"{
    "schemas": ["urn:example:params:scim:schemas:licence:1.0"], "externalId": "l-3",
    "displayName": "Night", "planes": ["C172", "PC-12"],
    "until": {"day": "2027-01-01T00:00:00Z", "final": false}
}"#;

static SAMPLES: LazyLock<[Sample; 3]> = LazyLock::new(|| {
    let definition: Definition = serde_json::from_str(DEFINITION).expect("a definition");
    let schemas = Schemas::builtin().with(&definition).expect("a definition that can be used");
    [
        sample(schemas.user(), USER),
        sample(schemas.group(), GROUP),
        sample(&schemas.registered()[0], LICENCE),
    ]
});

/// A user, a group, and a resource of a registered type.
pub(crate) fn samples() -> &'static [Sample; 3] {
    &SAMPLES
}

fn sample(schema: &Arc<ResourceSchema>, body: &str) -> Sample {
    let mut notes = Notes::default();
    let tree = accept::resource(schema, object(body), &mut notes).expect("a sample");
    assert_eq!(notes, Notes::default(), "a sample is canonical");
    let mut full = represent(schema, ID, tree.clone(), &meta());
    // What the store computes.
    for computed in ["groups", "members"] {
        if schema.attribute(computed).is_some() {
            let other = Object::new().with("value", "7").with("display", "Flight");
            full.insert(computed, vec![Value::from(other.with("type", "direct"))]);
        }
    }
    Sample { schema: Arc::clone(schema), tree, full }
}

fn object(text: &str) -> Object {
    json::from_slice(text.as_bytes(), json::Limits::default())
        .unwrap_or_else(|error| panic!("{text} is refused: {error}"))
}

fn meta() -> Meta {
    Meta {
        created: Timestamp::UNIX_EPOCH,
        last_modified: Timestamp::UNIX_EPOCH,
        tag: EntityTag::of(3),
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
    // Base64, a date and a reference in a loose form are stored as they came.
    let loose = [Leniency::LooseBase64, Leniency::LooseDateTime, Leniency::LooseReference];
    let plain = notes.corrected().iter().all(|one| loose.contains(&one.leniency));
    let read = notes.ignored().is_empty() && plain;
    assert!(read, "{text} was shown and is not read as it stands: {notes:?}");
    tree
}

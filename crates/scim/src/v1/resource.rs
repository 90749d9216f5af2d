//! Resources: [`to_v1`] and [`from_v1`].

use crate::{
    Error, Leniency, Notes, Object, Value, accept::check_schemas_with, schema::ResourceSchema, urn,
};

/// A representation of SCIM 2.0 as SCIM 1.1 shows it. Extensions without a 1.1 name keep theirs.
#[must_use]
pub fn to_v1(representation: Object) -> Object {
    representation
        .into_iter()
        .map(|(name, value)| match value {
            Value::Multi(urns) if name == "schemas" => {
                let v1_urn = |urn: Value| urn.as_str().and_then(v1_urn).map_or(urn, Value::from);
                (name, Value::Multi(urns.into_iter().map(v1_urn).collect()))
            }
            Value::Complex(mut meta) if name == "meta" => {
                meta.remove("resourceType");
                (name, Value::Complex(meta))
            }
            Value::Complex(extension) if name == urn::ENTERPRISE_USER => {
                (urn::V1_ENTERPRISE.into(), rename_in_manager(extension, "value", "managerId"))
            }
            value => (name, value),
        })
        .collect()
}

/// The body of a 1.1 POST or PUT as one of SCIM 2.0, the way back from [`to_v1`]. What 1.1 does
/// not know passes through, for [`crate::accept`] to judge.
///
/// # Errors
///
/// What the profile of `notes` does not accept: wrong or missing `schemas`, names of SCIM 2.0.
pub fn from_v1(schema: &ResourceSchema, body: Object, notes: &mut Notes) -> Result<Object, Error> {
    let is_extension = |sent: &str| {
        // The URN of SCIM 2.0 does not belong here.
        let is_v2 = sent.eq_ignore_ascii_case(urn::ENTERPRISE_USER);
        let is_v1 = sent.eq_ignore_ascii_case(urn::V1_ENTERPRISE);
        let urn = if is_v1 { urn::ENTERPRISE_USER } else { sent };
        !is_v2 && schema.extension(urn).is_some()
    };
    let core_is_named = check_schemas_with(&body, urn::V1_CORE, is_extension, notes)?;
    let mut read = Object::new();
    for (name, value) in body {
        match value {
            value if name == "schemas" => {
                let mut urns: Vec<Value> =
                    value.values().iter().map(|urn| map_urn(urn, schema)).collect();
                let core = Value::from(schema.core().id.as_str());
                if !core_is_named && !urns.contains(&core) {
                    urns.push(core);
                }
                read.push(name, urns.into());
            }
            Value::Complex(extension) if name == urn::V1_ENTERPRISE => {
                check_manager(&extension, notes)?;
                let extension = rename_in_manager(extension, "managerId", "value");
                read.push(urn::ENTERPRISE_USER.into(), extension);
            }
            value => {
                if name == urn::ENTERPRISE_USER {
                    let text = format!("{name}: a URN of SCIM 2.0 in a body of SCIM 1.1");
                    notes.correct(Leniency::Schemas, text)?;
                }
                read.push(name, value);
            }
        }
    }
    if read.get("schemas").is_none() {
        read.push("schemas".into(), vec![schema.core().id.as_str().into()].into());
    }
    Ok(read)
}

/// The manager's id has one name in 1.1, and clients that speak 2.0 too use the other.
fn check_manager(extension: &Object, notes: &mut Notes) -> Result<(), Error> {
    let manager = extension.get("manager").and_then(Value::as_complex);
    if manager.is_some_and(|manager| manager.get("value").is_some()) {
        let text = "manager.value: the name of SCIM 2.0 for manager.managerId";
        notes.correct(Leniency::ManagerId, text)?;
    }
    Ok(())
}

fn v1_urn(urn: &str) -> Option<&'static str> {
    match urn {
        urn::USER | urn::GROUP => Some(urn::V1_CORE),
        urn::ENTERPRISE_USER => Some(urn::V1_ENTERPRISE),
        _ => None,
    }
}

/// A URN of 1.1 as the one of 2.0. Users and groups share the core URN of 1.1: only the resource
/// type tells them apart.
fn map_urn(sent: &Value, schema: &ResourceSchema) -> Value {
    match sent.as_str() {
        Some(urn) if urn.eq_ignore_ascii_case(urn::V1_CORE) => schema.core().id.as_str().into(),
        Some(urn) if urn.eq_ignore_ascii_case(urn::V1_ENTERPRISE) => urn::ENTERPRISE_USER.into(),
        _ => sent.clone(),
    }
}

/// The manager's id is `managerId` in 1.1 and `value` in 2.0.
fn rename_in_manager(mut extension: Object, from: &str, to: &str) -> Value {
    if let Some(Value::Complex(manager)) = extension.get_mut("manager") {
        *manager = std::mem::take(manager)
            .into_iter()
            .map(|(name, value)| (if name == from { to.into() } else { name }, value))
            .collect();
    }
    Value::Complex(extension)
}

#[cfg(test)]
mod tests {
    use insta::{assert_json_snapshot, assert_snapshot};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::{from_v1, to_v1};
    use crate::{
        EntityTag, Leniency, Meta, Notes, Object, Profile, Value, json, represent, schema::builtin,
        urn,
    };

    fn meta(path: &str) -> Meta {
        Meta {
            created: Timestamp::from_second(1_763_712_000).unwrap(),
            last_modified: Timestamp::from_millisecond(1_763_712_060_250).unwrap(),
            tag: EntityTag::of(3),
            location: format!("https://d.example/scim/{path}"),
        }
    }

    fn tree(text: &str) -> Object {
        json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn ada() -> Object {
        tree(
            r#"{"userName":"ada@example.com","externalId":"00u1ab2cd3EFG4hi5j6",
            "name":{"givenName":"Ada","familyName":"Lovelace"},"displayName":"Ada Lovelace",
            "locale":"en-US","active":true,
            "emails":[{"value":"ada@example.com","type":"work","primary":true}],
            "phoneNumbers":[{"value":"+44 20 7946 0000","type":"work"}],
            "addresses":[{"streetAddress":"1 Engine St","locality":"London","country":"GB"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"department":"Research","manager":{"value":"u7","displayName":"Charles Babbage"}},
            "groups":[{"value":"g1","$ref":"../Groups/g1","display":"Engines","type":"direct"}]}"#,
        )
    }

    fn engines() -> Object {
        tree(
            r#"{"displayName":"Engines","urn:okta:custom:group:1.0":{"description":"All engines"},
            "members":[{"value":"u1","display":"ada@example.com","type":"User"}]}"#,
        )
    }

    #[test]
    fn a_user_in_both_dialects() {
        let full = represent(builtin::user(), "u1", ada(), &meta("v2/Users/u1"));
        assert_json_snapshot!(full, @r#"
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
          ],
          "id": "u1",
          "externalId": "00u1ab2cd3EFG4hi5j6",
          "userName": "ada@example.com",
          "name": {
            "givenName": "Ada",
            "familyName": "Lovelace"
          },
          "displayName": "Ada Lovelace",
          "locale": "en-US",
          "active": true,
          "emails": [
            {
              "value": "ada@example.com",
              "type": "work",
              "primary": true
            }
          ],
          "phoneNumbers": [
            {
              "value": "+44 20 7946 0000",
              "type": "work"
            }
          ],
          "addresses": [
            {
              "streetAddress": "1 Engine St",
              "locality": "London",
              "country": "GB"
            }
          ],
          "groups": [
            {
              "value": "g1",
              "$ref": "../Groups/g1",
              "display": "Engines",
              "type": "direct"
            }
          ],
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Research",
            "manager": {
              "value": "u7",
              "displayName": "Charles Babbage"
            }
          },
          "meta": {
            "resourceType": "User",
            "created": "2025-11-21T08:00:00.000Z",
            "lastModified": "2025-11-21T08:01:00.250Z",
            "location": "https://d.example/scim/v2/Users/u1",
            "version": "W/\"3\""
          }
        }
        "#);
        let full = represent(builtin::user(), "u1", ada(), &meta("v1/Users/u1"));
        assert_json_snapshot!(to_v1(full), @r#"
        {
          "schemas": [
            "urn:scim:schemas:core:1.0",
            "urn:scim:schemas:extension:enterprise:1.0"
          ],
          "id": "u1",
          "externalId": "00u1ab2cd3EFG4hi5j6",
          "userName": "ada@example.com",
          "name": {
            "givenName": "Ada",
            "familyName": "Lovelace"
          },
          "displayName": "Ada Lovelace",
          "locale": "en-US",
          "active": true,
          "emails": [
            {
              "value": "ada@example.com",
              "type": "work",
              "primary": true
            }
          ],
          "phoneNumbers": [
            {
              "value": "+44 20 7946 0000",
              "type": "work"
            }
          ],
          "addresses": [
            {
              "streetAddress": "1 Engine St",
              "locality": "London",
              "country": "GB"
            }
          ],
          "groups": [
            {
              "value": "g1",
              "$ref": "../Groups/g1",
              "display": "Engines",
              "type": "direct"
            }
          ],
          "urn:scim:schemas:extension:enterprise:1.0": {
            "department": "Research",
            "manager": {
              "managerId": "u7",
              "displayName": "Charles Babbage"
            }
          },
          "meta": {
            "created": "2025-11-21T08:00:00.000Z",
            "lastModified": "2025-11-21T08:01:00.250Z",
            "location": "https://d.example/scim/v1/Users/u1",
            "version": "W/\"3\""
          }
        }
        "#);
    }

    #[test]
    fn a_group_in_both_dialects() {
        let full = represent(builtin::group(), "g1", engines(), &meta("v2/Groups/g1"));
        assert_json_snapshot!(full, @r#"
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "urn:okta:custom:group:1.0"
          ],
          "id": "g1",
          "displayName": "Engines",
          "members": [
            {
              "value": "u1",
              "display": "ada@example.com",
              "type": "User"
            }
          ],
          "urn:okta:custom:group:1.0": {
            "description": "All engines"
          },
          "meta": {
            "resourceType": "Group",
            "created": "2025-11-21T08:00:00.000Z",
            "lastModified": "2025-11-21T08:01:00.250Z",
            "location": "https://d.example/scim/v2/Groups/g1",
            "version": "W/\"3\""
          }
        }
        "#);
        let full = represent(builtin::group(), "g1", engines(), &meta("v1/Groups/g1"));
        assert_json_snapshot!(to_v1(full), @r#"
        {
          "schemas": [
            "urn:scim:schemas:core:1.0",
            "urn:okta:custom:group:1.0"
          ],
          "id": "g1",
          "displayName": "Engines",
          "members": [
            {
              "value": "u1",
              "display": "ada@example.com",
              "type": "User"
            }
          ],
          "urn:okta:custom:group:1.0": {
            "description": "All engines"
          },
          "meta": {
            "created": "2025-11-21T08:00:00.000Z",
            "lastModified": "2025-11-21T08:01:00.250Z",
            "location": "https://d.example/scim/v1/Groups/g1",
            "version": "W/\"3\""
          }
        }
        "#);
    }

    #[test]
    fn what_1_1_does_not_know_passes_through() {
        let body = tree(
            r#"{"schemas":["URN:SCIM:SCHEMAS:CORE:1.0","urn:okta:x_1:1.0:user:custom"],
            "userName":"a","urn:okta:x_1:1.0:user:custom":{"floor":"3"},"meta":"x",
            "urn:scim:schemas:extension:enterprise:1.0":{"manager":"u7"}}"#,
        );
        let read = from_v1(builtin::user(), body, &mut Notes::default()).expect("as 1.1 has it");
        assert_snapshot!(read.to_json(), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:okta:x_1:1.0:user:custom"],"userName":"a","urn:okta:x_1:1.0:user:custom":{"floor":"3"},"meta":"x","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"u7"}}"#);
    }

    #[test]
    fn what_speaks_2_0_is_noted() {
        for (text, leniency, read) in [
            (
                r#"{"userName":"a"}"#,
                Leniency::Schemas,
                r#"{"userName":"a","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#,
            ),
            (
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"}"#,
                Leniency::Schemas,
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a"}"#,
            ),
            (
                r#"{"schemas":["urn:scim:schemas:core:1.0"],
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"D"}}"#,
                Leniency::Schemas,
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"D"}}"#,
            ),
            (
                r#"{"schemas":["urn:scim:schemas:core:1.0"],
                    "urn:scim:schemas:extension:enterprise:1.0":{"manager":{"value":"u7"}}}"#,
                Leniency::ManagerId,
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"u7"}}}"#,
            ),
        ] {
            let mut notes = Notes::default();
            let body = from_v1(builtin::user(), tree(text), &mut notes).expect(text);
            assert_eq!(body, tree(read), "{text}");
            assert_eq!(notes.corrected().len(), 1, "{notes:?}");
            assert_eq!(notes.corrected()[0].leniency, leniency, "{text}");
            let error = from_v1(builtin::user(), tree(text), &mut Notes::new(Profile::STRICT));
            assert_eq!(error.expect_err(text).scim_type(), leniency.scim_type());
        }
    }

    /// Trees such as [`crate::accept`] makes them, as far as the two versions differ.
    fn user() -> impl Strategy<Value = Object> {
        let text = || prop::option::of("[a-zA-Z0-9:.é]{1,8}".prop_map(Value::from));
        (text(), text(), text(), text(), text(), text()).prop_map(
            |(title, external_id, department, value, reference, display_name)| {
                let object = |entries: Vec<(&str, Option<Value>)>| -> Object {
                    entries
                        .into_iter()
                        .filter_map(|(name, value)| Some((name.into(), value?)))
                        .filter(|(_, value): &(_, Value)| !value.is_unassigned())
                        .collect()
                };
                let manager = object(vec![
                    ("value", value),
                    ("$ref", reference),
                    ("displayName", display_name),
                ]);
                let extension =
                    object(vec![("department", department), ("manager", Some(manager.into()))]);
                object(vec![
                    ("userName", Some("ada".into())),
                    ("title", title),
                    ("externalId", external_id),
                    (urn::ENTERPRISE_USER, Some(extension.into())),
                ])
            },
        )
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_identity(user in user()) {
            let full = represent(builtin::user(), "u1", user, &meta("v2/Users/u1"));
            let mut notes = Notes::new(Profile::STRICT);
            let mut back = from_v1(builtin::user(), to_v1(full.clone()), &mut notes).expect("1.1");
            // 1.1 has no place for the name of the resource type.
            if let Some(Value::Complex(meta)) = back.get_mut("meta") {
                meta.insert("resourceType", "User");
            }
            prop_assert_eq!(back, full);
        }

        #[test]
        fn a_tree_there_and_back_keeps_even_its_order(user in user()) {
            let mut notes = Notes::default();
            let mut back = from_v1(builtin::user(), to_v1(user.clone()), &mut notes).expect("1.1");
            back.remove("schemas");
            prop_assert_eq!(back.to_json(), user.to_json());
        }
    }
}

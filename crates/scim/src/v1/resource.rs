//! Resources: [`to_v1`] and [`from_v1`].

use crate::{Object, Value, schema::ResourceSchema, urn};

/// A representation of SCIM 2.0 as SCIM 1.1 shows it. Extensions without a 1.1 name keep theirs.
#[must_use]
pub fn to_v1(representation: Object) -> Object {
    representation
        .into_iter()
        .map(|(name, value)| match value {
            Value::Multi(urns) if name == "schemas" => {
                (name, Value::Multi(urns.into_iter().map(|urn| map_urn(urn, v1_urn)).collect()))
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
#[must_use]
pub fn from_v1(schema: &ResourceSchema, body: Object) -> Object {
    let v2_urn = |urn: &str| v2_urn(schema, urn);
    body.into_iter()
        .map(|(name, value)| match value {
            Value::Multi(urns) if name == "schemas" => {
                (name, Value::Multi(urns.into_iter().map(|urn| map_urn(urn, v2_urn)).collect()))
            }
            Value::Complex(extension) if name == urn::V1_ENTERPRISE => {
                (urn::ENTERPRISE_USER.into(), rename_in_manager(extension, "managerId", "value"))
            }
            value => (name, value),
        })
        .collect()
}

fn v1_urn(urn: &str) -> Option<&'static str> {
    match urn {
        urn::USER | urn::GROUP => Some(urn::V1_CORE),
        urn::ENTERPRISE_USER => Some(urn::V1_ENTERPRISE),
        _ => None,
    }
}

/// Users and groups share the core URN of 1.1: only the resource type tells them apart.
fn v2_urn<'s>(schema: &'s ResourceSchema, urn: &str) -> Option<&'s str> {
    if urn.eq_ignore_ascii_case(urn::V1_CORE) {
        return Some(&schema.core().id);
    }
    urn.eq_ignore_ascii_case(urn::V1_ENTERPRISE).then_some(urn::ENTERPRISE_USER)
}

fn map_urn<'u>(value: Value, map: impl Fn(&str) -> Option<&'u str>) -> Value {
    match value.as_str().and_then(map) {
        Some(urn) => Value::from(urn),
        None => value,
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
    use crate::{Meta, Object, Value, json, represent, schema::builtin, urn};

    fn meta(path: &str) -> Meta {
        Meta {
            created: Timestamp::from_second(1_763_712_000).unwrap(),
            last_modified: Timestamp::from_millisecond(1_763_712_060_250).unwrap(),
            version: 3,
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
        assert_snapshot!(from_v1(builtin::user(), body).to_json(), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:okta:x_1:1.0:user:custom"],"userName":"a","urn:okta:x_1:1.0:user:custom":{"floor":"3"},"meta":"x","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"u7"}}"#);
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
            let mut back = from_v1(builtin::user(), to_v1(full.clone()));
            // 1.1 has no place for the name of the resource type.
            if let Some(Value::Complex(meta)) = back.get_mut("meta") {
                meta.insert("resourceType", "User");
            }
            prop_assert_eq!(back, full);
        }

        #[test]
        fn a_tree_there_and_back_keeps_even_its_order(user in user()) {
            let back = from_v1(builtin::user(), to_v1(user.clone()));
            prop_assert_eq!(back.to_json(), user.to_json());
        }
    }
}

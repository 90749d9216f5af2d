//! A [`Person`] as Okta maps it to SCIM attributes, and the overlay of those on what a server returned.

use serde_json::{Map, Value, json};

use crate::{
    dialect::Dialect,
    people::{Person, placeholder_password},
};

/// The mapped attributes that have a value. Status, password and `schemas` are not among them.
pub(super) fn of(person: &Person, dialect: Dialect) -> Map<String, Value> {
    let mut profile = Map::new();
    let mut put = |name: &str, value: Value| drop(profile.insert(name.to_owned(), value));
    put("userName", json!(person.user_name));
    put("name", json!({"givenName": person.given, "familyName": person.family}));
    put("emails", json!([{"primary": true, "value": person.email, "type": "work"}]));
    put("displayName", json!(person.display_name));
    let separator = if dialect.is_v1() { '_' } else { '-' };
    put("locale", json!(format!("{}{separator}{}", person.language, person.country)));
    put("preferredLanguage", json!(person.language));
    put("timezone", json!(person.timezone));
    put("externalId", json!(person.external_id));
    let optional = [
        ("nickName", &person.nick_name),
        ("title", &person.title),
        ("userType", &person.user_type),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            put(name, json!(value));
        }
    }
    if let Some(phone) = &person.phone {
        put("phoneNumbers", json!([{"primary": true, "value": phone, "type": "work"}]));
    }
    if let Some(address) = &person.address {
        let address = json!({
            "type": "work",
            "primary": true,
            "streetAddress": address.street,
            "locality": address.city,
            "postalCode": address.postal_code,
            "country": person.country,
        });
        put("addresses", json!([address]));
    }
    if let Some(enterprise) = &person.enterprise {
        let extension = json!({
            "employeeNumber": enterprise.employee_number,
            "costCenter": enterprise.cost_center,
            "organization": enterprise.organization,
            "division": enterprise.division,
            "department": enterprise.department,
        });
        put(dialect.enterprise_schema(), extension);
    }
    profile
}

/// `schemas` names the extension only when some value of it is present.
pub(super) fn schemas(person: &Person, dialect: Dialect) -> Value {
    match person.enterprise {
        Some(_) => json!([dialect.user_schema(), dialect.enterprise_schema()]),
        None => json!([dialect.user_schema()]),
    }
}

/// The body of a create.
pub(super) fn creation(person: &Person, dialect: Dialect) -> Value {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), schemas(person, dialect));
    body.extend(of(person, dialect));
    body.insert("groups".to_owned(), json!([]));
    body.insert("password".to_owned(), json!(placeholder_password()));
    body.insert("active".to_owned(), json!(true));
    Value::Object(body)
}

/// The body that links a match in SCIM 1.1: the profile alone, without meta and password.
pub(super) fn link(person: &Person, dialect: Dialect, id: &str) -> Value {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), schemas(person, dialect));
    body.insert("id".to_owned(), json!(id));
    body.extend(of(person, dialect));
    body.insert("active".to_owned(), json!(true));
    Value::Object(body)
}
/// Okta's update: the server's own representation with the mapped attributes laid over it.
pub(super) fn overlay(stored: &Value, profile: &Map<String, Value>, schemas: &Value) -> Value {
    let mut body = stored.clone();
    if let Some(target) = body.as_object_mut() {
        for (name, value) in profile {
            lay(target.entry(name.clone()).or_insert(Value::Null), value);
        }
        let declared = target.entry("schemas").or_insert_with(|| json!([]));
        if let (Some(declared), Some(needed)) = (declared.as_array_mut(), schemas.as_array()) {
            for schema in needed {
                if !declared.contains(schema) {
                    declared.push(schema.clone());
                }
            }
        }
    }
    body
}

fn lay(target: &mut Value, value: &Value) {
    match (&mut *target, value) {
        (Value::Object(target), Value::Object(value)) => {
            for (name, value) in value {
                lay(target.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(elements), Value::Array(values)) if !values.is_empty() => {
            for value in values {
                let same = elements.iter_mut().find(|element| element["type"] == value["type"]);
                match same {
                    Some(element) => lay(element, value),
                    None => elements.push(value.clone()),
                }
            }
        }
        _ => *target = value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Company;

    #[test]
    fn the_overlay_keeps_what_only_the_server_knows() {
        let stored = json!({
            "schemas": ["urn:x"],
            "id": "1",
            "meta": {"version": "W/\"1\""},
            "name": {"formatted": "Old", "givenName": "Old", "familyName": "Name"},
            "emails": [
                {"value": "old@x", "type": "work", "display": "old"},
                {"value": "h@x", "type": "home"},
            ],
        });
        let profile = json!({
            "name": {"givenName": "New"},
            "emails": [{"value": "new@x", "type": "work", "primary": true}],
            "title": "Pilot",
        });
        let body = overlay(&stored, profile.as_object().unwrap(), &json!(["urn:y"]));
        let expected = json!({
            "schemas": ["urn:x", "urn:y"],
            "id": "1",
            "meta": {"version": "W/\"1\""},
            "name": {"formatted": "Old", "givenName": "New", "familyName": "Name"},
            "emails": [
                {"value": "new@x", "type": "work", "display": "old", "primary": true},
                {"value": "h@x", "type": "home"},
            ],
            "title": "Pilot",
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn each_dialect_names_its_own_extension() {
        let person = &Company::new(1).cast()[0];
        for dialect in [Dialect::V1, Dialect::V2] {
            let body = creation(person, dialect);
            assert!(body[dialect.enterprise_schema()]["department"].is_string());
            assert_eq!(body["schemas"][1], dialect.enterprise_schema());
            assert_eq!(body["groups"], json!([]));
        }
    }
}

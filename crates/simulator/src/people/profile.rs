//! A [`Person`] as SCIM attributes, and the overlay of those on what a server returned.

use serde_json::{Map, Value, json};

use super::{Person, placeholder_password};
use crate::Flavour;

impl Person {
    /// The mapped attributes that have a value. Status, password and `schemas` are not among them.
    pub(crate) fn profile(&self, flavour: Flavour) -> Map<String, Value> {
        let mut profile = Map::new();
        let mut put = |name: &str, value: Value| drop(profile.insert(name.to_owned(), value));
        put("userName", json!(self.user_name));
        put("name", json!({"givenName": self.given, "familyName": self.family}));
        put("emails", json!([{"primary": true, "value": self.email, "type": "work"}]));
        put("displayName", json!(self.display_name));
        let separator = if flavour.is_v1() { '_' } else { '-' };
        put("locale", json!(format!("{}{separator}{}", self.language, self.country)));
        put("preferredLanguage", json!(self.language));
        put("timezone", json!(self.timezone));
        put("externalId", json!(self.external_id));
        let optional =
            [("nickName", &self.nick_name), ("title", &self.title), ("userType", &self.user_type)];
        for (name, value) in optional {
            if let Some(value) = value {
                put(name, json!(value));
            }
        }
        if let Some(phone) = &self.phone {
            put("phoneNumbers", json!([{"primary": true, "value": phone, "type": "work"}]));
        }
        if let Some(address) = &self.address {
            let address = json!({
                "type": "work",
                "primary": true,
                "streetAddress": address.street,
                "locality": address.city,
                "postalCode": address.postal_code,
                "country": self.country,
            });
            put("addresses", json!([address]));
        }
        if let Some(enterprise) = &self.enterprise {
            let extension = json!({
                "employeeNumber": enterprise.employee_number,
                "costCenter": enterprise.cost_center,
                "organization": enterprise.organization,
                "division": enterprise.division,
                "department": enterprise.department,
            });
            put(flavour.enterprise_schema(), extension);
        }
        profile
    }

    /// `schemas` names the extension only when some value of it is present.
    pub(crate) fn schemas(&self, flavour: Flavour) -> Value {
        match self.enterprise {
            Some(_) => json!([flavour.user_schema(), flavour.enterprise_schema()]),
            None => json!([flavour.user_schema()]),
        }
    }

    /// The body of a create.
    pub(crate) fn creation(&self, flavour: Flavour) -> Value {
        let mut body = Map::new();
        body.insert("schemas".to_owned(), self.schemas(flavour));
        body.extend(self.profile(flavour));
        body.insert("groups".to_owned(), json!([]));
        body.insert("password".to_owned(), json!(placeholder_password()));
        body.insert("active".to_owned(), json!(true));
        Value::Object(body)
    }

    /// The body that links a match in SCIM 1.1: the profile alone, without meta and password.
    pub(crate) fn link(&self, flavour: Flavour, id: &str) -> Value {
        let mut body = Map::new();
        body.insert("schemas".to_owned(), self.schemas(flavour));
        body.insert("id".to_owned(), json!(id));
        body.extend(self.profile(flavour));
        body.insert("active".to_owned(), json!(true));
        Value::Object(body)
    }
}

/// Okta's update: the server's own representation with the mapped attributes laid over it.
pub(crate) fn overlay(stored: &Value, profile: &Map<String, Value>, schemas: &Value) -> Value {
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
        for flavour in Flavour::ALL {
            let body = person.creation(flavour);
            assert!(body[flavour.enterprise_schema()]["department"].is_string());
            assert_eq!(body["schemas"][1], flavour.enterprise_schema());
            assert_eq!(body["groups"], json!([]));
        }
    }
}

//! Users: what was sent must be what is stored, in the same letters.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{id_of, shown};
use crate::{
    dialect::Dialect,
    failure::{Failure, ensure},
};

/// What every provider requires a server to store. Other attributes may be unmapped.
const REQUIRED: [&str; 4] = ["userName", "name.givenName", "name.familyName", "emails.value"];

/// The form of a user, whatever its values: returns the id.
pub(crate) fn form(user: &Value, dialect: Dialect, request: &str) -> Result<String, Failure> {
    let id = id_of(user, request)?;
    super::schemas(user, dialect.user_schema(), request)?;
    ensure!(
        user.get("password").is_none(),
        "{request}: expected no `password` in the answer, but one came"
    );
    ensure!(
        user["active"].is_boolean(),
        "{request}: expected `active` to be true or false, but {} came",
        shown(&user["active"])
    );
    for name in ["emails", "phoneNumbers", "addresses"] {
        ensure!(
            user[name].is_null() || user[name].is_array(),
            "{request}: expected an array `{name}`, but {} came",
            shown(&user[name])
        );
    }
    Ok(id)
}

/// Fails unless the user's status is the expected one.
pub(crate) fn active(user: &Value, expected: bool, request: &str) -> Result<(), Failure> {
    let remark = if expected { "; a provider would try again for ever" } else { "" };
    ensure!(
        user["active"] == expected,
        "{request}: expected `active` {expected}, but {} came{remark}",
        shown(&user["active"])
    );
    Ok(())
}

/// Fails when a value differs, or when a required one is missing. Returns the paths of optional
/// attributes that the server does not keep at all.
pub(crate) fn content(
    user: &Value,
    profile: &Map<String, Value>,
    request: &str,
) -> Result<BTreeSet<String>, Failure> {
    let mut missing = BTreeSet::new();
    for (name, expected) in profile {
        compare(name, expected, &user[name], &mut missing).map_err(|difference| {
            let (path, expected, actual) = *difference;
            let case = match (&expected, &actual) {
                (Value::String(one), Value::String(two))
                    if one.to_lowercase() == two.to_lowercase() =>
                {
                    "; the case of letters must be kept"
                }
                _ => "",
            };
            Failure::new(format!(
                "{request}: expected `{path}` to be {}, but {} came{case}",
                shown(&expected),
                shown(&actual)
            ))
        })?;
    }
    if let Some(path) = REQUIRED.iter().find(|path| missing.contains(**path)) {
        return Err(Failure::new(format!("{request}: expected `{path}`, but it is missing")));
    }
    Ok(missing)
}

/// Fails when an optional attribute is missing that the server is known to keep.
pub(crate) fn nothing_lost(
    missing: &BTreeSet<String>,
    not_kept: &BTreeSet<String>,
    request: &str,
) -> Result<(), Failure> {
    match missing.difference(not_kept).next() {
        Some(path) => Err(Failure::new(format!(
            "{request}: expected `{path}` as it was sent, but it is missing"
        ))),
        None => Ok(()),
    }
}

/// Where, what was sent, what came.
type Difference = Box<(String, Value, Value)>;

fn compare(
    path: &str,
    expected: &Value,
    actual: &Value,
    missing: &mut BTreeSet<String>,
) -> Result<(), Difference> {
    match expected {
        Value::Object(members) => {
            for (name, value) in members {
                compare(&format!("{path}.{name}"), value, &actual[name], missing)?;
            }
            Ok(())
        }
        Value::Array(elements) => {
            let candidates = actual.as_array().map_or(&[][..], Vec::as_slice);
            for element in elements {
                // The type of an only element may be the server's own.
                let found = candidates
                    .iter()
                    .find(|candidate| candidate["type"] == element["type"])
                    .or_else(|| candidates.first().filter(|_| elements.len() == 1))
                    .unwrap_or(&Value::Null);
                compare(path, element, found, missing)?;
            }
            Ok(())
        }
        // A server may leave out the flag `primary`, but not change it.
        Value::Bool(_) if actual.is_null() => Ok(()),
        _ if actual.is_null() => {
            missing.insert(path.to_owned());
            Ok(())
        }
        _ if expected == actual => Ok(()),
        _ => Err(Box::new((path.to_owned(), expected.clone(), actual.clone()))),
    }
}

/// Fails when a write changed what it did not carry. Names in `changed` may differ, and what the
/// server computes.
pub(crate) fn untouched(
    before: &Value,
    after: &Value,
    changed: &[&str],
    request: &str,
) -> Result<(), Failure> {
    let Some(members) = before.as_object() else {
        return Ok(());
    };
    for (name, old) in members {
        if matches!(name.as_str(), "meta" | "groups" | "roles" | "schemas")
            || changed.contains(&name.as_str())
        {
            continue;
        }
        ensure!(
            *old == after[name],
            "{request}: expected `{name}` to stay {}, but {} came",
            shown(old),
            shown(&after[name])
        );
    }
    Ok(())
}

/// Fails unless the attribute has no value, in any of the ways JSON can say so.
pub(crate) fn empty(value: &Value, path: &str, request: &str) -> Result<(), Failure> {
    let is_empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    };
    ensure!(is_empty, "{request}: expected `{path}` to be cleared, but {} came", shown(value));
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile() -> Map<String, Value> {
        let profile = json!({
            "userName": "Ada.L@x",
            "name": {"givenName": "Ada", "familyName": "L"},
            "emails": [{"primary": true, "value": "ada@x", "type": "work"}],
            "title": "Countess",
        });
        profile.as_object().unwrap().clone()
    }

    #[test]
    fn equal_content_passes_whatever_else_there_is() {
        let mut user = Value::Object(profile());
        user["meta"] = json!({});
        user["emails"][0]["display"] = json!("x");
        assert!(content(&user, &profile(), "GET").unwrap().is_empty());
    }

    #[test]
    fn lower_cased_logins_are_refused() {
        let mut user = Value::Object(profile());
        user["userName"] = json!("ada.l@x");
        let failure = content(&user, &profile(), "POST /Users").unwrap_err().to_string();
        assert!(failure.contains("the case of letters must be kept"), "{failure}");
    }

    #[test]
    fn optional_attributes_may_be_missing_and_required_ones_may_not() {
        let mut user = Value::Object(profile());
        user.as_object_mut().unwrap().remove("title");
        let missing = content(&user, &profile(), "GET").unwrap();
        assert_eq!(missing, BTreeSet::from(["title".to_owned()]));
        nothing_lost(&missing, &missing, "GET").unwrap();
        assert!(nothing_lost(&missing, &BTreeSet::new(), "GET").is_err());
        user["name"] = json!(null);
        assert!(content(&user, &profile(), "GET").is_err());
    }

    #[test]
    fn of_two_elements_each_must_be_there() {
        let mut profile = profile();
        let home = json!({"value": "h@x", "type": "home"});
        profile["emails"].as_array_mut().unwrap().push(home);
        let mut user = Value::Object(profile.clone());
        assert!(content(&user, &profile, "GET").unwrap().is_empty());
        user["emails"].as_array_mut().unwrap().pop();
        let failure = content(&user, &profile, "GET").unwrap_err().to_string();
        assert!(failure.contains("`emails.value`"), "{failure}");
    }

    #[test]
    fn a_form_needs_a_boolean_status_and_no_password() {
        let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        let judged = |user: Value| form(&user, Dialect::V2, "GET").map_err(|e| e.to_string());
        assert!(judged(json!({"schemas": schemas, "id": "1", "active": true})).is_ok());
        let text = judged(json!({"schemas": schemas, "id": "1", "active": "true"}));
        assert!(text.unwrap_err().contains("true or false"));
        let secret = json!({"schemas": schemas, "id": "1", "active": true, "password": "x"});
        assert!(judged(secret).unwrap_err().contains("no `password`"));
    }

    #[test]
    fn an_inactive_echo_is_refused() {
        let failure = active(&json!({"active": false}), true, "POST /Users").unwrap_err();
        assert!(failure.to_string().contains("for ever"));
    }

    #[test]
    fn cleared_means_no_value_and_not_a_word_for_it() {
        for value in [json!(null), json!(""), json!([])] {
            empty(&value, "title", "GET").unwrap();
        }
        assert!(empty(&json!("None"), "title", "GET").is_err());
    }
}

//! Groups: exactly the members that were pushed.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::Value;

use super::{id_of, shown};
use crate::{
    dialect::Dialect,
    failure::{Failure, ensure},
};

/// The form of a group: returns the id.
pub(crate) fn form(group: &Value, dialect: Dialect, request: &str) -> Result<String, Failure> {
    let id = id_of(group, request)?;
    super::schemas(group, dialect.group_schema(), request)?;
    Ok(id)
}

/// Fails unless the group has this name, letter for letter.
pub(crate) fn name(group: &Value, expected: &str, request: &str) -> Result<(), Failure> {
    ensure!(
        group["displayName"] == expected,
        "{request}: expected `displayName` \"{expected}\", but {} came",
        shown(&group["displayName"])
    );
    Ok(())
}

/// The members of a group, each once. No `members` means none.
pub(crate) fn members(group: &Value, request: &str) -> Result<BTreeSet<String>, Failure> {
    let mut members = BTreeSet::new();
    let listed = match &group["members"] {
        Value::Null => return Ok(members),
        Value::Array(listed) => listed,
        other => {
            return Err(Failure::new(format!(
                "{request}: expected an array `members`, but {} came",
                shown(other)
            )));
        }
    };
    for member in listed {
        let Some(value) = member["value"].as_str().filter(|value| !value.is_empty()) else {
            return Err(Failure::new(format!(
                "{request}: expected each member to have an id as `value`, but {} came",
                shown(&member["value"])
            )));
        };
        ensure!(
            members.insert(value.to_owned()),
            "{request}: expected each member once, but `{value}` is listed twice"
        );
    }
    Ok(members)
}

/// Fails when members are shown although the request excluded them.
pub(crate) fn bare(group: &Value, request: &str) -> Result<(), Failure> {
    ensure!(
        group["members"].is_null(),
        "{request}: expected no `members`, which the request excludes, but {} came",
        shown(&group["members"])
    );
    Ok(())
}

/// Fails unless the members are these. `named` says who an id is.
pub(crate) fn exactly(
    actual: &BTreeSet<String>,
    expected: &BTreeSet<String>,
    request: &str,
    named: impl Fn(&str) -> String,
) -> Result<(), Failure> {
    let absent: Vec<_> = expected.difference(actual).collect();
    let surplus: Vec<_> = actual.difference(expected).collect();
    if absent.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    let mut sentence =
        format!("{request}: expected {} members, but {} came", expected.len(), actual.len());
    for (what, ids) in [("missing", absent), ("not removed", surplus)] {
        if let Some(first) = ids.first() {
            let others = match ids.len() - 1 {
                0 => String::new(),
                number => format!(" and {number} more"),
            };
            // Writing to a string cannot fail.
            let _ = write!(sentence, "; {what}: {}{others}", named(first));
        }
    }
    Err(Failure::new(sentence))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    #[test]
    fn no_member_may_be_said_in_three_ways() {
        for group in [json!({}), json!({"members": null}), json!({"members": []})] {
            assert!(members(&group, "GET").unwrap().is_empty());
        }
    }

    #[test]
    fn excluded_members_are_not_there_not_even_as_an_empty_list() {
        bare(&json!({"id": "7"}), "GET").unwrap();
        for members in [json!([]), json!([{"value": "a"}])] {
            let failure = bare(&json!({"members": members}), "GET").unwrap_err().to_string();
            assert!(failure.contains("excludes"), "{failure}");
        }
    }

    #[test]
    fn doubled_or_nameless_members_are_refused() {
        let twice = json!({"members": [{"value": "a"}, {"value": "a"}]});
        assert!(members(&twice, "GET").unwrap_err().to_string().contains("twice"));
        assert!(members(&json!({"members": [{"display": "a"}]}), "GET").is_err());
        assert!(members(&json!({"members": "a"}), "GET").is_err());
    }

    #[test]
    fn a_difference_names_who_is_missing_and_who_stayed() {
        let failure = exactly(&set(&["a", "b"]), &set(&["b", "c"]), "GET", |id| format!("<{id}>"));
        assert_eq!(
            failure.unwrap_err().to_string(),
            "GET: expected 2 members, but 2 came; missing: <c>; not removed: <a>"
        );
    }
}

//! [`Syntax`]: how Entra writes a PATCH, with the flag on the base URL and without.

use reqwest::header::{self, HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::target::Target;
use crate::{
    client::{Envelope, Scheme},
    server::{Member, equals},
};

/// The flag that an administrator puts on the base URL.
const FLAG: &str = "aadOptscim062020";

/// One of the two ways in which Entra writes a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// Without the flag: operations in capitals, one for each attribute, booleans as text, and a
    /// member to remove as a value.
    Unflagged,
    /// With `aadOptscim062020` on the base URL: RFC 7644 to the letter, with attributes as the keys
    /// of one value.
    Flagged,
}

/// What happens to one attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// It had no value.
    Add(Target, Value),
    /// It has another value, or is an element that may not be there.
    Replace(Target, Value),
    /// It has no value any more.
    Remove(Target),
}

impl Syntax {
    /// What a base URL asks for.
    #[must_use]
    pub fn of(base_url: &str) -> Self {
        let query = base_url.split_once('?').map_or("", |(_, query)| query);
        let mut names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
        if names.any(|name| name.eq_ignore_ascii_case(FLAG)) {
            Self::Flagged
        } else {
            Self::Unflagged
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unflagged => "entra",
            Self::Flagged => "entra-flagged",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Unflagged => "SCIM 2.0, no flag on the base URL",
            Self::Flagged => "SCIM 2.0, the flag aadOptscim062020 on the base URL",
        }
    }

    /// The base URL with the flag, if there is to be one. Entra leaves it in every request.
    pub(super) fn base_url(self, pasted: &str) -> String {
        match self {
            Self::Flagged if Self::of(pasted) == Self::Unflagged => {
                let mark = if pasted.contains('?') { '&' } else { '?' };
                format!("{}{mark}{FLAG}", pasted.trim())
            }
            _ => pasted.to_owned(),
        }
    }

    pub(super) fn envelope() -> Envelope {
        let scim = HeaderValue::from_static("application/scim+json");
        Envelope {
            headers: HeaderMap::from_iter([(header::ACCEPT, scim)]),
            content_type: "application/scim+json; charset=utf-8",
            labels_delete: false,
            space: "%20",
            scheme: Scheme::Bearer,
        }
    }

    /// A PATCH of a user.
    pub(super) fn changes(self, changes: &[Change]) -> Value {
        match self {
            Self::Unflagged => patch(&changes.iter().map(by_path).collect::<Vec<_>>()),
            Self::Flagged => patch(&by_keys(changes)),
        }
    }

    /// A PATCH that adds members.
    pub(super) fn add(self, members: &[Member]) -> Value {
        let op = if self == Self::Flagged { "add" } else { "Add" };
        patch(&[json!({"op": op, "path": "members", "value": references(members)})])
    }

    /// A PATCH that removes members: without the flag those that the value lists, and no one else.
    pub(super) fn remove(self, members: &[Member]) -> Value {
        match self {
            Self::Unflagged => {
                patch(&[json!({"op": "Remove", "path": "members", "value": references(members)})])
            }
            Self::Flagged => {
                let paths = members
                    .iter()
                    .map(|member| format!("members[{}]", equals("value", &member.id)));
                let operations = paths.map(|path| json!({"op": "remove", "path": path}));
                patch(&operations.collect::<Vec<_>>())
            }
        }
    }

    /// A PATCH that gives a group a name.
    pub(super) fn rename(self, name: &str) -> Value {
        self.changes(&[Change::Replace(Target::Simple("displayName"), json!(name))])
    }
}

/// Without the flag: capitals, a path, and text for a boolean.
fn by_path(change: &Change) -> Value {
    let (op, target, value) = match change {
        Change::Add(target, value) => ("Add", target, value),
        Change::Replace(target, value) => ("Replace", target, value),
        Change::Remove(target) => return json!({"op": "Remove", "path": target.path()}),
    };
    let value = match value {
        Value::Bool(true) => json!("True"),
        Value::Bool(false) => json!("False"),
        other => other.clone(),
    };
    json!({"op": op, "path": target.path(), "value": value})
}

/// With the flag: what has no filter in its path goes into one value, under its path as the key. A
/// status travels alone, with a path.
fn by_keys(changes: &[Change]) -> Vec<Value> {
    let mut operations = Vec::new();
    let mut keys = Map::new();
    for change in changes {
        match change {
            Change::Add(target, value) => {
                operations.push(json!({"op": "add", "path": target.path(), "value": value}));
            }
            Change::Replace(target @ Target::Typed(..), value)
            | Change::Replace(target, value @ Value::Bool(_)) => {
                operations.push(json!({"op": "replace", "path": target.path(), "value": value}));
            }
            Change::Replace(target, value) => drop(keys.insert(target.path(), value.clone())),
            Change::Remove(target) => {
                operations.push(json!({"op": "remove", "path": target.path()}));
            }
        }
    }
    if !keys.is_empty() {
        operations.push(json!({"op": "replace", "value": keys}));
    }
    operations
}

fn references(members: &[Member]) -> Vec<Value> {
    members.iter().map(|member| json!({"$ref": null, "value": member.id})).collect()
}

fn patch(operations: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::target::EMAIL, *};

    #[test]
    fn the_flag_is_seen_and_put_on_the_base_url() {
        for (url, flagged) in [
            ("http://h.example/scim", "http://h.example/scim?aadOptscim062020"),
            ("http://h.example/scim?x=1", "http://h.example/scim?x=1&aadOptscim062020"),
            (
                "http://h.example/scim?AADOptSCIM062020=1",
                "http://h.example/scim?AADOptSCIM062020=1",
            ),
        ] {
            assert_eq!(Syntax::Flagged.base_url(url), flagged);
            assert_eq!(Syntax::of(flagged), Syntax::Flagged);
            assert_eq!(Syntax::Unflagged.base_url(url), url);
        }
        assert_eq!(Syntax::of("http://aadOptscim062020.example/"), Syntax::Unflagged);
    }

    #[test]
    fn each_syntax_writes_the_same_changes_in_its_own_way() {
        let changes = [
            Change::Replace(Target::Sub("name", "givenName"), json!("Ada")),
            Change::Replace(EMAIL, json!("a@x")),
            Change::Replace(Target::Enterprise("employeeNumber"), json!("7")),
            Change::Add(Target::Simple("nickName"), json!("Babs")),
            Change::Remove(Target::Simple("title")),
            Change::Replace(Target::Simple("active"), json!(false)),
        ];
        let employee = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";
        assert_eq!(
            Syntax::Unflagged.changes(&changes)["Operations"],
            json!([
                {"op": "Replace", "path": "name.givenName", "value": "Ada"},
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@x"},
                {"op": "Replace", "path": employee, "value": "7"},
                {"op": "Add", "path": "nickName", "value": "Babs"},
                {"op": "Remove", "path": "title"},
                {"op": "Replace", "path": "active", "value": "False"},
            ])
        );
        assert_eq!(
            Syntax::Flagged.changes(&changes)["Operations"],
            json!([
                {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x"},
                {"op": "add", "path": "nickName", "value": "Babs"},
                {"op": "remove", "path": "title"},
                {"op": "replace", "path": "active", "value": false},
                {"op": "replace", "value": {"name.givenName": "Ada", employee: "7"}},
            ])
        );
    }

    #[test]
    fn a_member_leaves_by_value_or_by_path() {
        let member = Member { id: "7".to_owned(), user_name: "ada@x".to_owned() };
        assert_eq!(
            Syntax::Unflagged.remove(std::slice::from_ref(&member))["Operations"],
            json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "7"}]}])
        );
        assert_eq!(
            Syntax::Flagged.remove(&[member])["Operations"],
            json!([{"op": "remove", "path": "members[value eq \"7\"]"}])
        );
    }
}

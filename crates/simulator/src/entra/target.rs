//! [`Target`]: an attribute as Entra's mappings name it.

use serde_json::{Map, Value, json};

use crate::dialect::Dialect;

/// One attribute of a user, flat: a mapping fills it with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `displayName`
    Simple(&'static str),
    /// `name.givenName`
    Sub(&'static str, &'static str),
    /// `emails[type eq "work"].value`: the attribute, the type, the sub-attribute.
    Typed(&'static str, &'static str, &'static str),
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`
    Enterprise(&'static str),
}

/// The work address by which Entra may match.
pub(super) const EMAIL: Target = Target::Typed("emails", "work", "value");

impl Target {
    /// As a PATCH and a filter spell it.
    pub(super) fn path(self) -> String {
        match self {
            Self::Simple(name) => name.to_owned(),
            Self::Sub(name, sub) => format!("{name}.{sub}"),
            Self::Typed(name, kind, sub) => format!("{name}[type eq \"{kind}\"].{sub}"),
            Self::Enterprise(name) => format!("{}:{name}", Dialect::V2.enterprise_schema()),
        }
    }

    /// The value that a user has there.
    pub(super) fn read(self, user: &Value) -> &Value {
        match self {
            Self::Simple(name) => &user[name],
            Self::Sub(name, sub) => &user[name][sub],
            Self::Typed(name, kind, sub) => user[name]
                .as_array()
                .and_then(|elements| elements.iter().find(|element| element["type"] == kind))
                .map_or(&Value::Null, |element| &element[sub]),
            Self::Enterprise(name) => &user[Dialect::V2.enterprise_schema()][name],
        }
    }

    /// Puts a value into a body that is being written.
    pub(super) fn write(self, body: &mut Map<String, Value>, value: Value) {
        let mut within = |name: &str, sub: &str, value| {
            body.entry(name).or_insert_with(|| json!({}))[sub] = value;
        };
        match self {
            Self::Simple(name) => drop(body.insert(name.to_owned(), value)),
            Self::Sub(name, sub) => within(name, sub, value),
            Self::Enterprise(name) => within(Dialect::V2.enterprise_schema(), name, value),
            Self::Typed(name, kind, sub) => {
                let elements = body.entry(name).or_insert_with(|| json!([]));
                let Some(elements) = elements.as_array_mut() else { return };
                if let Some(element) = elements.iter_mut().find(|element| element["type"] == kind) {
                    element[sub] = value;
                } else {
                    // The first of each is the one that matters.
                    elements
                        .push(json!({"primary": elements.is_empty(), "type": kind, sub: value}));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Target; 5] = [
        Target::Simple("title"),
        Target::Sub("name", "givenName"),
        EMAIL,
        Target::Typed("emails", "home", "value"),
        Target::Enterprise("department"),
    ];

    #[test]
    fn what_is_written_is_read_there_and_nowhere_else() {
        let mut body = Map::new();
        for (at, target) in ALL.into_iter().enumerate() {
            target.write(&mut body, json!(at));
        }
        let user = Value::Object(body);
        for (at, target) in ALL.into_iter().enumerate() {
            assert_eq!(target.read(&user), &json!(at));
            assert!(target.read(&json!({})).is_null());
        }
        let expected = json!([
            {"primary": true, "type": "work", "value": 2},
            {"primary": false, "type": "home", "value": 3},
        ]);
        assert_eq!(user["emails"], expected);
    }

    #[test]
    fn paths_are_spelt_as_entra_spells_them() {
        let paths = ALL.map(Target::path);
        let expected = [
            "title",
            "name.givenName",
            "emails[type eq \"work\"].value",
            "emails[type eq \"home\"].value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ];
        assert_eq!(paths, expected);
    }
}

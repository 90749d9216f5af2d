//! A [`Person`] and a group as Entra's default mappings write them.

use serde_json::{Map, Value, json};

use super::{
    syntax::Change,
    target::{EMAIL, Target},
};
use crate::{dialect::Dialect, people::Person};

/// A schema that Entra lists on groups and that no server needs to know.
const AD_GROUP: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// How a manager is written in a create: both ways were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager<'a> {
    /// The id as a text.
    Text(&'a str),
    /// The id as the `value` of an object.
    Object(&'a str),
}

impl Manager<'_> {
    pub(super) fn json(self) -> Value {
        match self {
            Self::Text(id) => json!(id),
            Self::Object(id) => json!({"value": id}),
        }
    }
}

/// Every mapped attribute; none has a person who lacks the source of it.
fn mapping(person: &Person) -> Vec<(Target, Option<String>)> {
    let address = person.address.as_ref();
    let enterprise = person.enterprise.as_ref();
    let required = |text: &str| Some(text.to_owned());
    vec![
        (Target::Simple("userName"), required(&person.user_name)),
        (Target::Simple("externalId"), Some(object_id(&person.external_id))),
        (Target::Simple("displayName"), required(&person.display_name)),
        (Target::Simple("title"), person.title.clone()),
        (Target::Simple("nickName"), person.nick_name.clone()),
        (
            Target::Simple("preferredLanguage"),
            Some(format!("{}-{}", person.language, person.country)),
        ),
        (Target::Sub("name", "givenName"), required(&person.given)),
        (Target::Sub("name", "familyName"), required(&person.family)),
        (Target::Sub("name", "formatted"), Some(format!("{} {}", person.given, person.family))),
        (EMAIL, required(&person.email)),
        (Target::Typed("phoneNumbers", "work", "value"), person.phone.clone()),
        (Target::Typed("phoneNumbers", "mobile", "value"), person.mobile.clone()),
        (
            Target::Typed("addresses", "work", "streetAddress"),
            address.map(|address| address.street.clone()),
        ),
        (
            Target::Typed("addresses", "work", "locality"),
            address.map(|address| address.city.to_owned()),
        ),
        (
            Target::Typed("addresses", "work", "postalCode"),
            address.map(|address| address.postal_code.clone()),
        ),
        (Target::Typed("addresses", "work", "country"), address.map(|_| person.country.to_owned())),
        (
            Target::Enterprise("employeeNumber"),
            enterprise.map(|enterprise| enterprise.employee_number.clone()),
        ),
        (
            Target::Enterprise("department"),
            enterprise.map(|enterprise| enterprise.department.to_owned()),
        ),
    ]
}

/// The mapped attributes that have a value, nested as SCIM nests them.
pub(super) fn of(person: &Person) -> Map<String, Value> {
    let mut profile = Map::new();
    for (target, value) in mapping(person) {
        if let Some(value) = value {
            target.write(&mut profile, json!(value));
        }
    }
    profile
}

/// The body of a create.
pub(super) fn creation(person: &Person, manager: Option<Manager<'_>>) -> Value {
    let dialect = Dialect::V2;
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([dialect.user_schema(), dialect.enterprise_schema()]));
    body.extend(of(person));
    if let Some(manager) = manager {
        Target::Enterprise("manager").write(&mut body, manager.json());
    }
    body.insert("active".to_owned(), json!(true));
    body.insert("meta".to_owned(), json!({"resourceType": "User"}));
    body.insert("roles".to_owned(), json!([]));
    Value::Object(body)
}

/// The body of a group's create: empty, with a schema of Entra's own.
pub(super) fn group_creation(name: &str) -> Value {
    json!({
        "schemas": [Dialect::V2.group_schema(), AD_GROUP],
        "externalId": object_id(name),
        "displayName": name,
        "meta": {"resourceType": "Group"},
    })
}

/// What must change on the server so that it says of a person what Entra says.
pub(super) fn changes(stored: &Value, person: &Person) -> Vec<Change> {
    let changed = |(target, wanted): (Target, Option<String>)| {
        let present = target.read(stored);
        match wanted {
            Some(wanted) if *present == wanted => None,
            Some(wanted) if present.is_null() && !matches!(target, Target::Typed(..)) => {
                Some(Change::Add(target, json!(wanted)))
            }
            Some(wanted) => Some(Change::Replace(target, json!(wanted))),
            None if present.is_null() => None,
            None => Some(Change::Remove(target)),
        }
    };
    let active = Target::Simple("active");
    let back = (active.read(stored) != true).then(|| Change::Replace(active, json!(true)));
    mapping(person).into_iter().filter_map(changed).chain(back).collect()
}

/// The id that Entra's directory gives to what has this name: the same for the same name.
pub(super) fn object_id(name: &str) -> String {
    // FNV-1a: a hash that is no secret and never changes.
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = name.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    let digits = format!("{hash:032x}");
    format!(
        "{}-{}-4{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..]
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::people::Company;

    #[test]
    fn who_is_equal_needs_no_change_and_who_is_inactive_comes_back() {
        let person = Company::new(1).cast()[0].clone();
        let mut stored = creation(&person, Some(Manager::Text("7")));
        assert_eq!(changes(&stored, &person), []);
        stored["active"] = json!(false);
        let back = Change::Replace(Target::Simple("active"), json!(true));
        assert_eq!(changes(&stored, &person), [back]);
    }

    #[test]
    fn only_what_differs_is_changed_and_a_typed_element_is_always_replaced() {
        let person = Company::new(1).cast()[0].clone();
        let stored = creation(&person, None);
        let new = Person {
            mobile: Some("+1".to_owned()),
            title: None,
            display_name: "A".to_owned(),
            ..person
        };
        let expected = [
            Change::Replace(Target::Simple("displayName"), json!("A")),
            Change::Remove(Target::Simple("title")),
            Change::Replace(Target::Typed("phoneNumbers", "mobile", "value"), json!("+1")),
        ];
        assert_eq!(changes(&stored, &new), expected);
    }

    #[test]
    fn object_ids_look_like_guids_and_differ() {
        assert_eq!(object_id("a"), object_id("a"));
        let ids: HashSet<String> =
            Company::new(1).people(1_000).iter().map(|one| object_id(&one.external_id)).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        }
    }
}

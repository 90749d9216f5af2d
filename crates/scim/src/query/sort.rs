//! [`Sort`]: `sortBy` and `sortOrder`, and the order of values.

use std::{cmp::Ordering, fmt};

use jiff::Timestamp;

use crate::{
    AttributePath, Error, Object, Value,
    date_time::instant,
    error::{quoted, with_article},
    fold::fold,
    schema::{Attribute, ResourceSchema, Returned, Target, Type},
};

/// The order that a client asks for, RFC 7644 §3.4.2.3.
///
/// A resource stands where its value puts it: that of the attribute, of the primary one among
/// several, or of the first. A complex attribute stands for its `value`. Resources without a value
/// come last in ascending order. Descending order is ascending order read backwards, so they come
/// first there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    path: AttributePath,
    descending: bool,
}

/// What a [`Sort`] compares under a schema.
#[derive(Clone, Copy, Debug)]
pub struct SortTarget<'s> {
    /// The URN of the extension that the attribute belongs to; `None` for core and common ones.
    pub extension: Option<&'s str>,
    /// The attribute.
    pub attribute: &'s Attribute,
    /// The sub-attribute that is compared, if it is not the attribute itself.
    pub sub: Option<&'s Attribute>,
}

impl<'s> SortTarget<'s> {
    /// The attribute or sub-attribute whose type says how values compare.
    #[must_use]
    pub fn leaf(&self) -> &'s Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether this is a sub-attribute of `meta`.
    #[must_use]
    pub fn is_meta(&self, sub: &str) -> bool {
        self.extension.is_none()
            && self.attribute.name == "meta"
            && self.sub.is_some_and(|it| it.name == sub)
    }

    /// The value that a resource is sorted by.
    #[must_use]
    pub fn value<'r>(&self, resource: &'r Object) -> Option<&'r Value> {
        let home = match self.extension {
            Some(urn) => resource.get(urn)?.as_complex()?,
            None => resource,
        };
        let values = home.get(&self.attribute.name)?.values();
        let is_primary = |value: &&Value| {
            let primary = value.as_complex().and_then(|object| object.get("primary"));
            primary.and_then(Value::as_bool) == Some(true)
        };
        let value = values.iter().find(is_primary).or(values.first())?;
        match self.sub {
            Some(sub) => value.as_complex()?.get(&sub.name)?.values().first(),
            None => Some(value),
        }
    }
}

impl Sort {
    /// Reads the two parameters. Without `sortBy` there is no order to ask for; `sortOrder` is
    /// ascending unless it says otherwise.
    ///
    /// # Errors
    ///
    /// `invalidPath` where `sortBy` is not the name of an attribute, `invalidValue` where
    /// `sortOrder` is neither `ascending` nor `descending`.
    pub fn parse(sort_by: Option<&str>, sort_order: Option<&str>) -> Result<Option<Self>, Error> {
        let descending = match given(sort_order) {
            None => false,
            Some(text) if text.eq_ignore_ascii_case("ascending") => false,
            Some(text) if text.eq_ignore_ascii_case("descending") => true,
            Some(text) => {
                return Err(Error::invalid_value(format!(
                    "sortOrder must be ascending or descending, not {}.",
                    quoted(text)
                )));
            }
        };
        let Some(text) = given(sort_by) else { return Ok(None) };
        let path = AttributePath::parse(text).map_err(|_| {
            Error::invalid_path(format!(
                "sortBy must be the name of an attribute, such as userName or name.familyName, \
                 not {}.",
                quoted(text)
            ))
        })?;
        Ok(Some(Self { path, descending }))
    }

    /// The attribute as the client named it.
    #[must_use]
    pub fn path(&self) -> &AttributePath {
        &self.path
    }

    /// Whether the order is descending.
    #[must_use]
    pub fn is_descending(&self) -> bool {
        self.descending
    }

    /// What is compared, where the schema knows the attribute.
    #[must_use]
    pub fn target<'s>(&self, schema: &'s ResourceSchema) -> Option<SortTarget<'s>> {
        self.resolve(schema).ok().flatten()
    }

    /// Makes sure that resources of this type can be sorted so.
    ///
    /// # Errors
    ///
    /// `invalidPath` naming the attribute, where it is unknown, never returned, or complex without
    /// a `value` of its own.
    pub fn check(&self, schema: &ResourceSchema) -> Result<(), Error> {
        if self.resolve(schema)?.is_some() {
            return Ok(());
        }
        let resource = with_article(&schema.resource_type().name);
        Err(self.refuse(format!("is not an attribute of {resource}")))
    }

    /// The same for a list of several types: it is enough that one of them knows the attribute. In
    /// the others, no resource has a value (RFC 7644 §3.4.2.1).
    ///
    /// # Errors
    ///
    /// As [`Sort::check`].
    pub fn check_any<'s>(
        &self,
        schemas: impl IntoIterator<Item = &'s ResourceSchema>,
    ) -> Result<(), Error> {
        let mut known = false;
        for schema in schemas {
            known |= self.resolve(schema)?.is_some();
        }
        if known { Ok(()) } else { Err(self.refuse("is not an attribute of any resource type")) }
    }

    fn resolve<'s>(&self, schema: &'s ResourceSchema) -> Result<Option<SortTarget<'s>>, Error> {
        let (extension, attribute, sub) = match schema.resolve(&self.path) {
            None => return Ok(None),
            Some(Target::Extension(_)) => {
                return Err(self.refuse("is a schema; name one of its attributes"));
            }
            Some(Target::Attribute { extension, attribute, sub }) => (extension, attribute, sub),
        };
        let hidden = [Some(attribute), sub].into_iter().flatten();
        if hidden.into_iter().any(|it| it.returned == Returned::Never) {
            return Err(self.refuse("is never shown and cannot be sorted by"));
        }
        let sub = match (attribute.kind, sub) {
            (Type::Complex, None) => Some(attribute.sub_attribute("value").ok_or_else(|| {
                let part = attribute.sub_attributes.first().map_or("value", |sub| &sub.name);
                let path = &self.path;
                self.refuse(format!("has parts; name one of them, such as {path}.{part}"))
            })?),
            (_, sub) => sub,
        };
        let extension = extension.map(|extension| extension.id.as_str());
        Ok(Some(SortTarget { extension, attribute, sub }))
    }

    /// That resources cannot be sorted so, and why.
    #[must_use]
    pub fn refuse(&self, why: impl AsRef<str>) -> Error {
        Error::invalid_path(format!("sortBy: {} {}.", self.path, why.as_ref()))
    }

    /// Which of two resources comes first, by the keys of their values.
    #[must_use]
    pub fn compare(&self, one: Option<&str>, other: Option<&str>) -> Ordering {
        let ascending = match (one, other) {
            (Some(one), Some(other)) => one.cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if self.descending { ascending.reverse() } else { ascending }
    }
}

/// Prints as one text that tells an order from every other.
impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, if self.descending { "descending" } else { "ascending" })
    }
}

/// The key of a value: keys ascend (by bytes) with what they are keys of, and values that a filter
/// calls equal have one key. `None`: the value is not one of the type.
///
/// Only of whole numbers beyond 2^53 where decimals are expected several may share a key.
#[must_use]
pub fn key(attribute: &Attribute, value: &Value) -> Option<String> {
    match (attribute.kind, value) {
        (Type::Boolean, Value::Boolean(value)) => Some(value.to_string()),
        (Type::Integer, Value::Integer(number)) => Some(integer_key(*number)),
        (Type::Decimal, value) => number(value).map(decimal_key),
        (Type::DateTime, Value::String(text)) => instant(text).map(instant_key),
        (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
            Some(if attribute.case_exact { text.clone() } else { fold(text) })
        }
        _ => None,
    }
}

/// A parameter that is there and not empty.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

const SIGN: u64 = 1 << 63;

/// The key of a whole number.
#[must_use]
pub fn integer_key(number: i64) -> String {
    format!("{:016x}", number.cast_unsigned() ^ SIGN)
}

/// The key of a decimal: its bits, turned so that they ascend with it. Both zeros are one.
#[must_use]
pub fn decimal_key(number: f64) -> String {
    let bits = (number + 0.0).to_bits();
    format!("{:016x}", if bits & SIGN == 0 { bits ^ SIGN } else { !bits })
}

/// The key of an instant, to the nanosecond.
#[must_use]
pub fn instant_key(time: Timestamp) -> String {
    format!("{:032x}", time.as_nanosecond().cast_unsigned() ^ (1 << 127))
}

/// The instant of a key.
#[must_use]
pub fn instant_of(key: &str) -> Option<Timestamp> {
    let bits = u128::from_str_radix(key, 16).ok()?;
    Timestamp::from_nanosecond((bits ^ (1 << 127)).cast_signed()).ok()
}

#[expect(clippy::cast_precision_loss, reason = "a key; the filter decides exactly")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::{Sort, instant_key, instant_of, key};
    use crate::{
        Object, ScimType, Value, json,
        schema::{Attribute, builtin},
        urn,
    };

    fn sort(by: &str) -> Sort {
        Sort::parse(Some(by), None).expect(by).expect("an order")
    }

    fn ada() -> Object {
        let body = r#"{
            "id": "Id-7", "externalId": "00uA", "userName": "Ada@Example.com",
            "name": {"familyName": "Lovelace"}, "active": false, "password": "x",
            "emails": [
                {"value": "Home@example.com", "type": "home"},
                {"value": "Work@example.com", "type": "work", "primary": true}
            ],
            "phoneNumbers": [{"value": "2"}, {"value": "1"}],
            "photos": [],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Engines", "manager": {"value": "42"}
            },
            "meta": {"resourceType": "User", "lastModified": "2026-11-21T08:30:00.000Z"}
        }"#;
        json::from_slice(body.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn key_of(by: &str) -> Option<String> {
        let sort = sort(by);
        sort.check(builtin::user()).expect(by);
        let target = sort.target(builtin::user()).expect(by);
        key(target.leaf(), target.value(&ada())?)
    }

    #[test]
    fn parameters() {
        let parse = |by, order| Sort::parse(by, order).expect("valid");
        assert_eq!(parse(None, None), None);
        assert_eq!(parse(Some(" "), Some("descending")), None);
        assert_eq!(parse(Some("a"), Some("DESCENDING")).expect("one").to_string(), "a descending");
        assert_eq!(parse(Some(" a.b "), Some("")).expect("one").to_string(), "a.b ascending");
        let refused = |by, order| Sort::parse(by, order).expect_err("refused").scim_type();
        assert_eq!(refused(Some("a b"), None), ScimType::InvalidPath);
        assert_eq!(refused(Some("emails[type eq \"x\"]"), None), ScimType::InvalidPath);
        assert_eq!(refused(None, Some("down")), ScimType::InvalidValue);
    }

    #[test]
    fn each_attribute_has_one_value_to_sort_by() {
        let enterprise = |name: &str| format!("{}:{name}", urn::ENTERPRISE_USER);
        for (by, expected) in [
            ("userName", "ada@example.com"),
            ("USERNAME", "ada@example.com"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName", "ada@example.com"),
            ("id", "Id-7"),
            ("externalId", "00uA"),
            ("name.familyName", "lovelace"),
            ("active", "false"),
            // The primary value, or else the first.
            ("emails", "work@example.com"),
            ("emails.value", "work@example.com"),
            ("emails.type", "work"),
            ("phoneNumbers", "2"),
            (&enterprise("department"), "engines"),
            (&enterprise("manager"), "42"),
            ("meta.resourceType", "User"),
        ] {
            assert_eq!(key_of(by).as_deref(), Some(expected), "{by}");
        }
        for by in ["title", "name.givenName", "photos", "phoneNumbers.type", "emails.display"] {
            assert_eq!(key_of(by), None, "{by}");
        }
    }

    #[test]
    fn what_has_no_order_is_refused_by_name() {
        let refused = |by: &str| sort(by).check(builtin::user()).expect_err(by).detail().to_owned();
        assert_eq!(refused("shoeSize"), "sortBy: shoeSize is not an attribute of a User.");
        assert_eq!(
            refused("name"),
            "sortBy: name has parts; name one of them, such as name.formatted."
        );
        assert!(refused("password").contains("never shown"));
        assert!(refused(urn::ENTERPRISE_USER).contains("is a schema"));
        assert!(refused("meta").contains("such as meta."));
        let both = [&**builtin::user(), &**builtin::group()];
        assert_eq!(sort("userName").check_any(both), Ok(()));
        assert_eq!(
            sort("shoeSize").check_any(both).expect_err("unknown").detail(),
            "sortBy: shoeSize is not an attribute of any resource type."
        );
    }

    #[test]
    fn what_is_missing_comes_last_and_backwards_first() {
        let up = sort("title");
        let down = Sort::parse(Some("title"), Some("descending")).expect("valid").expect("one");
        for (one, other, order) in [
            (Some("a"), Some("b"), Ordering::Less),
            (Some("a"), Some("a"), Ordering::Equal),
            (Some("z"), None, Ordering::Less),
            (None, None, Ordering::Equal),
        ] {
            assert_eq!(up.compare(one, other), order);
            assert_eq!(down.compare(one, other), order.reverse());
            assert_eq!(up.compare(other, one), order.reverse());
        }
    }

    fn of(kind: &str) -> Attribute {
        serde_json::from_str(&format!(r#"{{"name":"n","type":"{kind}"}}"#)).expect("an attribute")
    }

    #[test]
    fn keys_ascend_with_their_values() {
        let ascending = |kind: &str, values: Vec<Value>| {
            let keys: Vec<String> =
                values.iter().map(|value| key(&of(kind), value).expect("a key")).collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{kind}: {keys:?}");
        };
        ascending("integer", [i64::MIN, -1, 0, 1, i64::MAX].map(Value::Integer).into());
        let decimals = [f64::MIN, -1.5, -0.25, 0.0, 0.5, 2.0, f64::MAX];
        ascending("decimal", decimals.map(Value::Decimal).into());
        let times = [
            "1969-01-01T00:00:00Z",
            "2026-01-01T00:00:00+01:00",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000000001Z",
        ];
        ascending("dateTime", times.map(Value::from).into());
        ascending("boolean", [false, true].map(Value::Boolean).into());
        ascending("string", ["", "A", "aa", "B", "é", "\u{ffff}", "😀"].map(Value::from).into());
        let time = |text: &str| key(&of("dateTime"), &text.into()).expect("a key");
        assert_eq!(time("2026-01-01T00:00:00"), time("2026-01-01T00:00:00Z"));
        let same = |a: Value, b: Value| {
            assert_eq!(key(&of("decimal"), &a), key(&of("decimal"), &b));
        };
        same(Value::Integer(2), Value::Decimal(2.0));
        same(Value::Decimal(-0.0), Value::Decimal(0.0));
        assert_eq!(key(&of("string"), &Value::Integer(1)), None);
    }

    proptest! {
        #[test]
        fn instants_and_their_keys(one in any::<i32>(), nanos in 0..1_000_000_000_i32) {
            let time = jiff::Timestamp::new(one.into(), nanos)?;
            prop_assert_eq!(instant_of(&instant_key(time)), Some(time));
        }

        #[test]
        fn any_text_can_be_asked_for(by in ".{0,40}", order in ".{0,12}") {
            if let Ok(Some(sort)) = Sort::parse(Some(&by), Some(&order)) {
                let _ = sort.check(builtin::user());
            }
        }
    }
}

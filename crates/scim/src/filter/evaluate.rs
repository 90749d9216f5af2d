//! Filters on resources and on values.

use std::cmp::Ordering;

use super::{Comparison, Filter, FilterValue, check::part};
use crate::{
    AttributePath, Object, Value,
    date_time::instant,
    fold::fold,
    schema::{Attribute, ResourceSchema, Target, Type},
};

impl Filter {
    /// Whether a resource in its full 2.0 representation satisfies the filter.
    ///
    /// Core attributes stand at the top level (`id`, `externalId` and `meta` too), those of an
    /// extension under its URN. RFC 7644 §3.4.2.2, and where it is silent:
    ///
    /// * A condition on a multi-valued attribute holds when it holds for any of its values. A
    ///   complex value stands for its `value` sub-attribute.
    /// * `ne` is `not eq`: it holds when no value is equal, so also when there is no value.
    /// * `eq null` asks for an attribute without a value, `ne null` for one with a value. An
    ///   empty text is no value.
    /// * Where the schema says that case does not count, both sides are mapped by [`fold`] first,
    ///   for `gt` and its like too.
    /// * Date-times compare as instants, whatever their offset; one without an offset is UTC.
    ///
    /// An attribute that the schema does not know has no value: see [`Filter::check`].
    #[must_use]
    pub fn matches(&self, schema: &ResourceSchema, resource: &Object) -> bool {
        holds(self, Subject::Resource(schema, resource))
    }

    /// Whether one value of an attribute satisfies the filter that stands in brackets after it.
    /// The paths name sub-attributes; a value without any has only `value`, which is itself.
    #[must_use]
    pub fn matches_value(&self, attribute: &Attribute, value: &Value) -> bool {
        holds(self, Subject::Value(attribute, value))
    }
}

/// What a filter looks at.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Resource(&'a ResourceSchema, &'a Object),
    Value(&'a Attribute, &'a Value),
}

impl Subject<'_> {
    /// Whether there is a value: of an attribute, or of any attribute of an extension.
    fn has(self, path: &AttributePath) -> bool {
        if let Self::Resource(schema, resource) = self
            && let Some(Target::Extension(extension)) = schema.resolve(path)
        {
            return resource.get(&extension.id).is_some_and(is_present);
        }
        self.any(path, |_, value| is_present(value))
    }

    /// Whether the test passes for any value of what the path names.
    fn any(self, path: &AttributePath, test: impl Fn(&Attribute, &Value) -> bool) -> bool {
        match self {
            Self::Resource(schema, resource) => {
                let Some(Target::Attribute { extension, attribute, sub }) = schema.resolve(path)
                else {
                    return false;
                };
                let home = match extension {
                    Some(extension) => resource.get(&extension.id).and_then(Value::as_complex),
                    None => Some(resource),
                };
                let value = home.and_then(|home| home.get(&attribute.name));
                let mut values = value.map_or(&[][..], Value::values).iter();
                match sub {
                    None => values.any(|value| test(attribute, value)),
                    Some(sub) => values.any(|value| any_part(sub, value, &test)),
                }
            }
            Self::Value(attribute, value) => match part(attribute, path) {
                Some(sub) if attribute.kind == Type::Complex => any_part(sub, value, &test),
                Some(itself) => test(itself, value),
                None => false,
            },
        }
    }
}

/// Whether the test passes for any value of a sub-attribute.
fn any_part(sub: &Attribute, value: &Value, test: &impl Fn(&Attribute, &Value) -> bool) -> bool {
    let part = value.as_complex().and_then(|object| object.get(&sub.name));
    part.map_or(&[][..], Value::values).iter().any(|value| test(sub, value))
}

fn holds(filter: &Filter, subject: Subject<'_>) -> bool {
    match filter {
        Filter::And(terms) => terms.iter().all(|term| holds(term, subject)),
        Filter::Or(terms) => terms.iter().any(|term| holds(term, subject)),
        Filter::Not(term) => !holds(term, subject),
        Filter::Present(path) => subject.has(path),
        Filter::Compare { path, op, value: FilterValue::Null } => {
            let present = subject.has(path);
            match op {
                Comparison::Equal => !present,
                Comparison::NotEqual => present,
                _ => false,
            }
        }
        Filter::Compare { path, op: Comparison::NotEqual, value: literal } => !subject
            .any(path, |attribute, value| compare(attribute, value, Comparison::Equal, literal)),
        Filter::Compare { path, op, value: literal } => {
            subject.any(path, |attribute, value| compare(attribute, value, *op, literal))
        }
        Filter::ValuePath { path, filter } => {
            subject.any(path, |attribute, value| holds(filter, Subject::Value(attribute, value)))
        }
    }
}

/// RFC 7644 §3.4.2.2: `pr` holds for a value that is not empty, or a complex value with such a
/// part.
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Complex(object) => object.iter().any(|(_, part)| is_present(part)),
        Value::Multi(values) => values.iter().any(is_present),
        Value::Boolean(_) | Value::Integer(_) | Value::Decimal(_) => true,
    }
}

fn compare(attribute: &Attribute, value: &Value, op: Comparison, literal: &FilterValue) -> bool {
    match (attribute.kind, value, literal) {
        (Type::Complex, Value::Complex(object), _) => {
            match (attribute.sub_attribute("value"), object.get("value")) {
                (Some(sub), Some(value)) => compare(sub, value, op, literal),
                _ => false,
            }
        }
        (Type::Boolean, Value::Boolean(value), FilterValue::Boolean(literal)) => {
            op == Comparison::Equal && value == literal
        }
        (Type::Boolean, Value::Boolean(value), FilterValue::String(literal)) => {
            op == Comparison::Equal && literal.eq_ignore_ascii_case(&value.to_string())
        }
        (Type::Integer | Type::Decimal, value, literal) => {
            numbers(value, literal).is_some_and(|ordering| in_order(op, ordering))
        }
        (Type::DateTime, Value::String(value), FilterValue::String(literal)) => {
            match (instant(value), instant(literal)) {
                (Some(value), Some(literal)) => in_order(op, value.cmp(&literal)),
                _ => false,
            }
        }
        (_, Value::String(value), FilterValue::String(literal)) if attribute.case_exact => {
            texts(value, op, literal)
        }
        (_, Value::String(value), FilterValue::String(literal)) => {
            texts(&fold(value), op, &fold(literal))
        }
        _ => false,
    }
}

fn texts(value: &str, op: Comparison, literal: &str) -> bool {
    match op {
        Comparison::Contains => value.contains(literal),
        Comparison::StartsWith => value.starts_with(literal),
        Comparison::EndsWith => value.ends_with(literal),
        _ => in_order(op, value.cmp(literal)),
    }
}

/// Two whole numbers compare exactly, others as decimals.
#[expect(clippy::cast_precision_loss, reason = "a decimal on the other side is as imprecise")]
fn numbers(value: &Value, literal: &FilterValue) -> Option<Ordering> {
    let value = match (value, literal) {
        (Value::Integer(value), FilterValue::Integer(literal)) => return Some(value.cmp(literal)),
        (Value::Integer(value), _) => *value as f64,
        (Value::Decimal(value), _) => *value,
        _ => return None,
    };
    match literal {
        FilterValue::Integer(literal) => value.partial_cmp(&(*literal as f64)),
        FilterValue::Decimal(literal) => value.partial_cmp(literal),
        _ => None,
    }
}

fn in_order(op: Comparison, ordering: Ordering) -> bool {
    match op {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Contains | Comparison::StartsWith | Comparison::EndsWith => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Filter, Object, Value, json, schema::builtin};

    fn ada() -> Object {
        let body = r#"{
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "Id-7", "externalId": "00uA", "userName": "Ada@Example.com", "nickName": "",
            "name": {"givenName": "Ada", "familyName": "L\u00f6velace"},
            "active": false,
            "emails": [
                {"value": "ada@work.example", "type": "work", "primary": true},
                {"value": "ada@home.example", "type": "home"}
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Engines", "manager": {"value": "42"}
            },
            "meta": {"lastModified": "2026-11-21T08:30:00.000Z"}
        }"#;
        json::from_slice(body.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn matches(text: &str) -> bool {
        let filter = Filter::parse(text).expect(text);
        filter.check(builtin::user(), &mut crate::Notes::default()).expect(text);
        filter.matches(builtin::user(), &ada())
    }

    #[track_caller]
    fn all(expected: bool, texts: &[&str]) {
        for text in texts {
            assert_eq!(matches(text), expected, "{text}");
        }
    }

    #[test]
    fn case_counts_where_the_schema_says_so() {
        all(
            true,
            &[
                r#"userName eq "ada@example.COM""#,
                r#"name.familyName eq "LÖVELACE""#,
                r#"userName sw "ADA" and userName ew ".com" and userName co "@""#,
                r#"userName gt "AAA" and userName lt "b" and userName ge "ada@example.com""#,
                r#"id eq "Id-7" and externalId sw "00uA""#,
            ],
        );
        all(false, &[r#"id eq "id-7""#, r#"externalId eq "00ua""#, r#"userName lt "ada""#]);
    }

    #[test]
    fn any_value_of_a_multi_valued_attribute_will_do() {
        all(
            true,
            &[
                r#"emails eq "ada@home.example""#,
                r#"emails.value co "HOME""#,
                r#"emails[type eq "work" and value ew "work.example"]"#,
                r#"emails[type eq "work"].value eq "ada@work.example""#,
                r#"emails.type eq "work" and emails.value eq "ada@home.example""#,
                "emails[not (primary eq true)]",
                r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#,
                r#"schemas[value ew ":User"]"#,
                r#"name[familyName pr and givenName eq "ada"]"#,
            ],
        );
        all(
            false,
            &[
                r#"emails[type eq "work" and value eq "ada@home.example"]"#,
                r#"emails[type eq "other"]"#,
                "emails.display pr",
            ],
        );
    }

    #[test]
    fn not_equal_is_the_contrary_of_equal() {
        all(
            true,
            &[
                r#"userName ne "bob""#,
                r#"title ne "x""#,
                r#"emails.value ne "x""#,
                r#"emails[type ne "work"]"#,
            ],
        );
        all(false, &[r#"emails.value ne "ada@home.example""#, r#"userName ne "ada@example.com""#]);
    }

    #[test]
    fn presence_ignores_what_is_empty() {
        all(true, &["active pr", "name pr", "emails pr", "title eq null", "nickName eq null"]);
        all(false, &["nickName pr", "title pr", "title ne null", "addresses pr"]);
        all(true, &["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr"]);
    }

    #[test]
    fn booleans_and_instants_compare_by_meaning() {
        all(
            true,
            &[
                "active eq false",
                r#"active eq "False""#,
                "active ne true",
                r#"meta.lastModified eq "2026-11-21T09:30:00+01:00""#,
                r#"meta.lastModified gt "2026-11-21T08:29:59.999Z""#,
                r#"meta.lastModified le "2026-11-21T08:30:00Z""#,
                r#"meta.lastModified eq "2026-11-21T08:30:00""#,
                r#"meta.lastModified gt "2026-11-21T08:29:59.5""#,
            ],
        );
        all(false, &["active eq true", r#"meta.lastModified lt "2026-11-21T09:00:00+01:00""#]);
    }

    #[test]
    fn extensions_are_found_under_their_urn() {
        all(
            true,
            &[
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "engines""#,
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "42""#,
                "urn:ietf:params:scim:schemas:core:2.0:User:userName pr",
            ],
        );
    }

    #[test]
    fn an_extension_is_present_where_it_has_a_value() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let filter = Filter::parse(&format!("{urn} pr")).expect("a filter");
        assert_eq!(filter.to_string(), format!("{urn} pr"));
        all(true, &[&format!("{urn} pr"), &format!("{} pr and active pr", urn.to_uppercase())]);
        all(false, &[&format!("not ({urn} pr)")]);
        let user = Object::new().with("userName", "bob");
        let empty = Object::new().with("department", "");
        for bare in [user.clone(), user.with(urn, empty)] {
            assert!(!filter.matches(builtin::user(), &bare));
        }
    }

    #[test]
    fn logic_follows_precedence() {
        all(true, &["title pr and title pr or active pr", "not (title pr) and active pr"]);
        all(false, &["title pr and (title pr or active pr)", "not (title pr or active pr)"]);
    }

    #[test]
    fn numbers_compare_by_size() {
        let attribute = serde_json::from_str(r#"{"name":"n","type":"decimal","multiValued":true}"#);
        let attribute = attribute.expect("an attribute");
        let value = |text: &str, value: Value| {
            Filter::parse(text).expect(text).matches_value(&attribute, &value)
        };
        assert!(value("value gt 1.5", Value::Integer(2)));
        assert!(value("value eq 2", Value::Decimal(2.0)));
        assert!(value("value lt 9007199254740993", Value::Integer(9_007_199_254_740_992)));
        assert!(!value("value eq 2", Value::from("2")));
    }
}

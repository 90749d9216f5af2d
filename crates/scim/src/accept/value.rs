//! One attribute's value, by the definition of the attribute.

use std::fmt;

use super::{text, wrong_type};
use crate::{
    Error, Leniency, Name, Notes, Object, Value,
    schema::{Attribute, Mutability, Type},
};

/// Values of one attribute. Each is compared with the others to keep equal ones once.
pub(crate) const MOST_VALUES: usize = 1_000;

/// Reads the whole value of an attribute: all values of a multi-valued one.
///
/// `None` means that there is no value: `null`, an empty text, an empty list, an empty object.
/// Of several values equal ones are kept once, at most one is `primary` (RFC 7643 §2.4), and that
/// one is put first: some clients read the first value only.
///
/// # Errors
///
/// `invalidValue` where a value has the wrong type or is too long, or where there are more than
/// 1,000.
pub fn attribute(
    attribute: &Attribute,
    value: Value,
    notes: &mut Notes,
) -> Result<Option<Value>, Error> {
    accept(Site::of(attribute), value, notes)
}

/// Reads one value of an attribute, which may have several.
///
/// # Errors
///
/// As [`attribute`].
pub fn single(
    attribute: &Attribute,
    value: Value,
    notes: &mut Notes,
) -> Result<Option<Value>, Error> {
    one(Site::of(attribute), value, notes)
}

/// The attribute that is read, and the one that it is a part of. Prints as `name.givenName`.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    parent: Option<&'a Attribute>,
    pub(super) attribute: &'a Attribute,
}

impl<'a> Site<'a> {
    fn of(attribute: &'a Attribute) -> Self {
        Self { parent: None, attribute }
    }

    pub(super) fn sub(parent: &'a Attribute, attribute: &'a Attribute) -> Self {
        Self { parent: Some(parent), attribute }
    }
}

impl fmt::Display for Site<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{}.", parent.name)?;
        }
        f.write_str(&self.attribute.name)
    }
}

/// As [`attribute`], for an attribute or a sub-attribute.
pub(super) fn accept(
    site: Site<'_>,
    value: Value,
    notes: &mut Notes,
) -> Result<Option<Value>, Error> {
    if site.attribute.multi_valued { several(site, value, notes) } else { one(site, value, notes) }
}

fn several(site: Site<'_>, value: Value, notes: &mut Notes) -> Result<Option<Value>, Error> {
    let sent = match value {
        Value::Multi(values) => values,
        Value::Null => return Ok(None),
        value if value.as_str() == Some("") => return nothing(site, notes),
        one => {
            let text = format!("{site}: one value where a list belongs");
            notes.correct(Leniency::SingleValue, text)?;
            vec![one]
        }
    };
    if sent.len() > MOST_VALUES {
        return Err(Error::invalid_value(format!("{site} has more than {MOST_VALUES} values.")));
    }
    let mut values = Vec::with_capacity(sent.len());
    for value in sent {
        if value == Value::Null {
            nothing(site, notes)?;
            continue;
        }
        let named = names_content(site.attribute, &value);
        let Some(value) = one(site, value, notes)? else {
            continue;
        };
        if named && !has_content(&value) {
            let text = format!("{site}: a value with nothing but type and primary");
            notes.correct(Leniency::HollowValue, text)?;
        } else if !values.contains(&value) {
            values.push(value);
        }
    }
    primary_first(site, &mut values, notes)?;
    Ok((!values.is_empty()).then_some(Value::Multi(values)))
}

/// Whether a value was sent with a part that says more than what kind of value it is. Providers
/// send `{"type":"work","primary":true,"value":null}` for an address that a person does not have,
/// while `{"type":"work"}` is what a PATCH may have left of one.
fn names_content(attribute: &Attribute, sent: &Value) -> bool {
    sent.as_complex().is_some_and(|object| {
        object
            .iter()
            .filter(|(name, _)| !is_kind(name))
            .any(|(name, _)| attribute.sub_attribute(name.as_str()).is_some())
    })
}

/// Whether a value that was read says more than what kind of value it is.
fn has_content(value: &Value) -> bool {
    value.as_complex().is_none_or(|object| object.iter().any(|(name, _)| !is_kind(name)))
}

fn is_kind(name: &Name) -> bool {
    *name == "type" || *name == "primary"
}

/// RFC 7643 §2.4: `primary` is true at most once. Of several the first is believed.
fn primary_first(site: Site<'_>, values: &mut [Value], notes: &mut Notes) -> Result<(), Error> {
    let Some(first) = values.iter().position(is_primary) else {
        return Ok(());
    };
    for value in &mut values[first + 1..] {
        if is_primary(value)
            && let Value::Complex(object) = value
        {
            object.remove("primary");
            let text = format!("{site}: more than one primary value");
            notes.correct(Leniency::SeveralPrimary, text)?;
        }
    }
    values[..=first].rotate_right(1);
    Ok(())
}

fn is_primary(value: &Value) -> bool {
    value.as_complex().and_then(|object| object.get("primary")) == Some(&Value::Boolean(true))
}

fn one(site: Site<'_>, value: Value, notes: &mut Notes) -> Result<Option<Value>, Error> {
    match (site.attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Type::Complex, Value::Complex(object)) if object.is_empty() => Ok(None),
        (kind, value) if value.as_str() == Some("") && is_textual(kind) => Ok(None),
        (_, value) if value.is_unassigned() || value.as_str() == Some("") => nothing(site, notes),
        (Type::Complex, value) => complex(site, value, notes),
        (Type::Boolean, value) => boolean(site, value, notes).map(Some),
        (Type::Integer | Type::Decimal, value @ Value::Integer(_))
        | (Type::Decimal, value @ Value::Decimal(_)) => Ok(Some(value)),
        (Type::Integer, value) => {
            let number = value.as_str().and_then(|text| text.parse().ok()).map(Value::Integer);
            from_text(
                site,
                number.ok_or_else(|| wrong_type(site, "a whole number", &value))?,
                notes,
            )
        }
        (Type::Decimal, value) => {
            let number = value.as_str().and_then(decimal).map(Value::Decimal);
            from_text(site, number.ok_or_else(|| wrong_type(site, "a number", &value))?, notes)
        }
        (Type::String | Type::DateTime | Type::Reference | Type::Binary, value) => {
            text::accept(site, value, notes)
        }
    }
}

fn is_textual(kind: Type) -> bool {
    matches!(kind, Type::String | Type::DateTime | Type::Reference | Type::Binary)
}

/// Providers clear a value of any type with an empty text, and send lists and objects without
/// content for what a person does not have.
fn nothing(site: Site<'_>, notes: &mut Notes) -> Result<Option<Value>, Error> {
    let text = format!("{site}: nothing, as another type than its own");
    notes.correct(Leniency::EmptyValue, text).map(|()| None)
}

/// A number that stood in a text.
fn from_text(site: Site<'_>, number: Value, notes: &mut Notes) -> Result<Option<Value>, Error> {
    notes.correct(Leniency::TextForNumber, format!("{site}: a text where a number belongs"))?;
    Ok(Some(number))
}

/// JSON has no infinity and no NaN, and neither have we.
fn decimal(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Entra and `OneLogin` send `"True"` and `"false"`.
fn boolean(site: Site<'_>, value: Value, notes: &mut Notes) -> Result<Value, Error> {
    let read = match &value {
        Value::Boolean(_) => return Ok(value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => true,
        Value::String(text) if text.eq_ignore_ascii_case("false") => false,
        _ => return Err(wrong_type(site, "true or false", &value)),
    };
    notes.correct(Leniency::BooleanText, format!("{site}: a text where a boolean belongs"))?;
    Ok(Value::Boolean(read))
}

fn complex(site: Site<'_>, value: Value, notes: &mut Notes) -> Result<Option<Value>, Error> {
    let value = renamed(site.attribute, value, notes)?;
    let object = match value {
        Value::Complex(object) => object,
        // A bare role, mail address or manager is the `value` of one.
        Value::String(_) | Value::Integer(_) | Value::Decimal(_)
            if site.attribute.sub_attribute("value").is_some() =>
        {
            let text = format!("{site}: a plain value where an object belongs");
            notes.correct(Leniency::PlainValue, text)?;
            Object::new().with("value", value)
        }
        value => return Err(wrong_type(site, "a JSON object", &value)),
    };
    let mut canonical = Object::new();
    for (name, value) in object {
        let Some(sub) = site.attribute.sub_attribute(name.as_str()) else {
            notes.ignore_unknown(format!("{site}.{name}"))?;
            continue;
        };
        if sub.mutability == Mutability::ReadOnly {
            continue;
        }
        if let Some(value) = accept(Site::sub(site.attribute, sub), value, notes)? {
            canonical.insert(sub.name.as_str(), value);
        }
    }
    Ok((!canonical.is_empty()).then_some(Value::Complex(canonical)))
}

/// `managerId`, the name of SCIM 1.1 for the `value` of a manager: templates of `OneLogin` keep it
/// in 2.0.
pub(crate) fn renamed(
    attribute: &Attribute,
    mut value: Value,
    notes: &mut Notes,
) -> Result<Value, Error> {
    if attribute.name == "manager"
        && let Value::Complex(manager) = &mut value
        && manager.get("value").is_none()
        && let Some(id) = manager.remove("managerId")
    {
        let text = "manager.managerId: the name of SCIM 1.1 for manager.value";
        notes.correct(Leniency::ManagerId, text)?;
        manager.insert("value", id);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::{attribute, single};
    use crate::{
        Error, Notes, Profile, Value,
        json::{self, from_slice},
        schema::{Attribute, builtin},
        urn,
    };

    fn definition(name: &str) -> &'static Attribute {
        builtin::user().attribute(name).expect("a user has it")
    }

    fn value(text: &str) -> Value {
        let body = from_slice(format!("{{\"it\":{text}}}").as_bytes(), json::Limits::default());
        body.expect("JSON").remove("it").expect("there")
    }

    fn read(name: &str, text: &str) -> Result<(String, Notes), Error> {
        let mut notes = Notes::default();
        let read = attribute(definition(name), value(text), &mut notes)?;
        let text = read.map_or("unassigned".to_owned(), |it| serde_json::to_string(&it).unwrap());
        Ok((text, notes))
    }

    /// Read as is, without a remark.
    fn plain(name: &str, text: &str) -> String {
        let (read, notes) = read(name, text).expect("accepted");
        assert_eq!(notes, Notes::default(), "{name}: {text}");
        read
    }

    /// Read leniently, with the remark.
    fn lenient(name: &str, text: &str) -> (String, String) {
        let (read, notes) = read(name, text).expect("accepted");
        assert_eq!(notes.corrected().len(), 1, "{name}: {text}: {notes:?}");
        (read, notes.corrected()[0].to_string())
    }

    fn refusal(name: &str, text: &str) -> String {
        read(name, text).expect_err("refused").detail().to_owned()
    }

    #[test]
    fn nothing_comes_in_many_forms() {
        for (name, text) in [
            ("title", "null"),
            ("title", "\"\""),
            ("name", "{}"),
            ("name", r#"{"givenName":"","familyName":null}"#),
            ("emails", "null"),
            ("emails", "[]"),
            ("emails", "[{}]"),
        ] {
            assert_eq!(plain(name, text), "unassigned", "{name}: {text}");
        }
        for (name, text) in [
            ("title", "{}"),
            ("title", "[]"),
            ("active", "\"\""),
            ("name", "\"\""),
            ("emails", "\"\""),
            ("emails", "[null,{},\"\"]"),
            ("emails", r#"[{"type":"work","primary":true,"value":null}]"#),
            ("addresses", r#"[{"type":"work","primary":true,"locality":""}]"#),
        ] {
            assert_eq!(lenient(name, text).0, "unassigned", "{name}: {text}");
        }
        // What a PATCH left of a value is not said to be nothing.
        for text in [r#"[{"type":"work"}]"#, r#"[{"type":"work","primary":true}]"#] {
            assert_eq!(plain("emails", text), text);
        }
    }

    #[test]
    fn booleans_may_be_strings() {
        assert_eq!(plain("active", "false"), "false");
        assert_eq!(lenient("active", "\"False\"").0, "false");
        assert_eq!(lenient("active", "\"TRUE\"").0, "true");
        assert_eq!(refusal("active", "\"yes\""), "active must be true or false, not \"yes\".");
        assert_eq!(refusal("active", "1"), "active must be true or false, not 1.");
    }

    #[test]
    fn numbers_become_text_where_text_is_meant() {
        assert_eq!(lenient("title", "701984").0, "\"701984\"");
        assert_eq!(lenient("externalId", "1.5").0, "\"1.5\"");
        assert_eq!(
            lenient("addresses", r#"[{"postalCode":94103}]"#).0,
            r#"[{"postalCode":"94103"}]"#
        );
        assert_eq!(refusal("title", "true"), "title must be a string, not true.");
        // Digits were lost already: it would be another id.
        assert!(refusal("externalId", "18446744073709551617").contains("must be a string"));
        assert_eq!(
            refusal("name", r#"{"givenName":["a"]}"#),
            "name.givenName must be a string, not a list."
        );
        assert_eq!(refusal("profileUrl", "5"), "profileUrl must be a URI, not 5.");
    }

    #[test]
    fn one_value_may_stand_for_a_list_or_an_object() {
        assert_eq!(lenient("emails", r#"{"value":"a@x"}"#).0, r#"[{"value":"a@x"}]"#);
        assert_eq!(
            lenient("roles", r#"["admin","auditor"]"#),
            (
                r#"[{"value":"admin"},{"value":"auditor"}]"#.to_owned(),
                "roles: a plain value where an object belongs".to_owned()
            )
        );
        let manager = builtin::user().extension(urn::ENTERPRISE_USER).unwrap();
        let manager = manager.attribute("manager").expect("manager");
        let read = single(manager, "26118915".into(), &mut Notes::default()).expect("accepted");
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"value":"26118915"}"#);
        assert!(refusal("addresses", "[\"Paris\"]").contains("must be a JSON object"));
        assert!(refusal("emails", "[[\"a\"]]").contains("not a list"));
        assert!(refusal("title", "[\"a\"]").contains("not a list"));
    }

    #[test]
    fn the_primary_value_is_one_and_comes_first() {
        assert_eq!(
            plain("emails", r#"[{"value":"a"},{"value":"b","primary":true},{"value":"c"}]"#),
            r#"[{"value":"b","primary":true},{"value":"a"},{"value":"c"}]"#
        );
        assert_eq!(
            lenient("emails", r#"[{"value":"a","primary":true},{"value":"b","primary":true}]"#).0,
            r#"[{"value":"a","primary":true},{"value":"b"}]"#
        );
    }

    #[test]
    fn equal_values_are_kept_once() {
        assert_eq!(
            plain("roles", r#"[{"value":"a"},{"value":"b"},{"VALUE":"a"},{"value":"A"}]"#),
            r#"[{"value":"a"},{"value":"b"},{"value":"A"}]"#
        );
    }

    #[test]
    fn sub_attributes_that_are_unknown_are_noted() {
        let (read, notes) = read("emails", r#"[{"value":"a@x","verified":true}]"#).unwrap();
        assert_eq!(read, r#"[{"value":"a@x"}]"#);
        assert_eq!(notes.ignored(), ["emails.verified"]);
    }

    #[test]
    fn lengths_have_limits() {
        let text = |n: usize| format!("\"{}\"", "é".repeat(n));
        assert!(read("title", &text(10_000)).is_ok());
        assert!(refusal("title", &text(10_001)).contains("10000"));
        assert!(read("userName", &text(1_000)).is_ok());
        assert!(refusal("userName", &text(1_001)).contains("1000"));
        assert!(refusal("externalId", &text(1_001)).contains("1000"));
        let roles = |n: usize| format!("[{}]", vec!["{\"value\":\"a\"}"; n].join(","));
        assert!(read("roles", &roles(1_000)).is_ok());
        assert!(refusal("roles", &roles(1_001)).contains("1000"));
    }

    #[test]
    fn names_can_be_read_by_people() {
        let group = builtin::group().attribute("displayName").expect("a group has it");
        for text in [" ", "\u{3000}\t", "a\u{0}b", "a\nb", "a\u{7f}", "\u{85}a"] {
            let error = single(definition("userName"), text.into(), &mut Notes::default());
            assert!(error.expect_err(text).detail().starts_with("userName must not be blank"));
            assert!(single(group, text.into(), &mut Notes::default()).is_err(), "{text}");
            assert!(single(definition("title"), text.into(), &mut Notes::default()).is_ok());
        }
        for text in ["a b", " ada", "ÅSA", "李", "\u{200b}x"] {
            let read = single(definition("userName"), text.into(), &mut Notes::default());
            assert_eq!(read, Ok(Some(text.into())));
        }
    }

    #[test]
    fn certificates_are_base64() {
        assert_eq!(plain("x509Certificates", r#"[{"value":"TQ=="}]"#), r#"[{"value":"TQ=="}]"#);
        assert!(refusal("x509Certificates", r#"[{"value":"no!"}]"#).contains("base64"));
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        let times = builtin::common().attribute("meta").unwrap().sub_attribute("created").unwrap();
        let read = |text: &str| single(times, text.into(), &mut Notes::new(Profile::STRICT));
        for (text, kept) in [
            ("2026-11-21T08:30:00.5+01:00", "2026-11-21T08:30:00.5+01:00"),
            ("2026-11-21T08:30:00", "2026-11-21T08:30:00Z"),
        ] {
            assert_eq!(read(text), Ok(Some(kept.into())));
        }
        for text in ["2026-11-21", "yesterday"] {
            assert!(read(text).is_err(), "{text}");
        }
        // In another form than that of the RFC, it is read where the profile accepts that.
        let loose = single(times, "2026-11-21T08:30".into(), &mut Notes::default());
        assert_eq!(loose, Ok(Some("2026-11-21T08:30Z".into())));
    }
}

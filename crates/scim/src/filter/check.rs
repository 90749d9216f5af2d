//! Whether a filter makes sense under a schema.

use super::{Comparison, Filter, FilterValue};
use crate::{
    AttributePath, Error, Leniency, Name, Notes,
    date_time::instant,
    error::{clipped, with_article},
    schema::{Attribute, ResourceSchema, Returned, Target, Type},
};

impl Filter {
    /// Makes sure that every attribute is known and is compared as its type allows, so that a
    /// filter that can only be a mistake is an error and not an empty list.
    ///
    /// # Errors
    ///
    /// `invalidFilter` naming the attribute, where it is unknown, never returned (`password`),
    /// complex without a `value` of its own, or compared with a literal or an operator that its
    /// type does not allow (RFC 7644 §3.4.2.2). The URN of an extension takes `pr` alone.
    ///
    /// Providers compare booleans with text, `active eq "True"`. That is noted, or refused by the
    /// profile of `notes`.
    pub fn check(&self, schema: &ResourceSchema, notes: &mut Notes) -> Result<(), Error> {
        check(self, Scope::Resource(schema), notes)
    }

    /// The same for a search over several types: each condition must make sense for one of them.
    /// For the others the attribute has no value (RFC 7644 §3.4.2.1).
    ///
    /// # Errors
    ///
    /// As [`Filter::check`]. An attribute is unknown where no type knows it.
    pub fn check_any(&self, schemas: &[&ResourceSchema], notes: &mut Notes) -> Result<(), Error> {
        let path = match self {
            Self::And(terms) | Self::Or(terms) => {
                return terms.iter().try_for_each(|term| term.check_any(schemas, notes));
            }
            Self::Not(term) => return term.check_any(schemas, notes),
            Self::Compare { path, .. } | Self::Present(path) | Self::ValuePath { path, .. } => path,
        };
        // Of several refusals, that of a type which knows the attribute says more.
        let mut refusal = refuse(path, "is not an attribute of any resource type");
        for schema in schemas {
            let mut tried = notes.clone();
            match self.check(schema, &mut tried) {
                Ok(()) => {
                    *notes = tried;
                    return Ok(());
                }
                Err(error) if schema.resolve(path).is_some() => refusal = error,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    /// The filter as resources of one of several types are judged by it: whatever makes no sense
    /// for this type is asked of an attribute that it does not have, and so has no value.
    #[must_use]
    pub fn for_type(&self, schema: &ResourceSchema) -> Self {
        let unknown = |path: &AttributePath| {
            let schema = path.schema.as_ref().map_or("core", Name::as_str);
            AttributePath { schema: Some(Name::from(format!("unknown:{schema}"))), ..path.clone() }
        };
        let of = |terms: &[Self]| terms.iter().map(|term| term.for_type(schema)).collect();
        match self {
            Self::And(terms) => Self::And(of(terms)),
            Self::Or(terms) => Self::Or(of(terms)),
            Self::Not(term) => Self::Not(Box::new(term.for_type(schema))),
            leaf if leaf.check(schema, &mut Notes::default()).is_ok() => leaf.clone(),
            Self::Compare { path, op, value } => {
                Self::Compare { path: unknown(path), op: *op, value: value.clone() }
            }
            Self::Present(path) => Self::Present(unknown(path)),
            Self::ValuePath { path, filter } => {
                Self::ValuePath { path: unknown(path), filter: filter.clone() }
            }
        }
    }

    /// The same for the selector that stands in the brackets after this attribute.
    ///
    /// # Errors
    ///
    /// As [`Filter::check`].
    pub fn check_value(&self, attribute: &Attribute, notes: &mut Notes) -> Result<(), Error> {
        check(self, Scope::Value(attribute), notes)
    }
}

/// What the paths of a filter name.
#[derive(Clone, Copy)]
enum Scope<'s> {
    /// Attributes of a resource.
    Resource(&'s ResourceSchema),
    /// Sub-attributes of one attribute.
    Value(&'s Attribute),
}

impl<'s> Scope<'s> {
    /// Whether a path is the URN of an extension. Of that, only its presence can be asked.
    fn is_extension(self, path: &AttributePath) -> bool {
        match self {
            Self::Resource(schema) => matches!(schema.resolve(path), Some(Target::Extension(_))),
            Self::Value(_) => false,
        }
    }

    fn resolve(self, path: &AttributePath) -> Result<&'s Attribute, Error> {
        match self {
            Self::Resource(schema) => named(schema, path),
            Self::Value(attribute) => part(attribute, path).ok_or_else(|| {
                let name = &attribute.name;
                refuse(path, format!("is not a part of a value of {name}"))
            }),
        }
    }
}

/// The attribute or sub-attribute that a path names on a resource.
fn named<'s>(schema: &'s ResourceSchema, path: &AttributePath) -> Result<&'s Attribute, Error> {
    match schema.resolve(path) {
        Some(Target::Attribute { attribute, .. }) if attribute.returned == Returned::Never => {
            Err(refuse(path, "is never shown and cannot be searched"))
        }
        Some(Target::Attribute { attribute, sub, .. }) => Ok(sub.unwrap_or(attribute)),
        Some(Target::Extension(_)) => Err(refuse(path, "is a schema; name one of its attributes")),
        None => {
            let resource = with_article(&schema.resource_type().name);
            Err(refuse(path, format!("is not an attribute of {resource}")))
        }
    }
}

/// The sub-attribute that a path in brackets names. A value without sub-attributes has only
/// itself, under the name `value`.
pub(super) fn part<'s>(attribute: &'s Attribute, path: &AttributePath) -> Option<&'s Attribute> {
    if path.schema.is_some() || path.sub.is_some() {
        return None;
    }
    match attribute.kind {
        Type::Complex => attribute.sub_attribute(path.name.as_str()),
        _ => (path.name == "value").then_some(attribute),
    }
}

fn check(filter: &Filter, scope: Scope<'_>, notes: &mut Notes) -> Result<(), Error> {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            terms.iter().try_for_each(|term| check(term, scope, notes))
        }
        Filter::Not(term) => check(term, scope, notes),
        Filter::Present(path) if scope.is_extension(path) => Ok(()),
        Filter::Present(path) => scope.resolve(path).map(|_| ()),
        Filter::Compare { path, op, value } => {
            let attribute = scope.resolve(path)?;
            comparable(path, attribute, *op, value).map_err(|why| refuse(path, why))?;
            note_text(path, attribute, value, notes)
        }
        Filter::ValuePath { path, filter } => {
            let attribute = scope.resolve(path)?;
            if attribute.kind != Type::Complex && !attribute.multi_valued {
                return Err(refuse(path, "has one plain value and takes no brackets"));
            }
            check(filter, Scope::Value(attribute), notes)
        }
    }
}

fn comparable(
    path: &AttributePath,
    attribute: &Attribute,
    op: Comparison,
    literal: &FilterValue,
) -> Result<(), String> {
    // A complex attribute stands for its `value`, RFC 7644 §3.4.2.2.
    let attribute = match attribute.kind {
        Type::Complex => attribute.sub_attribute("value").ok_or_else(|| {
            format!("has parts; name one of them, such as {}", example(attribute, path))
        })?,
        _ => attribute,
    };
    if *literal == FilterValue::Null {
        return match op {
            Comparison::Equal | Comparison::NotEqual => Ok(()),
            _ => Err(format!("cannot be compared by {op} with null")),
        };
    }
    let (fits, expected) = match attribute.kind {
        Type::Boolean => (is_boolean(literal), "true or false"),
        Type::Integer | Type::Decimal => {
            (matches!(literal, FilterValue::Integer(_) | FilterValue::Decimal(_)), "a number")
        }
        Type::DateTime => {
            let fits = matches!(literal, FilterValue::String(text) if instant(text).is_some());
            (fits, "a date and time in double quotes, such as \"2026-11-21T08:30:00Z\"")
        }
        _ => (matches!(literal, FilterValue::String(_)), "text in double quotes"),
    };
    if !fits {
        return Err(format!("must be compared with {expected}, not with {}", clipped(literal)));
    }
    let textual = matches!(attribute.kind, Type::String | Type::Reference | Type::Binary);
    let ordered = !matches!(attribute.kind, Type::Boolean | Type::Binary);
    if (op.is_partial() && !textual) || (op.is_order() && !ordered) {
        return Err(format!("cannot be compared by {op}; its type does not allow it"));
    }
    Ok(())
}

/// Notes a text that a boolean is compared with.
fn note_text(
    path: &AttributePath,
    attribute: &Attribute,
    literal: &FilterValue,
    notes: &mut Notes,
) -> Result<(), Error> {
    let plain = attribute.sub_attribute("value").unwrap_or(attribute);
    if plain.kind != Type::Boolean || !matches!(literal, FilterValue::String(_)) {
        return Ok(());
    }
    notes
        .correct(Leniency::BooleanText, format!("{path}: a text where a boolean belongs"))
        .map_err(|error| Error::invalid_filter(error.detail().to_owned()))
}

/// Providers send booleans as text; `"True"` is read as they mean it.
fn is_boolean(literal: &FilterValue) -> bool {
    match literal {
        FilterValue::Boolean(_) => true,
        FilterValue::String(text) => {
            text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
        }
        _ => false,
    }
}

fn example(attribute: &Attribute, path: &AttributePath) -> String {
    let part = attribute.sub_attributes.first().map_or("value", |sub| sub.name.as_str());
    format!("{}.{part}", clipped(path))
}

fn refuse(path: &AttributePath, why: impl AsRef<str>) -> Error {
    Error::invalid_filter(format!("In the filter, {} {}.", clipped(path), why.as_ref()))
}

#[cfg(test)]
mod tests {
    use crate::{Filter, Notes, Object, Profile, ScimType, schema::builtin};

    fn check(text: &str) -> Result<(), crate::Error> {
        Filter::parse(text).expect(text).check(builtin::user(), &mut Notes::default())
    }

    fn refused(text: &str) -> String {
        let error = check(text).expect_err(text);
        assert_eq!(error.scim_type(), ScimType::InvalidFilter);
        error.detail().to_owned()
    }

    #[test]
    fn what_providers_send_passes() {
        for text in [
            r#"userName eq "ada@example.com""#,
            r#"USERNAME Eq "ada@example.com""#,
            r#"id eq "7" or externalId eq "00u1""#,
            r#"emails eq "ada@example.com""#,
            r#"emails.value eq "ada@example.com""#,
            r#"emails[type eq "work" and primary eq true].value eq "a@b""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "a""#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr",
            "not (urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr)",
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "7""#,
            r#"meta.lastModified gt "2020-04-07T14:19:34Z""#,
            r#"meta.lastModified gt "2020-04-07T14:19:34""#,
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
            r#"active eq "True" and name pr and emails pr"#,
            "title eq null or title ne null",
            r#"name[familyName eq "Lovelace"]"#,
            r#"schemas[value co "enterprise"]"#,
        ] {
            check(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let group = Filter::parse(r#"displayName eq "x" and members.value eq "7""#);
        let group = group.expect("a filter").check(builtin::group(), &mut Notes::default());
        group.expect("known attributes");
    }

    #[test]
    fn a_boolean_as_text_is_noted_or_refused() {
        for text in [r#"active eq "True""#, r#"not (emails[primary eq "false"])"#] {
            let filter = Filter::parse(text).expect(text);
            let mut notes = Notes::default();
            filter.check(builtin::user(), &mut notes).expect(text);
            assert_eq!(notes.corrected().len(), 1, "{text}: {notes:?}");
            let refused = filter.check(builtin::user(), &mut Notes::new(Profile::STRICT));
            assert_eq!(refused.expect_err(text).scim_type(), ScimType::InvalidFilter);
        }
    }

    #[test]
    fn what_can_only_be_a_mistake_is_refused() {
        for text in [
            r#"shoeSize eq "7""#,
            r#"userName.first eq "a""#,
            r#"urn:example:User:userName eq "a""#,
            r#"emails[shoe eq "a"]"#,
            r#"emails[emails.type eq "a"]"#,
            r#"userName[value eq "a"]"#,
            r#"name eq "Ada""#,
            "active gt true",
            r#"active co "true""#,
            "active eq 1",
            r#"active eq "yes""#,
            "userName eq 7",
            "userName eq true",
            "userName gt null",
            r#"x509Certificates gt "TWFu""#,
            r#"meta.created sw "2020""#,
            r#"meta.created gt "yesterday""#,
            r#"meta.created gt "2020-04-07""#,
            r#"password eq "secret""#,
            "password pr",
            "not (password pr)",
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User eq "x""#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User eq null",
            "urn:ietf:params:scim:schemas:extension:other:2.0:User pr",
        ] {
            refused(text);
        }
    }

    #[test]
    fn over_several_types_one_must_know_each_attribute() {
        let check = |text: &str| {
            Filter::parse(text)
                .expect(text)
                .check_any(&[builtin::user(), builtin::group()], &mut Notes::default())
        };
        for text in [
            r#"userName eq "a" or displayName eq "b""#,
            r#"not (members.value eq "a") and name.familyName pr"#,
            r#"meta.resourceType eq "User" and emails[type eq "work"]"#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
        ] {
            check(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let refused = |text: &str| check(text).expect_err(text).detail().to_owned();
        assert_eq!(
            refused(r#"userName eq "a" or shoeSize eq "7""#),
            "In the filter, shoeSize is not an attribute of any resource type."
        );
        assert_eq!(
            refused("not (userName eq 7)"),
            "In the filter, userName must be compared with text in double quotes, not with 7."
        );
        refused("emails[shoeSize pr]");
        refused("password pr");
    }

    #[test]
    fn what_a_type_does_not_know_has_no_value_there() {
        let group = Object::new().with("displayName", "Crew").with("password", "x");
        for (text, holds) in [
            (r#"displayName eq "crew" and not (userName pr)"#, true),
            (r#"userName ne "a""#, true),
            ("userName eq null", true),
            (r#"userName eq "a" or displayName sw "c""#, true),
            (r#"emails[type eq "work"]"#, false),
            // A value that must not be seen is not there either, nor one of another type.
            ("password pr", false),
            ("displayName eq 7", false),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", false),
            ("not (urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr)", true),
        ] {
            let filter = Filter::parse(text).expect(text).for_type(builtin::group());
            assert_eq!(filter.matches(builtin::group(), &group), holds, "{text}");
        }
    }

    #[test]
    fn refusals_name_the_attribute_and_what_to_do() {
        assert_eq!(
            refused(r#"shoeSize eq "7""#),
            "In the filter, shoeSize is not an attribute of a User."
        );
        assert_eq!(
            refused(r#"name eq "Ada""#),
            "In the filter, name has parts; name one of them, such as name.formatted."
        );
        assert_eq!(
            refused("userName eq 7"),
            "In the filter, userName must be compared with text in double quotes, not with 7."
        );
    }

    #[test]
    fn messages_quote_in_part_and_on_one_line() {
        let detail = refused(&format!("active eq \"{}\"", "\u{7f}".repeat(4000)));
        assert!(detail.contains(r"\u{7f}\u{7f}") && detail.len() < 1000, "{detail}");
        let detail = refused(&format!("urn:{}:x pr", "ab:".repeat(1000)));
        assert!(detail.contains('…') && detail.len() < 300, "{detail}");
    }
}

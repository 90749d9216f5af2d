//! [`Projection`]: `attributes` and `excludedAttributes`.

use crate::{
    AttributePath, Error, Object, Value,
    error::quoted,
    schema::{Attribute, ResourceSchema, Returned, Schema, Target},
};

/// Which parts of a representation a client wants to see, RFC 7644 §3.9.
///
/// Names that the schema does not know are without effect; the RFC is silent on them. Where both
/// parameters are given, `excludedAttributes` takes away from what `attributes` asks for.
#[derive(Clone, Debug)]
pub struct Projection<'s> {
    schema: &'s ResourceSchema,
    /// `None` where the parameter is missing: everything that is returned by default.
    wanted: Option<Vec<Target<'s>>>,
    excluded: Vec<Target<'s>>,
}

/// Which part of one attribute is shown.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Nothing,
    /// Some sub-attributes.
    Subs,
    Whole,
}

impl<'s> Projection<'s> {
    /// Reads the two parameters as they stand in the query string: names with commas between
    /// them. An empty parameter counts as missing.
    ///
    /// # Errors
    ///
    /// `invalidValue` where something is not an attribute name at all.
    pub fn new(
        schema: &'s ResourceSchema,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self, Error> {
        let wanted = match attributes.filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(targets(schema, "attributes", text)?),
            None => None,
        };
        let excluded = targets(schema, "excludedAttributes", excluded.unwrap_or_default())?;
        Ok(Self { schema, wanted, excluded })
    }

    /// The same, and without this core attribute.
    #[must_use]
    pub fn without(mut self, attribute: &str) -> Self {
        if let Some(attribute) = self.schema.attribute(attribute) {
            self.excluded.push(Target::Attribute { extension: None, attribute, sub: None });
        }
        self
    }

    /// Whether this core or common attribute is shown at all. What is not shown need not be
    /// computed.
    #[must_use]
    pub fn wants(&self, attribute: &str) -> bool {
        self.schema
            .attribute(attribute)
            .is_some_and(|attribute| self.part(None, attribute) != Part::Nothing)
    }

    /// Reduces a full representation to what is wanted. `id` and `schemas` always stay.
    #[must_use]
    pub fn apply(&self, resource: Object) -> Object {
        let mut shown = Object::new();
        for (name, value) in resource {
            let value = match (self.schema.extension(name.as_str()), value) {
                (Some(extension), Value::Complex(object)) => self.extension(extension, object),
                (_, value) => self.apply_to_value(name.as_str(), value),
            };
            if let Some(value) = value {
                shown.insert(name, value);
            }
        }
        shown
    }

    /// Reduces the value of one core or common attribute, or one of its several values: for
    /// `members`, which a server sends one at a time. `None` where nothing is left.
    #[must_use]
    pub fn apply_to_value(&self, attribute: &str, value: Value) -> Option<Value> {
        self.value(None, self.schema.attribute(attribute)?, value)
    }

    fn extension(&self, extension: &'s Schema, object: Object) -> Option<Value> {
        let shown: Object = object
            .into_iter()
            .filter_map(|(name, value)| {
                let attribute = extension.attribute(name.as_str())?;
                Some((name, self.value(Some(extension), attribute, value)?))
            })
            .collect();
        (!shown.is_empty()).then_some(Value::Complex(shown))
    }

    fn value(
        &self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: Value,
    ) -> Option<Value> {
        match self.part(extension, attribute) {
            Part::Nothing => None,
            Part::Whole => Some(value),
            Part::Subs => self.subs(extension, attribute, value),
        }
    }

    /// Reduces the value of a complex attribute, or each of its values.
    fn subs(
        &self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: Value,
    ) -> Option<Value> {
        let shown = match value {
            Value::Multi(values) => Value::Multi(
                values
                    .into_iter()
                    .filter_map(|value| self.subs(extension, attribute, value))
                    .collect(),
            ),
            Value::Complex(mut object) => {
                object.retain(|name, _| {
                    attribute
                        .sub_attribute(name.as_str())
                        .is_some_and(|sub| self.shows_sub(extension, attribute, sub))
                });
                Value::Complex(object)
            }
            simple => simple,
        };
        (!shown.is_unassigned()).then_some(shown)
    }

    fn part(&self, extension: Option<&Schema>, attribute: &Attribute) -> Part {
        match attribute.returned {
            Returned::Never => return Part::Nothing,
            Returned::Always => return Part::Whole,
            Returned::Default | Returned::Request => {}
        }
        let whole = |target: &Target<'_>| names(*target, extension, attribute, None);
        let some = |target: &Target<'_>| names_sub_of(*target, extension, attribute);
        if self.excluded.iter().any(whole) {
            return Part::Nothing;
        }
        let asked = match &self.wanted {
            None if attribute.returned == Returned::Default => Part::Whole,
            Some(wanted) if wanted.iter().any(whole) => Part::Whole,
            Some(wanted) if wanted.iter().any(some) => Part::Subs,
            _ => Part::Nothing,
        };
        let all_subs_by_default =
            attribute.sub_attributes.iter().all(|sub| sub.returned == Returned::Default);
        if asked == Part::Whole && (self.excluded.iter().any(some) || !all_subs_by_default) {
            return Part::Subs;
        }
        asked
    }

    fn shows_sub(
        &self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        sub: &Attribute,
    ) -> bool {
        let names_it = |target: &Target<'_>| names(*target, extension, attribute, Some(sub));
        let names_all = |target: &Target<'_>| names(*target, extension, attribute, None);
        match sub.returned {
            Returned::Always => return true,
            Returned::Never => return false,
            Returned::Default | Returned::Request => {}
        }
        let asked = match &self.wanted {
            None => sub.returned == Returned::Default,
            Some(wanted) => {
                wanted.iter().any(names_it)
                    || sub.returned == Returned::Default && wanted.iter().any(names_all)
            }
        };
        asked && !self.excluded.iter().any(names_it)
    }
}

fn targets<'s>(
    schema: &'s ResourceSchema,
    parameter: &str,
    text: &str,
) -> Result<Vec<Target<'s>>, Error> {
    let mut targets = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if let Some(extension) = schema.extension(name) {
            targets.push(Target::Extension(extension));
            continue;
        }
        let path = AttributePath::parse(name).map_err(|_| {
            Error::invalid_value(format!(
                "The parameter {parameter} holds {}, which is not the name of an attribute.",
                quoted(name)
            ))
        })?;
        targets.extend(schema.resolve(&path));
    }
    Ok(targets)
}

/// Whether a target is this attribute (`sub` is `None`), or this sub-attribute of it; the URN of
/// an extension names all attributes of the extension.
fn names(
    target: Target<'_>,
    extension: Option<&Schema>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
) -> bool {
    match target {
        Target::Extension(named) => {
            sub.is_none() && extension.is_some_and(|extension| extension.id == named.id)
        }
        Target::Attribute { extension: in_extension, attribute: named, sub: named_sub } => {
            in_extension.map(|schema| &schema.id) == extension.map(|schema| &schema.id)
                && named.name == attribute.name
                && named_sub.map(|sub| &sub.name) == sub.map(|sub| &sub.name)
        }
    }
}

/// Whether a target is some sub-attribute of this attribute.
fn names_sub_of(target: Target<'_>, extension: Option<&Schema>, attribute: &Attribute) -> bool {
    attribute.sub_attributes.iter().any(|sub| names(target, extension, attribute, Some(sub)))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::Projection;
    use crate::{Object, Value, json, schema::builtin, urn};

    fn user() -> Object {
        let text = format!(
            r#"{{"schemas":["{}"],"id":"u1","userName":"ada",
            "name":{{"givenName":"A","familyName":"L"}},
            "emails":[{{"value":"a@x","type":"work"}},{{"type":"home"}}],
            "groups":[{{"value":"g1"}}],"{}":{{"department":"R",
            "manager":{{"value":"7","displayName":"B"}}}},
            "meta":{{"version":"W/\"1\"","resourceType":"User"}}}}"#,
            urn::USER,
            urn::ENTERPRISE_USER
        );
        json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    /// The names that are left, without `schemas`.
    fn shown(attributes: &str, excluded: &str) -> String {
        let projection = Projection::new(builtin::user(), Some(attributes), Some(excluded));
        let mut shown = projection.expect("valid").apply(user());
        assert!(shown.remove("schemas").is_some());
        shown.to_json().replace(urn::ENTERPRISE_USER, "enterprise")
    }

    #[test]
    fn nothing_asked_is_everything_by_default() {
        let projection = Projection::new(builtin::user(), None, None).expect("valid");
        assert_eq!(projection.apply(user()), user());
        assert_eq!(projection.apply(user().with("password", "x")), user());
    }

    #[test]
    fn attributes() {
        assert_snapshot!(shown("USERNAME", ""), @r#"{"id":"u1","userName":"ada"}"#);
        assert_snapshot!(shown("name.givenName, emails", ""), @r#"{"id":"u1","name":{"givenName":"A"},"emails":[{"value":"a@x","type":"work"},{"type":"home"}]}"#);
        assert_snapshot!(shown("emails.value", ""), @r#"{"id":"u1","emails":[{"value":"a@x"}]}"#);
        assert_snapshot!(shown("urn:ietf:params:scim:schemas:core:2.0:User:userName", ""), @r#"{"id":"u1","userName":"ada"}"#);
        assert_snapshot!(shown(urn::ENTERPRISE_USER, ""), @r#"{"id":"u1","enterprise":{"department":"R","manager":{"value":"7","displayName":"B"}}}"#);
        let department = format!("{}:department", urn::ENTERPRISE_USER);
        assert_snapshot!(shown(&department, ""), @r#"{"id":"u1","enterprise":{"department":"R"}}"#);
        let manager = format!("{}:manager.displayName", urn::ENTERPRISE_USER);
        assert_snapshot!(shown(&manager, ""), @r#"{"id":"u1","enterprise":{"manager":{"displayName":"B"}}}"#);
        assert_snapshot!(shown("password,unknown,department", ""), @r#"{"id":"u1"}"#);
    }

    #[test]
    fn excluded_attributes() {
        assert_snapshot!(shown("", "groups,emails,NAME,meta,id,schemas"), @r#"{"id":"u1","userName":"ada","enterprise":{"department":"R","manager":{"value":"7","displayName":"B"}}}"#);
        assert_snapshot!(
            shown("", &format!("groups,meta,name.familyName,emails.type,{}", urn::ENTERPRISE_USER)),
            @r#"{"id":"u1","userName":"ada","name":{"givenName":"A"},"emails":[{"value":"a@x"}]}"#
        );
        assert_snapshot!(shown("userName,name", "name.givenName,userName"), @r#"{"id":"u1","name":{"familyName":"L"}}"#);
    }

    #[test]
    fn what_is_not_wanted_need_not_be_computed() {
        let wants = |attributes, excluded, name| {
            Projection::new(builtin::group(), attributes, excluded).expect("valid").wants(name)
        };
        assert!(wants(None, None, "members"));
        assert!(!wants(None, Some("Members"), "members"));
        assert!(wants(None, Some("members.display"), "members"));
        assert!(!wants(Some("displayName"), None, "members"));
        assert!(wants(Some("members.value"), None, "members"));
        assert!(wants(Some("displayName"), Some("id"), "id"));
        assert!(!wants(None, None, "unknown"));
    }

    #[test]
    fn one_member_at_a_time() {
        let bare = || Object::new().with("value", "u1").with("type", "User");
        let member = || Value::from(bare().with("display", "Ada"));
        let one = |attributes, excluded| {
            Projection::new(builtin::group(), attributes, excluded)
                .expect("valid")
                .apply_to_value("members", member())
        };
        // The display is shown to whoever asks for it.
        assert_eq!(one(None, None), Some(bare().into()));
        let display = Object::new().with("display", "Ada");
        assert_eq!(one(Some("members.display"), None), Some(display.into()));
        assert_eq!(one(None, Some("members.type")), one(Some("members.value"), None));
        assert_eq!(one(Some("displayName"), None), None);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["a b", "name.", "emails[type eq \"work\"]", "\"userName\""] {
            let error = Projection::new(builtin::user(), Some(text), None).expect_err(text);
            assert!(error.detail().contains("attributes"), "{error}");
        }
    }
}

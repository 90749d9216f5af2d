//! [`Projection`]: `attributes` and `excludedAttributes`.

use std::sync::Arc;

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
pub struct Projection {
    schema: Arc<ResourceSchema>,
    /// `None` where the parameter is missing: everything that is returned by default.
    wanted: Option<Vec<Named>>,
    excluded: Vec<Named>,
}

/// What a parameter names, in the spelling of the schema.
#[derive(Clone, Debug, PartialEq)]
enum Named {
    /// All attributes of the extension with this URN.
    Extension(String),
    Attribute {
        extension: Option<String>,
        attribute: String,
        sub: Option<String>,
    },
}

/// Which part of one attribute is shown.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Nothing,
    /// Some sub-attributes.
    Subs,
    Whole,
}

/// How much is shown of what a stored document has under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    Partly,
    /// As it stands.
    Whole,
}

impl Projection {
    /// How much is shown of a core attribute, a common one, or an extension.
    pub(crate) fn shown(&self, name: &str) -> Shown {
        if let Some(extension) = self.schema.extension(name) {
            let mut parts = extension.attributes.iter().map(|it| self.part(Some(extension), it));
            return if parts.all(|part| part == Part::Whole) {
                Shown::Whole
            } else {
                Shown::Partly
            };
        }
        match self.schema.attribute(name).map(|attribute| self.part(None, attribute)) {
            None | Some(Part::Nothing) => Shown::Nothing,
            Some(Part::Subs) => Shown::Partly,
            Some(Part::Whole) => Shown::Whole,
        }
    }

    /// Reads the two parameters as they stand in the query string: names with commas between
    /// them. An empty parameter counts as missing.
    ///
    /// # Errors
    ///
    /// `invalidValue` where something is not an attribute name at all.
    pub fn new(
        schema: &Arc<ResourceSchema>,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self, Error> {
        let wanted = match attributes.filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(named(schema, "attributes", text)?),
            None => None,
        };
        let excluded = named(schema, "excludedAttributes", excluded.unwrap_or_default())?;
        Ok(Self { schema: Arc::clone(schema), wanted, excluded })
    }

    /// The same, and without this core attribute.
    #[must_use]
    pub fn without(mut self, attribute: &str) -> Self {
        if let Some(attribute) = self.schema.attribute(attribute) {
            let attribute = attribute.name.clone();
            self.excluded.push(Named::Attribute { extension: None, attribute, sub: None });
        }
        self
    }

    /// Whether this core or common attribute is shown at all. What is not shown need not be
    /// computed.
    #[must_use]
    pub fn wants(&self, attribute: &str) -> bool {
        self.schema.attribute(attribute).is_some_and(|attribute| {
            match self.part(None, attribute) {
                Part::Nothing => false,
                Part::Whole => true,
                // A list of which no part is shown would look like an empty one.
                Part::Subs => {
                    attribute.sub_attributes.iter().any(|sub| self.shows_sub(None, attribute, sub))
                }
            }
        })
    }

    /// Whether this sub-attribute of a core or common attribute is shown.
    #[must_use]
    pub fn wants_sub(&self, attribute: &str, sub: &str) -> bool {
        let attribute = self.schema.attribute(attribute);
        let found = attribute.and_then(|it| Some((it, it.sub_attribute(sub)?)));
        found.is_some_and(|(attribute, sub)| match self.part(None, attribute) {
            Part::Nothing => false,
            Part::Subs => self.shows_sub(None, attribute, sub),
            Part::Whole => true,
        })
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

    fn extension(&self, extension: &Schema, object: Object) -> Option<Value> {
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
        let whole = |named: &Named| names(named, extension, attribute, None);
        let some = |named: &Named| names_sub_of(named, extension, attribute);
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
        let names_it = |named: &Named| names(named, extension, attribute, Some(sub));
        let names_all = |named: &Named| names(named, extension, attribute, None);
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

fn named(schema: &ResourceSchema, parameter: &str, text: &str) -> Result<Vec<Named>, Error> {
    let mut named = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if let Some(extension) = schema.extension(name) {
            named.push(Named::Extension(extension.id.clone()));
            continue;
        }
        let path = AttributePath::parse(name).map_err(|_| {
            Error::invalid_value(format!(
                "The parameter {parameter} holds {}, which is not the name of an attribute.",
                quoted(name)
            ))
        })?;
        named.extend(schema.resolve(&path).map(Named::of));
    }
    Ok(named)
}

impl Named {
    fn of(target: Target<'_>) -> Self {
        match target {
            Target::Extension(extension) => Self::Extension(extension.id.clone()),
            Target::Attribute { extension, attribute, sub } => Self::Attribute {
                extension: extension.map(|extension| extension.id.clone()),
                attribute: attribute.name.clone(),
                sub: sub.map(|sub| sub.name.clone()),
            },
        }
    }
}

/// Whether this attribute is named (`sub` is `None`), or this sub-attribute of it; the URN of an
/// extension names all attributes of the extension.
fn names(
    named: &Named,
    extension: Option<&Schema>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
) -> bool {
    let home = extension.map(|extension| &extension.id);
    match named {
        Named::Extension(urn) => sub.is_none() && home == Some(urn),
        Named::Attribute { extension, attribute: name, sub: named_sub } => {
            extension.as_ref() == home
                && *name == attribute.name
                && named_sub.as_ref() == sub.map(|sub| &sub.name)
        }
    }
}

/// Whether some sub-attribute of this attribute is named.
fn names_sub_of(named: &Named, extension: Option<&Schema>, attribute: &Attribute) -> bool {
    attribute.sub_attributes.iter().any(|sub| names(named, extension, attribute, Some(sub)))
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
        assert!(!wants(Some("members.value"), Some("members.value"), "members"));
        assert!(wants(Some("members.value,members.type"), Some("members.value"), "members"));
        let wants = |attributes, excluded| {
            Projection::new(builtin::group(), attributes, excluded)
                .expect("valid")
                .wants_sub("members", "display")
        };
        assert!(wants(Some("members.display"), None));
        assert!(!wants(None, None) && !wants(Some("members"), None));
        assert!(!wants(Some("members.display"), Some("members")));
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

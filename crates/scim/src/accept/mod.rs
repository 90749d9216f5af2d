//! Reading what clients send into the canonical tree: one spelling, one type and one order for
//! each attribute, and nothing that the schema does not know.
//!
//! [`resource`] reads the body of a POST or PUT, [`attribute`] and [`single`] one value of a
//! PATCH. What providers are known to get wrong is a [`Leniency`]: where their profile accepts it,
//! it is read as they mean it and noted in [`Notes`]. Everything else that is wrong is an error that
//! names the attribute.

mod text;
mod value;

use self::value::{Site, accept};
pub use self::value::{attribute, single};
pub(crate) use self::{
    text::{LONGEST_KEY, LONGEST_TEXT},
    value::{MOST_VALUES, renamed},
};
use crate::{
    AttributePath, Error, Leniency, Notes, Object, Value,
    error::quoted,
    schema::{Attribute, Mutability, ResourceSchema, Schema, Target},
};

/// Reads the body of a POST or PUT.
///
/// The tree that comes back holds core attributes and `externalId` in their standard spelling and
/// in the order in which they came, and each extension as an object under its URN.
///
/// * What only the server writes (`schemas`, `id`, `meta`, `groups`) is left out without a note:
///   clients send back what they read. A caller that wants to tell a client that chose an `id` of
///   its own looks at the body first.
/// * What no one can read (`password`) is left out without a note as well.
/// * `null`, an empty text, an empty list and an empty object mean that there is no value
///   (RFC 7643 §2.5).
/// * The `members` of a group are rows of a store, not part of the tree. The caller takes them
///   out of the body first, with [`Object::remove`]; those that are left are noted as ignored.
///
/// # Errors
///
/// `invalidValue` where a value has the wrong type or is too long, or where an attribute is
/// missing that a resource cannot be without; and what the profile of `notes` does not accept.
pub fn resource(schema: &ResourceSchema, body: Object, notes: &mut Notes) -> Result<Object, Error> {
    let known = |urn: &str| schema.extension(urn).is_some();
    let core_is_named = check_schemas_with(&body, &schema.core().id, known, notes)?;
    let sent = body.get("schemas").cloned().unwrap_or(Value::Null);
    let mut tree = Tree { schema, resource: Object::new(), notes };
    for (name, value) in body {
        tree.place(name.as_str(), value)?;
    }
    if core_is_named {
        tree.check_extensions(&sent)?;
    }
    tree.finish()
}

/// Looks whether the list named `schemas` names what the body must be and nothing else (RFC 7643
/// §3, RFC 7644 §3.1), and tells whether it names that. The address says the same, so a client that
/// gets it wrong can be understood all the same.
///
/// # Errors
///
/// Where the profile of `notes` does not accept that it is missing, wrong, or not a list.
pub fn check_schemas(body: &Object, urn: &str, notes: &mut Notes) -> Result<bool, Error> {
    check_schemas_with(body, urn, |_| false, notes)
}

/// The same for a resource, whose `schemas` may name its extensions too.
pub(crate) fn check_schemas_with(
    body: &Object,
    urn: &str,
    is_extension: impl Fn(&str) -> bool,
    notes: &mut Notes,
) -> Result<bool, Error> {
    let sent = body.get("schemas");
    let Some(sent) = sent.filter(|sent| names(sent, urn)) else {
        notes.correct(Leniency::Schemas, format!("schemas: {urn} is missing"))?;
        return Ok(false);
    };
    if !matches!(sent, Value::Multi(_)) {
        notes.correct(Leniency::SingleValue, "schemas: one value where a list belongs")?;
    }
    for other in sent.values() {
        let belongs = |other: &str| other.eq_ignore_ascii_case(urn) || is_extension(other);
        if !other.as_str().is_some_and(belongs) {
            let text = format!("schemas: {} is not a schema of this body", describe(other));
            notes.correct(Leniency::Schemas, text)?;
        }
    }
    Ok(true)
}

/// Whether a value of `schemas` names a schema.
fn names(sent: &Value, urn: &str) -> bool {
    sent.values().iter().filter_map(Value::as_str).any(|sent| sent.eq_ignore_ascii_case(urn))
}

/// The tree under construction.
struct Tree<'a> {
    schema: &'a ResourceSchema,
    resource: Object,
    notes: &'a mut Notes,
}

impl<'a> Tree<'a> {
    /// Finds out what one name of the body means.
    fn place(&mut self, name: &str, value: Value) -> Result<(), Error> {
        if let Some(extension) = self.schema.extension(name) {
            return self.extension(extension, value);
        }
        if let Some(attribute) = self.schema.attribute(name) {
            return self.set(None, attribute, value);
        }
        if name.contains([':', '.'])
            && let Ok(path) = AttributePath::parse(name)
            && let Some(Target::Attribute { extension, attribute, sub }) =
                self.schema.resolve(&path)
        {
            check_name(&path, name, self.notes)?;
            return match sub {
                Some(sub) => self.set_sub(extension, attribute, sub, value),
                None => self.set(extension, attribute, value),
            };
        }
        self.notes.ignore_unknown(name)
    }

    /// Reads the object that stands under the URN of an extension.
    fn extension(&mut self, extension: &'a Schema, value: Value) -> Result<(), Error> {
        let object = match value {
            Value::Complex(object) => object,
            Value::Null => return Ok(()),
            value if value.is_unassigned() || value.as_str() == Some("") => {
                let text = format!("{}: nothing, as another type than an object", extension.id);
                return self.notes.correct(Leniency::EmptyValue, text);
            }
            _ => {
                let urn = &extension.id;
                return Err(Error::invalid_value(format!("{urn} must be a JSON object.")));
            }
        };
        for (name, value) in object {
            match extension.attribute(name.as_str()) {
                Some(attribute) => self.set(Some(extension), attribute, value)?,
                None => self.notes.ignore_unknown(format!("{}:{name}", extension.id))?,
            }
        }
        Ok(())
    }

    fn set(
        &mut self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<(), Error> {
        if !stored(attribute) {
            return Ok(());
        }
        if let Some(value) = value::attribute(attribute, value, self.notes)? {
            self.home(extension).insert(attribute.name.as_str(), value);
        }
        Ok(())
    }

    /// Sets one part of a complex attribute. (Of which value of several, a body cannot say.)
    fn set_sub(
        &mut self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        sub: &Attribute,
        value: Value,
    ) -> Result<(), Error> {
        let site = Site::sub(attribute, sub);
        if attribute.multi_valued {
            return self.notes.ignore_unknown(site.to_string());
        }
        if !stored(attribute) || !stored(sub) {
            return Ok(());
        }
        if let Some(value) = accept(site, value, self.notes)? {
            self.home(extension).complex_mut(&attribute.name).insert(sub.name.as_str(), value);
        }
        Ok(())
    }

    /// The object in which an attribute stands: the resource, or its extension.
    fn home(&mut self, extension: Option<&Schema>) -> &mut Object {
        match extension {
            Some(extension) => self.resource.complex_mut(&extension.id),
            None => &mut self.resource,
        }
    }

    /// RFC 7643 §3: `schemas` names the extensions too.
    fn check_extensions(&mut self, sent: &Value) -> Result<(), Error> {
        for extension in self.schema.extensions() {
            let has_values = self.resource.get(&extension.id).is_some();
            if has_values && !names(sent, &extension.id) {
                let text = format!("schemas: {} is missing", extension.id);
                self.notes.correct(Leniency::UnlistedExtension, text)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Object, Error> {
        if self.resource.remove("members").is_some() {
            self.notes.ignore("members");
        }
        self.schema.check_complete(&self.resource)?;
        Ok(self.resource)
    }
}

/// RFC 7643 §3: a body holds attributes under their own names, and extensions under their URNs.
/// Clients also write there what RFC 7644 §3.10 has for paths.
pub(crate) fn check_name(path: &AttributePath, name: &str, notes: &mut Notes) -> Result<(), Error> {
    if path.schema.is_some() {
        notes.correct(Leniency::UrnName, format!("{name}: a full name in a body"))?;
    }
    if path.sub.is_some() {
        notes.correct(Leniency::DottedName, format!("{name}: a dotted name in a body"))?;
    }
    Ok(())
}

/// Whether the client may write the attribute and the server keeps it.
fn stored(attribute: &Attribute) -> bool {
    matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable)
}

/// `invalidValue` for a value of the wrong type.
fn wrong_type(site: Site<'_>, expected: &str, found: &Value) -> Error {
    Error::invalid_value(format!("{site} must be {expected}, not {}.", describe(found)))
}

/// A value as a message quotes it: short, and never the inside of a list or an object.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Complex(_) => "a JSON object".to_owned(),
        Value::Multi(_) => "a list".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::resource;
    use crate::{
        Error, Leniency, Notes, Object,
        json::{self, from_slice},
        schema::{ResourceSchema, builtin},
        urn,
    };

    fn body(text: &str) -> Object {
        from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn accept(schema: &ResourceSchema, text: &str) -> Result<(String, Notes), Error> {
        let mut notes = Notes::default();
        let tree = resource(schema, body(text), &mut notes)?;
        Ok((tree.to_json(), notes))
    }

    fn user(text: &str) -> (String, Notes) {
        accept(builtin::user(), text).expect("accepted")
    }

    fn refusal(schema: &ResourceSchema, text: &str) -> String {
        accept(schema, text).expect_err("refused").detail().to_owned()
    }

    /// okta-wire §4.2, with what a PUT sends back besides.
    #[test]
    fn what_okta_sends() {
        let (tree, notes) = user(
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1",
            "userName":"Ada@X","name":{"givenName":"Ada","familyName":"L","middleName":null},
            "emails":[{"primary":true,"value":"Ada@X","type":"work"}],"nickName":"",
            "locale":"en-US","externalId":"00u1","groups":[],"password":"1mz050nq","active":true,
            "meta":{"resourceType":"User"},
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":""}}"#,
        );
        insta::assert_snapshot!(tree, @r#"{"userName":"Ada@X","name":{"givenName":"Ada","familyName":"L"},"emails":[{"primary":true,"value":"Ada@X","type":"work"}],"locale":"en-US","externalId":"00u1","active":true}"#);
        assert_eq!(notes, Notes::default());
    }

    #[test]
    fn names_are_put_in_their_standard_spelling() {
        let (tree, _) = user(
            r#"{"USERNAME":"a","Name":{"GIVENNAME":"A"},
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user":{"DEPARTMENT":"R"}}"#,
        );
        insta::assert_snapshot!(tree, @r#"{"userName":"a","name":{"givenName":"A"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R"}}"#);
    }

    #[test]
    fn full_names_are_read_and_noted() {
        let (tree, notes) = user(
            r#"{"userName":"a","name.givenName":"A","name.familyName":"L",
            "urn:ietf:params:scim:schemas:core:2.0:User:title":"Countess",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"division":"D"},
            "urn:ietf:params:scim:schemas:core:2.0:User:id":"mine",
            "emails.value":"lost"}"#,
        );
        insta::assert_snapshot!(tree, @r#"{"userName":"a","name":{"givenName":"A","familyName":"L"},"title":"Countess","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R","division":"D"}}"#);
        assert_eq!(notes.ignored(), ["emails.value"]);
        assert_eq!(notes.corrected().len(), 7);
    }

    #[test]
    fn what_is_unknown_is_left_out_and_noted() {
        let (tree, notes) = user(
            r#"{"schemas":["urn:x","urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a",
            "shoeSize":44,"urn:x":{"a":1},"name":{"title":"Dr"},"urn:x:User:a":"b","a..b":1,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"floor":3}}"#,
        );
        assert_eq!(tree, r#"{"userName":"a"}"#);
        let floor = format!("{}:floor", urn::ENTERPRISE_USER);
        assert_eq!(
            notes.ignored(),
            ["shoeSize", "urn:x", "name.title", "urn:x:User:a", "a..b", &floor]
        );
        let texts: Vec<_> = notes.corrected().iter().map(ToString::to_string).collect();
        assert_eq!(texts, [r#"schemas: "urn:x" is not a schema of this body"#]);
    }

    #[test]
    fn schemas_may_be_wrong_or_missing() {
        for text in [
            r#"{"userName":"a"}"#,
            r#"{"userName":"a","schemas":["urn:scim:schemas:core:2.0"]}"#,
            r#"{"userName":"a","schemas":null}"#,
        ] {
            assert!(user(text).1.corrected()[0].text.starts_with("schemas:"), "{text}");
        }
        let text = format!(r#"{{"userName":"a","schemas":"{}"}}"#, urn::USER);
        assert_eq!(user(&text).1.corrected()[0].leniency, Leniency::SingleValue);
    }

    #[test]
    fn an_extension_with_values_is_named_in_schemas() {
        let noted = |more: &str, department: &str| {
            let text = format!(
                r#"{{"schemas":["{}"{more}],"userName":"a","{}":{{"department":"{department}"}}}}"#,
                urn::USER,
                urn::ENTERPRISE_USER
            );
            user(&text).1.corrected().first().map(|correction| correction.leniency)
        };
        assert_eq!(noted("", "R"), Some(Leniency::UnlistedExtension));
        assert_eq!(noted("", ""), None);
        assert_eq!(noted(&format!(r#","{}""#, urn::ENTERPRISE_USER), "R"), None);
    }

    #[test]
    fn required_attributes() {
        for text in ["{}", r#"{"userName":null}"#, r#"{"userName":""}"#] {
            assert!(refusal(builtin::user(), text).contains("userName"), "{text}");
        }
        assert!(refusal(builtin::group(), r#"{"members":[]}"#).contains("displayName"));
    }

    #[test]
    fn members_never_enter_the_tree() {
        let text = r#"{"displayName":"g","members":[{"value":"u1"}],
            "urn:ietf:params:scim:schemas:core:2.0:Group:members":[{"value":"u2"}],
            "urn:okta:custom:group:1.0":{"description":"d"}}"#;
        let (tree, notes) = accept(builtin::group(), text).expect("accepted");
        assert_eq!(tree, r#"{"displayName":"g","urn:okta:custom:group:1.0":{"description":"d"}}"#);
        assert_eq!(notes.ignored(), ["members"]);
    }

    #[test]
    fn an_extension_is_an_object() {
        let with =
            |value: &str| format!(r#"{{"userName":"a","{}":{value}}}"#, urn::ENTERPRISE_USER);
        for nothing in ["null", "{}", "\"\"", "[]"] {
            assert_eq!(user(&with(nothing)).0, r#"{"userName":"a"}"#);
        }
        assert!(refusal(builtin::user(), &with("\"x\"")).contains(urn::ENTERPRISE_USER));
    }

    mod properties {
        use proptest::prelude::*;

        use super::resource;
        use crate::{Correction, Leniency, Notes, Object, Value, schema::builtin};

        fn value() -> impl Strategy<Value = Value> {
            let leaf = prop_oneof![
                Just(Value::Null),
                any::<bool>().prop_map(Value::Boolean),
                any::<i64>().prop_map(Value::Integer),
                "[a-zA-Zé ]{0,6}".prop_map(Value::String),
                Just(Value::from("True")),
            ];
            let name = prop_oneof![
                Just("value"),
                Just("TYPE"),
                Just("primary"),
                Just("formatted"),
                Just("other"),
            ];
            leaf.prop_recursive(3, 12, 4, move |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Multi),
                    prop::collection::vec((name.clone(), inner), 0..4).prop_map(|entries| {
                        let entries = entries.into_iter().map(|(name, it)| (name.into(), it));
                        Value::Complex(entries.collect())
                    }),
                ]
            })
        }

        fn schemas() -> Vec<Value> {
            vec![crate::urn::USER.into(), crate::urn::ENTERPRISE_USER.into()]
        }

        fn body() -> impl Strategy<Value = Object> {
            let name = prop::sample::select(vec![
                "name",
                "Emails",
                "active",
                "title",
                "roles",
                "addresses",
                "externalId",
                "x",
                "x509Certificates",
                crate::urn::ENTERPRISE_USER,
                "manager",
                "name.givenName",
            ]);
            prop::collection::vec((name, value()), 0..8).prop_map(|entries| {
                let entries = entries.into_iter().map(|(name, value)| (name.into(), value));
                let body: Object = entries.collect();
                body.with("userName", "ada").with("schemas", schemas())
            })
        }

        proptest! {
            /// What was accepted is canonical: accepting it again changes nothing and finds
            /// nothing to remark.
            #[test]
            fn accepting_twice_is_accepting_once(body in body()) {
                let user = builtin::user();
                if let Ok(tree) = resource(user, body, &mut Notes::default()) {
                    let again = tree.clone().with("schemas", schemas());
                    let mut notes = Notes::default();
                    prop_assert_eq!(
                        resource(user, again, &mut notes).expect("canonical").to_json(),
                        tree.to_json()
                    );
                    // Base64 is kept as it came.
                    let loose = |one: &Correction| one.leniency == Leniency::LooseBase64;
                    prop_assert!(notes.ignored().is_empty() && notes.corrected().iter().all(loose));
                }
            }
        }
    }
}

//! [`patch`]: a 1.1 PATCH, which is a partial resource, as operations of SCIM 2.0.

use super::{from_v1, map_urns};
use crate::{
    AttributePath, Error, Notes, Object, Value,
    error::quoted,
    patch::{Op, Operation},
    schema::{Attribute, Mutability, ResourceSchema, Schema, Target},
};

/// Whether a PATCH body is one of SCIM 2.0, whatever the address says.
#[must_use]
pub fn is_v2_patch(body: &Object) -> bool {
    body.get("Operations").is_some()
}

/// Reads a PATCH of SCIM 1.1 (protocol §3.3.2) as the operations of a SCIM 2.0 PATCH.
///
/// * What `meta.attributes` lists is cleared before anything else is done.
/// * A simple attribute is replaced, and the sub-attributes of a complex one are merged.
/// * The values of a multi-valued attribute are added, and one with `"operation": "delete"` takes
///   those with the same `value` away. (That a value which is there is not doubled but merged is
///   the rule of [`crate::patch`] too.)
/// * As in a POST, what only the server writes is left out, and what is unknown is noted.
///
/// # Errors
///
/// `invalidValue` where `meta.attributes` holds something that is not an attribute name, where an
/// extension is not an object, and where a value to be deleted does not say which one it is.
pub fn patch(
    schema: &ResourceSchema,
    body: Object,
    notes: &mut Notes,
) -> Result<Vec<Operation>, Error> {
    let cleared = cleared(schema, &body, notes)?;
    let mut reader = Reader { cleared, written: Vec::new(), notes };
    for (name, value) in from_v1(schema, body) {
        if let Some(extension) = schema.extension(name.as_str()) {
            reader.extension(extension, value)?;
        } else if let Some(attribute) = schema.attribute(name.as_str()) {
            reader.attribute(None, attribute, value)?;
        } else {
            reader.notes.ignore(name.as_str());
        }
    }
    Ok(reader.finish())
}

/// The attributes that `meta.attributes` lists, in their standard spelling.
fn cleared(
    schema: &ResourceSchema,
    body: &Object,
    notes: &mut Notes,
) -> Result<Vec<AttributePath>, Error> {
    let meta = body.get("meta").and_then(Value::as_complex);
    let listed = meta.and_then(|meta| meta.get("attributes")).map_or(&[][..], Value::values);
    let mut cleared = Vec::new();
    for entry in listed {
        let name = entry.as_str().unwrap_or_default();
        let mapped = map_urns(name);
        if let Some(extension) = schema.extension(&mapped) {
            cleared.extend(extension.attributes.iter().map(|it| path(Some(extension), it, None)));
            continue;
        }
        let parsed = AttributePath::parse(&mapped).map_err(|_| {
            Error::invalid_value(format!(
                "meta.attributes must list attribute names; {} is none.",
                quoted(name)
            ))
        })?;
        match schema.resolve(&parsed) {
            Some(Target::Attribute { extension, attribute, sub }) if writable(attribute) => {
                cleared.push(path(extension, attribute, sub));
            }
            _ => notes.ignore(format!("meta.attributes: {name}")),
        }
    }
    Ok(cleared)
}

/// The operations under construction.
struct Reader<'a> {
    /// Attributes to be removed first. What is replaced anyway is taken out again.
    cleared: Vec<AttributePath>,
    written: Vec<Operation>,
    notes: &'a mut Notes,
}

impl Reader<'_> {
    fn extension(&mut self, extension: &Schema, value: Value) -> Result<(), Error> {
        let object = match value {
            Value::Complex(object) => object,
            Value::Null => return Ok(()),
            _ => {
                let urn = &extension.id;
                return Err(Error::invalid_value(format!("{urn} must be a JSON object.")));
            }
        };
        for (name, value) in object {
            match extension.attribute(name.as_str()) {
                Some(attribute) => self.attribute(Some(extension), attribute, value)?,
                None => self.notes.ignore(format!("{}:{name}", extension.id)),
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: Value,
    ) -> Result<(), Error> {
        if !writable(attribute) {
            return Ok(());
        }
        let path = path(extension, attribute, None);
        match value {
            Value::Null => self.write(Op::Remove, path, None),
            value if attribute.multi_valued => return self.several(path, value),
            value => {
                // RFC 7644 §3.5.2.3: sub-attributes that are not named stay, so a complex
                // attribute that is to be cleared is cleared first.
                if value.as_complex().is_none() {
                    self.uncleared(&path);
                }
                self.write(Op::Replace, path, Some(value));
            }
        }
        Ok(())
    }

    fn several(&mut self, path: AttributePath, value: Value) -> Result<(), Error> {
        let mut added = Vec::new();
        let mut deleted = Vec::new();
        for mut value in into_values(value) {
            if take_delete(&mut value) {
                deleted.push(reference(&path, &value)?);
            } else {
                added.push(value);
            }
        }
        if self.uncleared(&path) {
            self.write(Op::Replace, path, Some(Value::Multi(added)));
            return Ok(());
        }
        if !deleted.is_empty() {
            self.write(Op::Remove, path.clone(), Some(Value::Multi(deleted)));
        }
        if !added.is_empty() {
            self.write(Op::Add, path, Some(Value::Multi(added)));
        }
        Ok(())
    }

    /// Whether the attribute was to be cleared: what replaces it clears it too.
    fn uncleared(&mut self, path: &AttributePath) -> bool {
        let before = self.cleared.len();
        self.cleared.retain(|cleared| cleared != path);
        self.cleared.len() < before
    }

    fn write(&mut self, op: Op, attribute: AttributePath, value: Option<Value>) {
        self.written.push(operation(op, attribute, value));
    }

    fn finish(self) -> Vec<Operation> {
        let cleared = self.cleared.into_iter().map(|path| operation(Op::Remove, path, None));
        cleared.chain(self.written).collect()
    }
}

fn operation(op: Op, attribute: AttributePath, value: Option<Value>) -> Operation {
    Operation { op, path: Some(attribute.into()), value }
}

fn path(
    extension: Option<&Schema>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
) -> AttributePath {
    AttributePath {
        schema: extension.map(|extension| extension.id.as_str().into()),
        name: attribute.name.as_str().into(),
        sub: sub.map(|sub| sub.name.as_str().into()),
    }
}

fn writable(attribute: &Attribute) -> bool {
    attribute.mutability != Mutability::ReadOnly
}

fn into_values(value: Value) -> Vec<Value> {
    match value {
        Value::Multi(values) => values,
        one => vec![one],
    }
}

/// Takes the `operation` out of a value, and tells whether it says that the value goes.
fn take_delete(value: &mut Value) -> bool {
    let Value::Complex(object) = value else {
        return false;
    };
    let operation = object.remove("operation");
    operation.as_ref().and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case("delete"))
}

/// What a value to be deleted is known by.
fn reference(path: &AttributePath, value: &Value) -> Result<Value, Error> {
    match value.as_complex().and_then(|object| object.str("value")) {
        Some(key) => Ok(Object::new().with("value", key).into()),
        None => Err(Error::invalid_value(format!(
            "A value of {} has the operation delete, but no value to say which one goes.",
            path.name
        ))),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{is_v2_patch, patch};
    use crate::{
        Error, Notes, Object, json,
        patch::{MemberChange, MemberRef, Operation, apply, members::lift},
        schema::{ResourceSchema, builtin},
        urn,
    };

    fn body(text: &str) -> Object {
        json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn read(schema: &ResourceSchema, text: &str) -> Result<(String, Notes), Error> {
        let mut notes = Notes::default();
        let operations = patch(schema, body(text), &mut notes)?;
        Ok((operations.iter().map(line).collect::<Vec<_>>().join("\n"), notes))
    }

    /// An operation on one line: `Add members [{"value":"u1"}]`.
    fn line(operation: &Operation) -> String {
        let path = operation.path.as_ref().map(ToString::to_string).unwrap_or_default();
        let value = operation.value.as_ref().map(|value| serde_json::to_string(value).unwrap());
        let path = path.replace(urn::ENTERPRISE_USER, "enterprise");
        format!("{:?} {path} {}", operation.op, value.unwrap_or_default()).trim_end().to_owned()
    }

    fn group(text: &str) -> String {
        read(builtin::group(), text).expect("valid").0
    }

    fn user(text: &str) -> String {
        read(builtin::user(), text).expect("valid").0
    }

    /// okta-wire §6.
    #[test]
    fn what_okta_sends() {
        assert_snapshot!(
            user(r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"u1","active":false}"#),
            @"Replace active false"
        );
        assert_snapshot!(
            group(r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"g1","displayName":"New"}"#),
            @r#"Replace displayName "New""#
        );
        assert_snapshot!(
            group(r#"{"schemas":["urn:scim:schemas:core:1.0"],"members":[
                {"value":"u1","display":"a"},{"value":"u2","operation":"delete"},
                {"value":"u3","operation":"Delete"},{"value":"u4"}]}"#),
            @r#"
        Remove members [{"value":"u2"},{"value":"u3"}]
        Add members [{"value":"u1","display":"a"},{"value":"u4"}]
        "#
        );
        assert_snapshot!(
            group(r#"{"meta":{"attributes":["members"]},"members":[{"value":"u1"}]}"#),
            @r#"Replace members [{"value":"u1"}]"#
        );
        assert_snapshot!(group(r#"{"meta":{"attributes":["members"]},"members":[]}"#), @"Replace members []");
        assert_snapshot!(group(r#"{"meta":{"attributes":["members"]}}"#), @"Remove members");
    }

    #[test]
    fn values_are_added_and_deleted() {
        assert_snapshot!(
            user(r#"{"emails":[{"value":"a\"x","type":"work"},{"value":"b@x","operation":"delete"}],
                "roles":["admin"],"addresses":[{"locality":"Paris"}]}"#),
            @r#"
        Remove emails [{"value":"b@x"}]
        Add emails [{"value":"a\"x","type":"work"}]
        Add roles ["admin"]
        Add addresses [{"locality":"Paris"}]
        "#
        );
    }

    /// The operations mean the same to the engine of 2.0.
    #[test]
    fn members_are_lifted_and_the_rest_is_applied() {
        let text = r#"{"displayName":"New","members":[{"value":"u1"},
            {"value":"u2","operation":"delete"}]}"#;
        let read = patch(builtin::group(), body(text), &mut Notes::default()).expect("valid");
        let (rest, changes) = lift(read).expect("members");
        let member = |id: &str| MemberRef { value: id.to_owned(), kind: None };
        assert_eq!(
            changes,
            [MemberChange::Remove(vec![member("u2")]), MemberChange::Add(vec![member("u1")])]
        );
        let mut group = body(r#"{"displayName":"Old"}"#);
        apply(builtin::group(), "g1", &mut group, rest, &mut Notes::default()).expect("applied");
        assert_eq!(group.to_json(), r#"{"displayName":"New"}"#);
    }

    #[test]
    fn a_user_is_patched() {
        let mut ada = body(
            r#"{"userName":"ada","active":true,"nickName":"A","name":{"givenName":"A"},
            "emails":[{"value":"a@x","type":"work"},{"value":"b@x"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R"}}"#,
        );
        let text = r#"{"id":"u1","active":false,"meta":{"attributes":["nickName"]},
            "name":{"familyName":"L"},"emails":[{"value":"a@x","type":"work","primary":true},
            {"value":"b@x","operation":"delete"}],
            "urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"u7"}}}"#;
        let mut notes = Notes::default();
        let read = patch(builtin::user(), body(text), &mut notes).expect("valid");
        apply(builtin::user(), "u1", &mut ada, read, &mut notes).expect("applied");
        assert_snapshot!(ada.to_json(), @r#"{"userName":"ada","active":false,"name":{"givenName":"A","familyName":"L"},"emails":[{"value":"a@x","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R","manager":{"value":"u7"}}}"#);
        assert_eq!(notes, Notes::default());
    }

    #[test]
    fn complex_attributes_and_extensions() {
        assert_snapshot!(
            user(r#"{"meta":{"attributes":["name.givenName","title","nickName",
                "urn:scim:schemas:extension:enterprise:1.0:division"]},
                "name":{"familyName":"L"},"title":"Countess","profileUrl":null,"emails":null,
                "urn:scim:schemas:extension:enterprise:1.0":
                {"department":"R","manager":{"managerId":"u7"}}}"#),
            @r#"
        Remove name.givenName
        Remove nickName
        Remove enterprise:division
        Replace name {"familyName":"L"}
        Replace title "Countess"
        Remove profileUrl
        Remove emails
        Replace enterprise:department "R"
        Replace enterprise:manager {"value":"u7"}
        "#
        );
        assert_snapshot!(
            user(r#"{"meta":{"attributes":["urn:scim:schemas:extension:enterprise:1.0"]}}"#),
            @"
        Remove enterprise:employeeNumber
        Remove enterprise:costCenter
        Remove enterprise:organization
        Remove enterprise:division
        Remove enterprise:department
        Remove enterprise:manager
        "
        );
    }

    #[test]
    fn what_is_unknown_is_noted_and_what_is_ours_left_out() {
        let (operations, notes) = read(
            builtin::user(),
            r#"{"id":"x","groups":[],"shoeSize":44,"urn:x":{},
            "meta":{"attributes":["hat","id"],"version":"1"},
            "urn:scim:schemas:extension:enterprise:1.0":{"floor":3}}"#,
        )
        .expect("valid");
        assert_eq!(operations, "");
        let floor = format!("{}:floor", urn::ENTERPRISE_USER);
        assert_eq!(
            notes.ignored(),
            ["meta.attributes: hat", "meta.attributes: id", "shoeSize", "urn:x", &floor]
        );
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        let refusal =
            |text: &str| read(builtin::group(), text).expect_err("refused").detail().to_owned();
        assert!(refusal(r#"{"members":[{"operation":"delete"}]}"#).contains("members"));
        assert!(refusal(r#"{"meta":{"attributes":["a b"]}}"#).contains("\"a b\""));
        assert!(refusal(r#"{"meta":{"attributes":[7]}}"#).contains("meta.attributes"));
        assert!(refusal(r#"{"urn:okta:custom:group:1.0":7}"#).contains("urn:okta"));
    }

    #[test]
    fn a_patch_of_2_0_is_told_by_its_operations() {
        assert!(is_v2_patch(&body(r#"{"operations":[]}"#)));
        assert!(!is_v2_patch(&body(r#"{"active":false}"#)));
    }
}

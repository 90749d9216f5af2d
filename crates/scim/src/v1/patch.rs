//! [`operations`]: a 1.1 PATCH, which is a partial resource, as operations of SCIM 2.0.

use super::{from_v1, map_urns};
use crate::{
    AttributePath, Error, Leniency, Notes, Object, Value,
    error::quoted,
    patch::{self, Limits, Op, Operation},
    schema::{Attribute, Mutability, ResourceSchema, Schema, Target},
};

/// Reads a PATCH at an address of SCIM 1.1: a partial resource, or the operations of SCIM 2.0 from
/// a client that does not know the difference.
///
/// # Errors
///
/// Those of [`patch::parse`] for operations of 2.0. For a partial resource `invalidValue` where
/// `meta.attributes` holds something that is not an attribute name, where an extension is not an
/// object, and where a value to be deleted does not say which one it is; `invalidSyntax` where the
/// `operation` of a value is another than `delete`. And what the profile of `notes` does not
/// accept.
pub fn operations(
    schema: &ResourceSchema,
    body: Object,
    limits: Limits,
    notes: &mut Notes,
) -> Result<Vec<Operation>, Error> {
    if body.get("Operations").is_some() {
        notes.correct(Leniency::V2Patch, "Operations: a PATCH of SCIM 2.0 in SCIM 1.1")?;
        return patch::parse(body, limits, notes);
    }
    partial_resource(schema, body, notes)
}

/// Reads a partial resource (protocol of SCIM 1.1, §3.3.2) as the operations of SCIM 2.0.
///
/// * What `meta.attributes` lists is cleared before anything else is done.
/// * A simple attribute is replaced, and the sub-attributes of a complex one are merged.
/// * The values of a multi-valued attribute are added, and one with `"operation": "delete"` takes
///   those with the same `value` away. (That a value which is there is not doubled but merged is
///   the rule of [`crate::patch`] too.)
/// * As in a POST, what only the server writes is left out, and what is unknown is noted.
fn partial_resource(
    schema: &ResourceSchema,
    body: Object,
    notes: &mut Notes,
) -> Result<Vec<Operation>, Error> {
    let cleared = cleared(schema, &body, notes)?;
    let body = from_v1(schema, body, notes)?;
    let mut reader = Reader { cleared, written: Vec::new(), notes };
    for (name, value) in body {
        if let Some(extension) = schema.extension(name.as_str()) {
            reader.extension(extension, value)?;
        } else if let Some(attribute) = schema.attribute(name.as_str()) {
            reader.attribute(None, attribute, value)?;
        } else {
            reader.notes.ignore_unknown(name.as_str())?;
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
    let listed = meta.and_then(|meta| meta.get("attributes")).unwrap_or(&Value::Null);
    if !matches!(listed, Value::Multi(_) | Value::Null) {
        notes.correct(Leniency::SingleValue, "meta.attributes: one value where a list belongs")?;
    }
    let mut cleared = Vec::new();
    for entry in listed.values() {
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
            Some(_) => notes.ignore(format!("meta.attributes: {name}")),
            None => notes.ignore_unknown(format!("meta.attributes: {name}"))?,
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
                None => self.notes.ignore_unknown(format!("{}:{name}", extension.id))?,
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
        let values = match value {
            Value::Multi(values) => values,
            one => {
                let text = format!("{path}: one value where a list belongs");
                self.notes.correct(Leniency::SingleValue, text)?;
                vec![one]
            }
        };
        for mut value in values {
            if take_delete(&path, &mut value, self.notes)? {
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

/// Takes the `operation` out of a value, and tells whether it says that the value goes.
fn take_delete(path: &AttributePath, value: &mut Value, notes: &mut Notes) -> Result<bool, Error> {
    let Value::Complex(object) = value else {
        return Ok(false);
    };
    match object.remove("operation") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(name)) if name.eq_ignore_ascii_case("delete") => {
            if name != "delete" {
                let text = format!("operation: {} is written \"delete\"", quoted(&name));
                notes.correct(Leniency::OpCase, text)?;
            }
            Ok(true)
        }
        Some(_) => Err(Error::invalid_syntax(format!(
            "A value of {path} has an operation that SCIM 1.1 does not know. Use delete."
        ))),
    }
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

    use super::operations;
    use crate::{
        Error, Leniency, Notes, Object, ScimType, json,
        patch::{Limits, MemberChange, MemberRef, Operation, apply, members::lift},
        schema::{ResourceSchema, builtin},
        urn,
    };

    fn body(text: &str) -> Object {
        json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn read(schema: &ResourceSchema, text: &str) -> Result<(String, Notes), Error> {
        let mut notes = Notes::default();
        let read = operations(schema, body(text), Limits::default(), &mut notes)?;
        Ok((read.iter().map(line).collect::<Vec<_>>().join("\n"), notes))
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
        let mut notes = Notes::default();
        let read = operations(builtin::group(), body(text), Limits::default(), &mut notes);
        let (rest, changes) = lift(read.expect("valid"), &mut notes).expect("members");
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
        let text = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"u1","active":false,"meta":{"attributes":["nickName"]},
            "name":{"familyName":"L"},"emails":[{"value":"a@x","type":"work","primary":true},
            {"value":"b@x","operation":"delete"}],
            "urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"u7"}}}"#;
        let mut notes = Notes::default();
        let read = operations(builtin::user(), body(text), Limits::default(), &mut notes);
        apply(builtin::user(), "u1", &mut ada, read.expect("valid"), &mut notes).expect("applied");
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
    fn an_operation_is_delete_or_a_mistake() {
        for operation in ["\"add\"", "\"replace\"", "\"\"", "7"] {
            let text = format!(r#"{{"members":[{{"value":"u1","operation":{operation}}}]}}"#);
            let error = read(builtin::group(), &text).expect_err(&text);
            assert_eq!(error.scim_type(), ScimType::InvalidSyntax, "{text}");
            assert!(error.detail().contains("members"), "{error}");
        }
        assert_snapshot!(
            group(r#"{"members":[{"value":"u1","operation":null}]}"#),
            @r#"Add members [{"value":"u1"}]"#
        );
    }

    #[test]
    fn operations_of_2_0_are_understood_and_noted() {
        let text = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "operations":[{"op":"replace","path":"title","value":"Countess"}]}"#;
        let (operations, notes) = read(builtin::user(), text).expect("valid");
        assert_snapshot!(operations, @r#"Replace title "Countess""#);
        assert_eq!(notes.corrected().len(), 1, "{notes:?}");
        assert_eq!(notes.corrected()[0].leniency, Leniency::V2Patch);
    }
}

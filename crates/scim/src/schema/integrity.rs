//! What holds for a resource as a whole: what it cannot be without, and what never changes.

use super::{Attribute, Mutability, ResourceSchema, Schema};
use crate::{Error, Object, Value, error::with_capital_article};

impl ResourceSchema {
    /// Makes sure that a new or replaced resource has what it cannot be without: the required
    /// attributes of its core schema, the required extensions, and the required attributes of each
    /// extension that it carries.
    ///
    /// # Errors
    ///
    /// `invalidValue` that names what is missing.
    pub fn check_complete(&self, resource: &Object) -> Result<(), Error> {
        let subject = with_capital_article(&self.resource_type().name);
        if let Some(attribute) = missing(self.core(), resource) {
            return Err(Error::invalid_value(format!(
                "{subject} needs the attribute {}. Map it to a value at the identity provider.",
                attribute.name
            )));
        }
        for extension in self.extensions() {
            if carried(extension, resource).is_none() && self.requires(extension) {
                return Err(Error::invalid_value(format!(
                    "{subject} needs the extension {}.",
                    extension.id
                )));
            }
            check_extension(extension, resource)?;
        }
        Ok(())
    }

    /// The same after a PATCH, for what the PATCH changed. (A resource that lacked something
    /// before, because a schema was registered later, can still be changed: above all archived.)
    ///
    /// # Errors
    ///
    /// `mutability` where a required extension would go, or an immutable attribute would change;
    /// `invalidValue` where an extension would lack a required attribute.
    pub fn check_change(&self, before: &Object, after: &Object) -> Result<(), Error> {
        for extension in self.extensions() {
            let (old, new) = (carried(extension, before), carried(extension, after));
            if old.is_some() && new.is_none() && self.requires(extension) {
                return Err(Error::mutability(format!(
                    "The extension {} is required and cannot be removed.",
                    extension.id
                )));
            }
            if old != new {
                check_extension(extension, after)?;
            }
        }
        for (schema, attribute) in self.immutable() {
            let old = self.home(schema, before).and_then(|home| home.get(&attribute.name));
            let new = self.home(schema, after).and_then(|home| home.get(&attribute.name));
            if old.is_some() && old != new {
                return Err(immutable(attribute));
            }
        }
        Ok(())
    }

    /// Keeps immutable attributes through a PUT, RFC 7644 §3.5.1: one that has a value keeps it
    /// where the body says nothing, and the body must not say anything else. With it its extension
    /// is carried on, so the body must have what that needs.
    ///
    /// # Errors
    ///
    /// `mutability`; `invalidValue` where an extension would lack a required attribute.
    pub fn keep_immutable(&self, before: &Object, after: &mut Object) -> Result<(), Error> {
        for (schema, attribute) in self.immutable() {
            let old = self.home(schema, before).and_then(|home| home.get(&attribute.name));
            let Some(old) = old else { continue };
            match self.home(schema, after).and_then(|home| home.get(&attribute.name)) {
                Some(new) if new == old => {}
                Some(_) => return Err(immutable(attribute)),
                None if schema.id == self.core().id => {
                    after.insert(attribute.name.as_str(), old.clone());
                }
                None => {
                    let home = after.complex_mut(&schema.id);
                    home.insert(attribute.name.as_str(), old.clone());
                }
            }
        }
        self.extensions().iter().try_for_each(|extension| check_extension(extension, after))
    }

    fn immutable(&self) -> impl Iterator<Item = (&Schema, &Attribute)> {
        self.schemas().flat_map(|schema| {
            schema
                .attributes
                .iter()
                .filter(|attribute| attribute.mutability == Mutability::Immutable)
                .map(move |attribute| (schema, attribute))
        })
    }

    fn requires(&self, extension: &Schema) -> bool {
        let listed = &self.resource_type().schema_extensions;
        listed.iter().any(|listed| listed.required && listed.schema == extension.id)
    }

    /// The object in which the attributes of a schema stand.
    fn home<'r>(&self, schema: &Schema, resource: &'r Object) -> Option<&'r Object> {
        if schema.id == self.core().id { Some(resource) } else { carried(schema, resource) }
    }
}

fn carried<'r>(extension: &Schema, resource: &'r Object) -> Option<&'r Object> {
    resource.get(&extension.id).and_then(Value::as_complex).filter(|object| !object.is_empty())
}

fn check_extension(extension: &Schema, resource: &Object) -> Result<(), Error> {
    let lacks = carried(extension, resource).and_then(|object| missing(extension, object));
    match lacks {
        None => Ok(()),
        Some(attribute) => Err(Error::invalid_value(format!(
            "The extension {} needs the attribute {}.",
            extension.id, attribute.name
        ))),
    }
}

fn missing<'s>(schema: &'s Schema, object: &Object) -> Option<&'s Attribute> {
    schema
        .attributes
        .iter()
        .find(|attribute| attribute.required && object.get(&attribute.name).is_none())
}

fn immutable(attribute: &Attribute) -> Error {
    Error::mutability(format!(
        "{} is immutable: once it has a value, the value stays (RFC 7643 §2.2).",
        attribute.name
    ))
}

#[cfg(test)]
mod tests {
    use crate::{
        Error, Object, ScimType,
        json::{self, from_slice},
        schema::{Schemas, definition::Definition},
    };

    fn schemas() -> Schemas {
        let text = r#"{"name":"test","schemas":[
            {"id":"urn:example:badge","name":"Badge","attributes":[
                {"name":"number","type":"string","required":true},
                {"name":"batch","type":"string","mutability":"immutable"}]},
            {"id":"urn:example:role","name":"Role","attributes":[
                {"name":"key","type":"string","required":true,"mutability":"immutable"},
                {"name":"note","type":"string"}]}],
          "extensions":[{"resourceType":"User","schema":"urn:example:badge","required":true}],
          "resourceTypes":[{"name":"Role","endpoint":"/Roles","schema":"urn:example:role"}]}"#;
        let definition: Definition = serde_json::from_str(text).expect("a definition");
        Schemas::builtin().with(&definition).expect("it fits")
    }

    fn object(text: &str) -> Object {
        from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn keyword(result: Result<(), Error>) -> Option<ScimType> {
        result.err().map(|error| error.scim_type())
    }

    #[test]
    fn a_new_resource_is_complete() {
        let schemas = schemas();
        let check = |text: &str| keyword(schemas.user().check_complete(&object(text)));
        let invalid = Some(ScimType::InvalidValue);
        assert_eq!(check(r#"{"userName":"a"}"#), invalid);
        assert_eq!(check(r#"{"userName":"a","urn:example:badge":{"batch":"1"}}"#), invalid);
        assert_eq!(check(r#"{"urn:example:badge":{"number":"1"}}"#), invalid);
        assert_eq!(check(r#"{"userName":"a","urn:example:badge":{"number":"1"}}"#), None);
    }

    #[test]
    fn what_is_missing_is_told_in_english() {
        let text = r#"{"name":"test","schemas":[{"id":"urn:example:right","name":"Right","attributes":[
            {"name":"key","type":"string","required":true}]}],"resourceTypes":[
            {"name":"Entitlement","endpoint":"/Entitlements","schema":"urn:example:right"}]}"#;
        let definition: Definition = serde_json::from_str(text).expect("a definition");
        let schemas = Schemas::builtin().with(&definition).expect("it fits");
        let type_of = schemas.at("/Entitlements").expect("registered");
        let error = type_of.check_complete(&Object::new()).expect_err("the key is missing");
        assert_eq!(
            error.detail(),
            "An Entitlement needs the attribute key. Map it to a value at the identity provider."
        );
    }

    #[test]
    fn what_lacked_something_before_can_still_be_changed() {
        let schemas = schemas();
        let check = |before: &str, after: &str| {
            keyword(schemas.user().check_change(&object(before), &object(after)))
        };
        let with = |badge: &str| format!(r#"{{"userName":"a","urn:example:badge":{badge}}}"#);
        let bare = r#"{"userName":"a"}"#;
        assert_eq!(check(bare, r#"{"userName":"b"}"#), None);
        assert_eq!(check(bare, &with(r#"{"batch":"1"}"#)), Some(ScimType::InvalidValue));
        assert_eq!(check(&with(r#"{"number":"1"}"#), bare), Some(ScimType::Mutability));
        let (one, two) = (r#"{"number":"1","batch":"x"}"#, r#"{"number":"1","batch":"y"}"#);
        assert_eq!(check(&with(one), &with(two)), Some(ScimType::Mutability));
        assert_eq!(check(&with(r#"{"number":"1"}"#), &with(one)), None);
    }

    #[test]
    fn immutable_attributes_survive_a_put() {
        let schemas = schemas();
        let role = schemas.at("/Roles").expect("registered");
        let before = object(r#"{"key":"k","note":"n"}"#);
        let put = |text: &str| {
            let mut after = object(text);
            role.keep_immutable(&before, &mut after).map(|()| after.to_json())
        };
        assert_eq!(put(r#"{"note":"m"}"#).as_deref(), Ok(r#"{"note":"m","key":"k"}"#));
        assert_eq!(put(r#"{"key":"k"}"#).as_deref(), Ok(r#"{"key":"k"}"#));
        assert_eq!(keyword(put(r#"{"key":"other"}"#).map(drop)), Some(ScimType::Mutability));
    }

    #[test]
    fn what_is_kept_through_a_put_does_not_make_half_an_extension() {
        let schemas = schemas();
        let before = object(r#"{"userName":"a","urn:example:badge":{"number":"1","batch":"x"}}"#);
        let put = |text: &str| keyword(schemas.user().keep_immutable(&before, &mut object(text)));
        assert_eq!(put(r#"{"userName":"a"}"#), Some(ScimType::InvalidValue));
        assert_eq!(put(r#"{"userName":"a","urn:example:badge":{"number":"2"}}"#), None);
    }
}

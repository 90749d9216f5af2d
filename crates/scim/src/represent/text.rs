//! [`represent_text`]: a stored document as the client sees it, without reading what is shown as it
//! stands.

use std::{borrow::Cow, fmt};

use serde::{
    Serialize, Serializer as _,
    de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::Meta;
use crate::{
    Object, Value,
    query::{Projection, projection::Shown},
    schema::ResourceSchema,
};

/// The attributes of a document, each value as it stands.
struct Entries<'d>(Vec<(Cow<'d, str>, &'d RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(16);
                while let Some(name) = map.next_key::<TextName<'de>>()? {
                    entries.push((name.0, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// A name, borrowed where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct TextName<'d>(#[serde(borrow)] Cow<'d, str>);

/// The projected text of a resource from its stored document: the same as
/// [`represent`](super::represent), projected, as JSON. What is shown whole is copied as it is
/// stored.
///
/// `computed` is what the store computes (`groups`), and goes after the core attributes.
///
/// Cost: O(document), with memory for the answer and little else.
///
/// # Errors
///
/// Where the document is not JSON.
pub fn represent_text(
    schema: &ResourceSchema,
    id: &str,
    document: &str,
    computed: Option<(&str, Value)>,
    meta: &Meta,
    projection: &Projection,
) -> Result<String, serde_json::Error> {
    let Entries(entries) = serde_json::from_str(document)?;
    let urns = schema.extensions().iter().map(|extension| extension.id.as_str());
    let extensions: Vec<(&str, &RawValue)> = urns
        .filter_map(|urn| {
            let found = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(urn));
            found.map(|(_, value)| (urn, *value))
        })
        .filter(|(_, value)| !matches!(value.get(), "{}" | "null"))
        .collect();

    let mut text = Writer(Vec::with_capacity(document.len() + 512));
    let schemas = std::iter::once(schema.core().id.as_str());
    let schemas: Vec<&str> = schemas.chain(extensions.iter().map(|(urn, _)| *urn)).collect();
    text.value("schemas", &schemas)?;
    text.value("id", &id)?;
    let is_core = |name: &str| !name.contains(':') || schema.extension(name).is_none();
    let (first, rest): (Vec<_>, Vec<_>) = entries
        .iter()
        .filter(|(name, _)| is_core(name))
        .partition(|(name, _)| name.eq_ignore_ascii_case("externalId"));
    for (name, value) in first.into_iter().chain(rest) {
        match projection.shown(name) {
            Shown::Whole => text.raw(name, value)?,
            Shown::Nothing => {}
            Shown::Partly => text.projected(projection, name, value)?,
        }
    }
    if let Some((name, value)) = computed
        && let Some(value) = projection.apply_to_value(name, value)
    {
        text.value(name, &value)?;
    }
    for (urn, value) in extensions {
        match projection.shown(urn) {
            Shown::Whole => text.raw(urn, value)?,
            Shown::Nothing => {}
            Shown::Partly => text.projected(projection, urn, value)?,
        }
    }
    let resource_type = &schema.resource_type().name;
    match projection.shown("meta") {
        Shown::Whole => text.object("meta", &meta.members(resource_type))?,
        Shown::Nothing => {}
        Shown::Partly => {
            let meta = meta.represent(resource_type).into();
            if let Some(meta) = projection.apply_to_value("meta", meta) {
                text.value("meta", &meta)?;
            }
        }
    }
    text.end()
}

/// Those attributes of a stored document that are asked for; the others are passed over.
///
/// Cost: O(document), with memory for what is asked for.
///
/// # Errors
///
/// Where the document is not JSON.
pub fn pick(document: &str, is_asked: impl Fn(&str) -> bool) -> Result<Object, serde_json::Error> {
    let Entries(entries) = serde_json::from_str(document)?;
    let mut picked = Object::new();
    for (name, value) in entries {
        if is_asked(&name) {
            let value = crate::json::value(value.get()).map_err(serde_json::Error::custom)?;
            picked.push(name.as_ref().into(), value);
        }
    }
    Ok(picked)
}

/// An object that is written name by name.
struct Writer(Vec<u8>);

impl Writer {
    fn name(&mut self, name: &str) -> Result<(), serde_json::Error> {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        serde_json::to_writer(&mut self.0, name)?;
        self.0.push(b':');
        Ok(())
    }

    fn raw(&mut self, name: &str, value: &RawValue) -> Result<(), serde_json::Error> {
        self.name(name)?;
        self.0.extend_from_slice(value.get().as_bytes());
        Ok(())
    }

    fn value(&mut self, name: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.name(name)?;
        serde_json::to_writer(&mut self.0, value)
    }

    /// An object of texts.
    fn object(&mut self, name: &str, members: &[(&str, String)]) -> Result<(), serde_json::Error> {
        self.name(name)?;
        let mut object = serde_json::Serializer::new(&mut self.0);
        object.collect_map(members.iter().map(|(name, value)| (name, value)))
    }

    /// A value of which not everything is shown is read after all.
    fn projected(
        &mut self,
        projection: &Projection,
        name: &str,
        value: &RawValue,
    ) -> Result<(), serde_json::Error> {
        let value = crate::json::value(value.get()).map_err(serde_json::Error::custom)?;
        let shown = projection.apply(Object::new().with(name, value));
        for (name, value) in shown {
            self.value(name.as_str(), &value)?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<String, serde_json::Error> {
        self.0.push(b'}');
        String::from_utf8(self.0).map_err(serde_json::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::represent_text;
    use crate::{
        EntityTag, Object, Value, json,
        query::Projection,
        represent::{Meta, represent},
        schema::{ResourceSchema, builtin},
    };

    const ADA: &str = r#"{"userName":"ada@example.com","externalId":"00u1","name":{"givenName":"Ada","familyName":"Lovel\u00e1ce \"A\""},"emails":[{"value":"ada@example.com","type":"work","primary":true},{"value":"a@b.c","type":"home"}],"active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"1","manager":{"value":"m1"}},"title":"Countess"}"#;

    /// Attributes, and excluded attributes.
    const ASKED: &[(Option<&str>, Option<&str>)] = &[
        (None, None),
        (Some("userName"), None),
        (Some("externalId,meta.version"), None),
        (Some("emails.value,name"), None),
        (Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"), None),
        (Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), Some("emails")),
        (None, Some("name.givenName,groups")),
        (None, Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")),
        (None, Some("meta,emails.type,schemas,id")),
        (Some("nothing"), None),
    ];

    fn both(schema: &Arc<ResourceSchema>, document: &str, groups: Option<&Value>) {
        let meta = Meta {
            created: Timestamp::from_microsecond(1_763_712_000_123_456).expect("a time"),
            last_modified: Timestamp::from_second(1_763_712_060).expect("a time"),
            tag: EntityTag::of(7),
            location: "https://d.example/scim/v2/Users/u1".to_owned(),
        };
        let limits = json::Limits { depth: 64, names: 100 };
        for (wanted, excluded) in ASKED {
            let projection = Projection::new(schema, *wanted, *excluded).expect("names");
            let mut tree: Object = json::from_slice(document.as_bytes(), limits).expect("JSON");
            if let Some(groups) = groups {
                tree.insert("groups", groups.clone());
            }
            let expected = projection.apply(represent(schema, "u1", tree, &meta)).to_json();
            let computed = groups.map(|groups| ("groups", groups.clone()));
            let text = represent_text(schema, "u1", document, computed, &meta, &projection);
            let text = text.expect("JSON");
            let read = |text: &str| json::from_slice(text.as_bytes(), limits).expect("JSON");
            assert_eq!(read(&text).to_json(), read(&expected).to_json(), "{wanted:?} {excluded:?}");
        }
    }

    #[test]
    fn the_text_is_the_representation() {
        let groups = Value::Multi(vec![
            Object::new().with("value", "g1").with("display", "Analysts").into(),
        ]);
        both(builtin::user(), ADA, None);
        both(builtin::user(), ADA, Some(&groups));
        both(builtin::user(), r#"{"userName":"x"}"#, None);
        both(builtin::group(), r#"{"displayName":"Analysts","externalId":"g"}"#, None);
    }

    #[test]
    fn what_the_schema_does_not_know_is_not_shown() {
        both(builtin::user(), r#"{"userName":"x","gone":[1,2],"urn:gone":{"a":1}}"#, None);
    }
}

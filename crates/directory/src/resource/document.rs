//! [`Document`]: the attributes of a resource, read when they are first looked at.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use scim::Object;
use serde::de::IgnoredAny;

/// The attributes of a resource in canonical form, without what is computed: `id`, `meta`,
/// `schemas`, `groups` and `members`.
///
/// What is only passed on is never read into a tree: most of what a small read would cost.
#[derive(Clone)]
pub struct Document {
    text: Option<Arc<str>>,
    tree: OnceLock<Object>,
}

impl Document {
    /// A document as it is stored.
    ///
    /// # Errors
    ///
    /// Where it is not a JSON object.
    pub(crate) fn stored(text: &str) -> Result<Self, String> {
        if !text.starts_with('{') {
            return Err("it is no JSON object".to_owned());
        }
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| error.to_string())?;
        Ok(Self { text: Some(text.into()), tree: OnceLock::new() })
    }

    /// The attributes, to be changed.
    #[must_use]
    pub fn to_object(&self) -> Object {
        (**self).clone()
    }

    /// The attributes that are asked for by their names; the others are not read.
    pub(crate) fn only(&self, is_asked: impl Fn(&str) -> bool) -> Object {
        if let (Some(text), None) = (&self.text, self.tree.get())
            && let Ok(picked) = scim::pick(text, &is_asked)
        {
            return picked;
        }
        let all = self.iter().filter(|(name, _)| is_asked(name.as_str()));
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// It as it is stored, if it was read from the store.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

impl Deref for Document {
    type Target = Object;

    fn deref(&self) -> &Object {
        self.tree.get_or_init(|| {
            let read = parse_document(self.text.as_deref().unwrap_or("{}"));
            read.expect("it was seen to be JSON, and no one writes a name twice")
        })
    }
}

/// Reads a stored document.
pub(crate) fn parse_document(text: &str) -> Result<Object, scim::Error> {
    // What was accepted once is read back whatever the limits are today.
    let limits = scim::json::Limits { depth: 120, names: usize::MAX };
    scim::json::from_slice(text.as_bytes(), limits)
}

impl From<Document> for Object {
    fn from(document: Document) -> Self {
        document.to_object()
    }
}

impl From<Object> for Document {
    fn from(object: Object) -> Self {
        Self { text: None, tree: OnceLock::from(object) }
    }
}

impl PartialEq<Document> for Object {
    fn eq(&self, other: &Document) -> bool {
        *self == **other
    }
}

impl PartialEq<Object> for Document {
    fn eq(&self, other: &Object) -> bool {
        **self == *other
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

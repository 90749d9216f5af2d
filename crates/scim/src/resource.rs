//! [`Object`] and [`Value`]: a resource as an ordered tree with case-insensitive names.

use std::cmp::Ordering;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::Name;

/// One value of the tree, RFC 7643 §2.3.
///
/// Date-times, references and binary values are strings here; the schema says which they are.
/// Numbers are equal by what they are, not by how they were written: 2 and 2.0 are one.
#[derive(Clone, Debug)]
pub enum Value {
    /// JSON `null`. RFC 7643 §2.5: the same as unassigned, so it is never stored.
    Null,
    /// §2.3.2.
    Boolean(bool),
    /// §2.3.4.
    Integer(i64),
    /// §2.3.3.
    Decimal(f64),
    /// §2.3.1, and the types that are written as strings.
    String(String),
    /// §2.3.8: sub-attributes.
    Complex(Object),
    /// §2.4: the values of a multi-valued attribute.
    Multi(Vec<Value>),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(one), Self::Boolean(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Decimal(one), Self::Decimal(other)) => one == other,
            (Self::Integer(whole), Self::Decimal(decimal))
            | (Self::Decimal(decimal), Self::Integer(whole)) => same_number(*whole, *decimal),
            (Self::String(one), Self::String(other)) => one == other,
            (Self::Complex(one), Self::Complex(other)) => one == other,
            (Self::Multi(one), Self::Multi(other)) => one == other,
            _ => false,
        }
    }
}

/// RFC 8259 §6: what a number is written like means nothing.
#[expect(clippy::cast_precision_loss, reason = "a decimal is as imprecise")]
fn same_number(whole: i64, decimal: f64) -> bool {
    (whole as f64).partial_cmp(&decimal) == Some(Ordering::Equal)
}

impl Value {
    /// The text, where the value is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, where the value is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The sub-attributes, where the value is complex.
    #[must_use]
    pub fn as_complex(&self) -> Option<&Object> {
        match self {
            Self::Complex(object) => Some(object),
            _ => None,
        }
    }

    /// The values, where the value is multi-valued; one value counts as a list of itself, and
    /// `null` as none.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        match self {
            Self::Null => &[],
            Self::Multi(values) => values,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether the value is the same as no value: `null`, an empty list, an empty object.
    /// (RFC 7643 §2.5. An empty string is a value here; whoever reads input may see it otherwise.)
    #[must_use]
    pub fn is_unassigned(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Multi(values) => values.is_empty(),
            Self::Complex(object) => object.is_empty(),
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Complex(object)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::Multi(values)
    }
}

/// An ordered map of attributes whose names compare without regard to case.
///
/// Resources, complex values and messages are all objects. Look-up is linear: objects are small,
/// and [`crate::json`] refuses larger ones.
#[derive(Clone, Debug, Default)]
pub struct Object(Vec<(Name, Value)>);

/// Two objects are equal when they hold the same names with equal values, in any order.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().all(|(name, value)| other.get(name.as_str()) == Some(value))
    }
}

impl Object {
    /// An object without attributes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many attributes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The value of an attribute, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The text of a string attribute.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Sets an attribute. A new one goes to the end; a present one keeps its place and takes the
    /// new spelling. Returns the value that was there.
    pub fn insert(&mut self, name: impl Into<Name>, value: impl Into<Value>) -> Option<Value> {
        let (name, value) = (name.into(), value.into());
        if let Some(entry) = self.0.iter_mut().find(|(n, _)| *n == name) {
            return Some(std::mem::replace(entry, (name, value)).1);
        }
        self.0.push((name, value));
        None
    }

    /// The same as [`Object::insert`], in a chain.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// Takes an attribute out. The others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(at).1)
    }

    /// The complex value under a name. Where there is none, an empty one is put there.
    pub(crate) fn complex_mut(&mut self, name: &str) -> &mut Object {
        if self.get(name).is_none_or(|value| value.as_complex().is_none()) {
            self.insert(name, Object::new());
        }
        match self.get_mut(name) {
            Some(Value::Complex(object)) => object,
            _ => unreachable!("an object was put there"),
        }
    }

    /// Adds an attribute without looking whether the name is there already. Only for readers that
    /// have just made sure that it is not.
    pub(crate) fn push(&mut self, name: Name, value: Value) {
        self.0.push((name, value));
    }

    /// Gives spare memory back: a body may hold a million small objects.
    pub(crate) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    /// The attributes in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Keeps the attributes for which `keep` answers true.
    pub fn retain(&mut self, mut keep: impl FnMut(&Name, &mut Value) -> bool) {
        self.0.retain_mut(|(name, value)| keep(name, value));
    }

    /// The object as JSON text, in the order of its attributes.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a tree of strings and numbers is always JSON")
    }
}

impl IntoIterator for Object {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<(Name, Value)> for Object {
    fn extend<I: IntoIterator<Item = (Name, Value)>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.insert(name, value);
        }
    }
}

impl FromIterator<(Name, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(entries: I) -> Self {
        let mut object = Self::new();
        object.extend(entries);
        object
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name.as_str(), value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Decimal(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::Complex(object) => object.serialize(serializer),
            Self::Multi(values) => {
                let mut seq = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    seq.serialize_element(value)?;
                }
                seq.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Object, Value};

    #[test]
    fn names_ignore_case_and_keep_their_place() {
        let mut user = Object::new().with("userName", "a").with("active", true);
        user.insert("USERNAME", "b");
        assert_eq!(user.str("username"), Some("b"));
        assert_eq!(user.to_json(), r#"{"USERNAME":"b","active":true}"#);
    }

    #[test]
    fn equality_does_not_depend_on_order() {
        let one = Object::new().with("a", 1).with("b", Value::Null);
        let other = Object::new().with("B", Value::Null).with("A", 1);
        assert_eq!(one, other);
        assert_ne!(one, Object::new().with("a", 1));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        assert_eq!(Value::Integer(2), Value::Decimal(2.0));
        assert_eq!(Value::Decimal(-0.0), Value::Integer(0));
        assert_ne!(Value::Integer(2), Value::Decimal(2.5));
        assert_ne!(Value::Integer(1), Value::Boolean(true));
    }
}

//! [`Edit`]: what one operation makes of the value of one attribute.

use super::Op;
use crate::{
    Error, Notes, Object, Path, Value, accept,
    schema::{Attribute, Mutability, Type},
};

/// One operation on one attribute, with its path resolved and found to be allowed.
pub(super) struct Edit<'a> {
    pub(super) op: Op,
    pub(super) path: &'a Path,
    pub(super) attribute: &'a Attribute,
    /// The sub-attribute that the path ends with.
    pub(super) sub: Option<&'a Attribute>,
}

impl Edit<'_> {
    /// The new value of the attribute; `None` where it has none any more.
    pub(super) fn run(
        &self,
        old: Option<Value>,
        value: Option<Value>,
        notes: &mut Notes,
    ) -> Result<Option<Value>, Error> {
        if self.attribute.multi_valued {
            let old = match old {
                Some(Value::Multi(values)) => values,
                one => one.into_iter().collect(),
            };
            let new = self.values(old, value, notes)?;
            return Ok((!new.is_empty()).then_some(Value::Multi(new)));
        }
        let value = self.written(value);
        match self.attribute.kind {
            Type::Complex => self.complex(old, value, notes),
            _ => {
                let new = accept::attribute(self.attribute, value, notes)?;
                Ok(if self.op == Op::Add { new.or(old) } else { new })
            }
        }
    }

    /// What is written: removing is to write no value, and a sub-attribute is written as an
    /// object that holds it alone.
    pub(super) fn written(&self, value: Option<Value>) -> Value {
        let value = match self.op {
            Op::Remove => Value::Null,
            Op::Add | Op::Replace => value.unwrap_or(Value::Null),
        };
        match self.sub {
            Some(sub) => Object::new().with(sub.name.as_str(), value).into(),
            None => value,
        }
    }

    /// Merges into a complex value, RFC 7644 §3.5.2.1 and §3.5.2.3: sub-attributes that are not
    /// named stay. Without any, the value is removed, or nothing is added.
    pub(super) fn complex(
        &self,
        old: Option<Value>,
        value: Value,
        notes: &mut Notes,
    ) -> Result<Option<Value>, Error> {
        if is_empty(&value) {
            return Ok(old.filter(|_| self.op == Op::Add));
        }
        let sent = value.as_complex().cloned().unwrap_or_default();
        let mut parts = match accept::single(self.attribute, value, notes)? {
            Some(Value::Complex(parts)) => parts,
            _ => Object::new(),
        };
        let mut merged = match old {
            Some(Value::Complex(object)) => object,
            _ => Object::new(),
        };
        let writable = |sub: &&Attribute| sub.mutability != Mutability::ReadOnly;
        for sub in self.attribute.sub_attributes.iter().filter(writable) {
            let (old, new) = (merged.get(&sub.name), parts.remove(&sub.name));
            let cleared = self.op != Op::Add && sent.get(&sub.name).is_some();
            if new.is_none() && !cleared {
                continue;
            }
            if sub.mutability == Mutability::Immutable && old.is_some() && old != new.as_ref() {
                return Err(Error::mutability(format!(
                    "{}.{} cannot be changed once it has a value.",
                    self.attribute.name, sub.name
                )));
            }
            match new {
                Some(value) => merged.insert(sub.name.as_str(), value),
                None => merged.remove(&sub.name),
            };
        }
        Ok((!merged.is_empty()).then_some(Value::Complex(merged)))
    }
}

/// Whether writing this is the same as writing nothing, RFC 7643 §2.5. Okta sends the empty text
/// for what a person does not have.
pub(super) fn is_empty(value: &Value) -> bool {
    value.is_unassigned() || value.as_str() == Some("")
}

//! [`Edit`]: what one operation makes of the value of one attribute.

use super::Op;
use crate::{
    Error, Filter, Notes, Object, Path, Value, accept,
    schema::{Attribute, Mutability},
};

/// One operation on one attribute, with its path resolved and found to be allowed.
pub(super) struct Edit<'a> {
    pub(super) op: Op,
    pub(super) path: &'a Path,
    pub(super) attribute: &'a Attribute,
    /// The sub-attribute that the path ends with.
    pub(super) sub: Option<&'a Attribute>,
}

/// What an operation writes: read once, and put into each value that it changes.
pub(super) enum Written<'a> {
    /// No value: `null`, an empty text, an empty list, an empty object (RFC 7643 §2.5). Okta
    /// sends the empty text for what a person does not have.
    Nothing,
    /// A value without parts.
    Simple(Value),
    /// Sub-attributes, `None` where one is cleared. Those that are not named stay.
    Parts(Vec<(&'a Attribute, Option<Value>)>),
}

impl Written<'_> {
    /// Whether there is a value to write, rather than to clear.
    pub(super) fn has_value(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Simple(_) => true,
            Self::Parts(parts) => parts.iter().any(|(_, value)| value.is_some()),
        }
    }
}

impl<'a> Edit<'a> {
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
        let written = self.written(value, notes)?;
        self.put(old, &written)
    }

    /// How often values are compared, at most.
    pub(super) fn comparisons(&self, old: Option<&Value>, value: Option<&Value>) -> usize {
        let count = |value: Option<&Value>| value.map_or(0, |value| value.values().len());
        let each = self.path.selector.as_ref().map_or(1, Filter::terms).max(count(value));
        count(old) * each
    }

    /// Reads what the operation writes. To remove is to write nothing, and a sub-attribute is
    /// written as an object that holds it alone.
    pub(super) fn written(
        &self,
        value: Option<Value>,
        notes: &mut Notes,
    ) -> Result<Written<'a>, Error> {
        let value = match self.op {
            Op::Remove => Value::Null,
            Op::Add | Op::Replace => value.unwrap_or(Value::Null),
        };
        let value = match self.sub {
            Some(sub) => Object::new().with(sub.name.as_str(), value).into(),
            None => value,
        };
        let value = accept::renamed(self.attribute, value, notes)?;
        let sent = value.as_complex().cloned().unwrap_or_default();
        let accepted = match accept::single(self.attribute, value, notes)? {
            Some(Value::Complex(parts)) => parts,
            Some(value) => return Ok(Written::Simple(value)),
            None if sent.is_empty() => return Ok(Written::Nothing),
            None => Object::new(),
        };
        let part = |sub: &'a Attribute| {
            let value = accepted.get(&sub.name);
            let cleared = self.op != Op::Add && sent.get(&sub.name).is_some();
            let written = sub.mutability != Mutability::ReadOnly && (value.is_some() || cleared);
            written.then(|| (sub, value.cloned()))
        };
        Ok(Written::Parts(self.attribute.sub_attributes.iter().filter_map(part).collect()))
    }

    /// Puts what is written into one value, RFC 7644 §3.5.2.1 and §3.5.2.3. Adding nothing
    /// changes nothing.
    pub(super) fn put(
        &self,
        old: Option<Value>,
        written: &Written<'_>,
    ) -> Result<Option<Value>, Error> {
        let parts = match written {
            Written::Nothing => return Ok(old.filter(|_| self.op == Op::Add)),
            Written::Simple(value) => return Ok(Some(value.clone())),
            Written::Parts(parts) => parts,
        };
        let mut merged = match old {
            Some(Value::Complex(object)) => object,
            _ => Object::new(),
        };
        for (sub, new) in parts {
            let old = merged.get(&sub.name);
            if sub.mutability == Mutability::Immutable && old.is_some() && old != new.as_ref() {
                return Err(Error::mutability(format!(
                    "{}.{} cannot be changed once it has a value.",
                    self.attribute.name, sub.name
                )));
            }
            match new {
                Some(value) => merged.insert(sub.name.as_str(), value.clone()),
                None => merged.remove(&sub.name),
            };
        }
        Ok((!merged.is_empty()).then_some(Value::Complex(merged)))
    }
}

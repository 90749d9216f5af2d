//! Operations on multi-valued attributes: adding, choosing by selector, the one that is primary.

use std::{collections::HashSet, mem};

use super::{Op, edit::Edit};
use crate::{Error, Filter, Leniency, Notes, Object, Value, accept, error::clipped, schema::Type};

impl Edit<'_> {
    /// The new values of a multi-valued attribute.
    pub(super) fn values(
        &self,
        old: Vec<Value>,
        value: Option<Value>,
        notes: &mut Notes,
    ) -> Result<Vec<Value>, Error> {
        if self.path.selector.is_some() || self.sub.is_some() {
            return self.chosen(old, value, notes);
        }
        match (self.op, value) {
            (Op::Add, value) => self.added(old, value, notes),
            (Op::Remove, None | Some(Value::Null)) => Ok(Vec::new()),
            (Op::Remove, Some(listed)) => self.without(old, &listed, notes),
            (Op::Replace, value) => self.accepted(value, notes),
        }
    }

    /// RFC 7644 §3.5.2.1: new values go to the end, and a value that is there already is not
    /// doubled. One value may stand for a list of one.
    fn added(
        &self,
        mut values: Vec<Value>,
        value: Option<Value>,
        notes: &mut Notes,
    ) -> Result<Vec<Value>, Error> {
        let mut primary = None;
        let value = match value {
            Some(one)
                if !matches!(one, Value::Multi(_) | Value::Null) && one.as_str() != Some("") =>
            {
                Some(vec![one].into())
            }
            value => value,
        };
        for value in self.accepted(value, notes)? {
            let at = values.iter().position(|present| is_same(present, &value));
            let at = at.unwrap_or(values.len());
            if is_primary(&value) {
                primary = Some(at);
            }
            match (values.get_mut(at), value) {
                (None, value) => values.push(value),
                (Some(Value::Complex(present)), Value::Complex(parts)) => {
                    for (name, part) in parts {
                        present.insert(name, part);
                    }
                }
                (Some(_), _) => {}
            }
        }
        if let Some(at) = primary.filter(|&at| is_primary(&values[at])) {
            promote(&mut values, at);
        }
        self.bounded(values)
    }

    /// Entra and `JumpCloud` list what to remove: these values go and no others.
    fn without(
        &self,
        mut values: Vec<Value>,
        listed: &Value,
        notes: &mut Notes,
    ) -> Result<Vec<Value>, Error> {
        for value in listed.values() {
            if let Some(value) = accept::single(self.attribute, value.clone(), notes)? {
                values.retain(|present| !is_meant(present, &value));
            }
        }
        Ok(values)
    }

    /// An operation on the values that the selector chooses, or on a sub-attribute of all.
    fn chosen(
        &self,
        mut values: Vec<Value>,
        value: Option<Value>,
        notes: &mut Notes,
    ) -> Result<Vec<Value>, Error> {
        // Some clients wrap the value that is chosen in a list of one.
        let value = match value {
            Some(Value::Multi(mut list))
                if self.op != Op::Remove && self.sub.is_none() && list.len() == 1 =>
            {
                let text = format!("{}: a list where one value belongs", self.path);
                notes.correct(Leniency::ListOfOne, text)?;
                list.pop()
            }
            value => value,
        };
        let written = self.written(value, notes)?;
        let described = match self.op {
            Op::Remove => None,
            Op::Add | Op::Replace => self.described(notes)?,
        };
        let mut chosen: Vec<usize> =
            (0..values.len()).filter(|&at| self.chooses(&values[at])).collect();
        if chosen.is_empty() && self.op != Op::Remove {
            // RFC 7644 §3.5.2.3. Without a selector there is nothing to match: all is added.
            if self.path.selector.is_some() && (described.is_some() || !written.has_value()) {
                let text = format!("{}: no value matches", self.path);
                notes.correct(Leniency::NoMatch, text)?;
            }
            if written.has_value() {
                let new = described.clone().ok_or_else(|| {
                    let name = &self.attribute.name;
                    Error::no_target(format!("No value of {name} matches {}.", clipped(self.path)))
                })?;
                chosen.push(values.len());
                values.push(new);
            }
        }
        for &at in &chosen {
            let old = mem::replace(&mut values[at], Value::Null);
            // RFC 7644 §3.5.2.3: a chosen value is replaced as a whole. It stays one that the
            // selector describes, unless the new value says otherwise.
            let base = match (self.op, self.sub) {
                (Op::Replace, None) => described.clone(),
                _ => Some(old),
            };
            values[at] = self.put(base, &written)?.unwrap_or(Value::Null);
        }
        if let Some(&at) = chosen.iter().find(|&&at| is_primary(&values[at])) {
            promote(&mut values, at);
        }
        values.retain(|value| !value.is_unassigned());
        if written.has_value() {
            keep_distinct(&mut values);
        }
        self.bounded(values)
    }

    fn chooses(&self, value: &Value) -> bool {
        let selector = self.path.selector.as_ref();
        selector.is_none_or(|selector| selector.matches_value(self.attribute, value))
    }

    /// The value that the selector describes: `{"type": "work"}` for `[type eq "work"]`. `None`
    /// where it does more than to say what is equal to what.
    fn described(&self, notes: &mut Notes) -> Result<Option<Value>, Error> {
        let mut parts = Object::new();
        for term in self.path.selector.iter().flat_map(Filter::conjuncts) {
            let Some((path, literal)) = term.as_equality() else {
                return Ok(None);
            };
            parts.insert(path.name.clone(), Value::from(literal));
        }
        let parts = match self.attribute.kind {
            Type::Complex => accept::single(self.attribute, parts.into(), notes)?,
            _ => None,
        };
        Ok(Some(parts.unwrap_or_else(|| Object::new().into())))
    }

    fn accepted(&self, value: Option<Value>, notes: &mut Notes) -> Result<Vec<Value>, Error> {
        let value = value.unwrap_or(Value::Null);
        Ok(match accept::attribute(self.attribute, value, notes)? {
            Some(Value::Multi(values)) => values,
            one => one.into_iter().collect(),
        })
    }

    fn bounded(&self, values: Vec<Value>) -> Result<Vec<Value>, Error> {
        if values.len() > accept::MOST_VALUES {
            let name = &self.attribute.name;
            let most = accept::MOST_VALUES;
            return Err(Error::invalid_value(format!("{name} has more than {most} values.")));
        }
        Ok(values)
    }
}

/// RFC 7643 §2.4: each pair of `type` and `value` stands once. A change to several values may have
/// made them one.
fn keep_distinct(values: &mut Vec<Value>) {
    let mut texts = HashSet::new();
    let mut others: Vec<Value> = Vec::new();
    values.retain(|value| {
        let id = match value {
            Value::Complex(parts) => parts.str("value").map(|text| (text, parts.str("type"))),
            value => value.as_str().map(|text| (text, None)),
        };
        if let Some((text, kind)) = id {
            return texts.insert((text.to_owned(), kind.map(str::to_owned)));
        }
        let is_new = !others.iter().any(|other| is_same(other, value));
        if is_new {
            others.push(value.clone());
        }
        is_new
    });
}

/// Whether two values are one, by the same pair or, without a `value`, by all that they hold.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Complex(one), Value::Complex(other)) if one.get("value").is_some() => {
            one.get("value") == other.get("value") && one.get("type") == other.get("type")
        }
        _ => one == other,
    }
}

/// Whether a value is the one that was listed: by its `value` and, where it was sent, its `type`;
/// without a `value`, by all that was sent.
fn is_meant(present: &Value, listed: &Value) -> bool {
    let (Value::Complex(present), Value::Complex(listed)) = (present, listed) else {
        return present == listed;
    };
    let identified = listed.get("value").is_some();
    listed
        .iter()
        .filter(|(name, _)| !identified || **name == "value" || **name == "type")
        .all(|(name, part)| present.get(name.as_str()) == Some(part))
}

fn is_primary(value: &Value) -> bool {
    value.as_complex().and_then(|parts| parts.get("primary")) == Some(&Value::Boolean(true))
}

/// RFC 7644 §3.5.2: where one value becomes primary, no other is. It goes first, because some
/// clients read the first value only.
fn promote(values: &mut [Value], at: usize) {
    for (other, value) in values.iter_mut().enumerate() {
        if other != at
            && is_primary(value)
            && let Value::Complex(parts) = value
        {
            parts.insert("primary", false);
        }
    }
    values[..=at].rotate_right(1);
}

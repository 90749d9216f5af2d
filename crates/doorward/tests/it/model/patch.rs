//! PATCH on a plain document (RFC 7644 §3.5.2), all operations or none.

use serde_json::{Value as Json, json};

use super::{
    document::{
        self, Document, INVALID_PATH, INVALID_VALUE, MUTABILITY, NO_TARGET, Refusal, home,
        is_nothing, is_primary,
    },
    filter::Filter,
    schema::{Attribute, Kind, Place, Type},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Remove,
    Replace,
}

impl Op {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// What a path means.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Place(Place, Option<Filter>),
    /// A whole extension, by its URN.
    Extension(String),
    /// Members of a group, all or those with these ids, or those of a type.
    Members(Selected),
    Unknown,
}

/// Which members a path selects.
#[derive(Clone, Debug)]
pub(super) enum Selected {
    All,
    Ids(Vec<String>),
    Kind(String),
}

#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) op: Op,
    /// The path as it is written, and what it means.
    pub(super) path: Option<(String, Target)>,
    pub(super) value: Option<Json>,
}

/// What can be said of operations before anything is looked up.
pub(super) fn check(operations: &[Operation]) -> Result<(), Refusal> {
    for operation in operations {
        match (operation.op, &operation.path, &operation.value) {
            (Op::Remove, None, _) => return Err(NO_TARGET),
            (Op::Add | Op::Replace, _, None) => return Err(INVALID_VALUE),
            _ => {}
        }
    }
    Ok(())
}

/// Applies the operations that are not on members.
pub(super) fn apply(
    kind: &Type,
    id: &str,
    before: &Document,
    operations: &[Operation],
) -> Result<Document, Refusal> {
    let mut draft = before.clone();
    for Operation { op, path, value } in operations {
        match (path, value) {
            (Some((_, Target::Unknown | Target::Members(_))), _) => return Err(INVALID_PATH),
            (Some((_, Target::Extension(urn))), value) => {
                extension(kind, &mut draft, *op, urn, value.as_ref(), false)?;
            }
            (Some((_, Target::Place(place, selector))), value) => {
                change(&mut draft, *op, place, selector.as_ref(), value.as_ref(), false)?;
            }
            (None, Some(Json::Object(names))) => {
                for (name, value) in names {
                    if name.eq_ignore_ascii_case("id") {
                        if !value.is_null() && value.as_str() != Some(id) {
                            return Err(MUTABILITY);
                        }
                    } else if let Some(known) = kind.extension(name) {
                        extension(kind, &mut draft, *op, &known.urn, Some(value), true)?;
                    } else {
                        let place = kind.named(name).ok_or(INVALID_PATH)?;
                        change(&mut draft, *op, &place, None, Some(value), true)?;
                    }
                }
            }
            (None, _) => return Err(INVALID_VALUE),
        }
    }
    settle(kind, before, &mut draft)?;
    check_whole(kind, before, &draft)?;
    Ok(draft)
}

/// What several values became is read as if a body held it: equal ones are one.
fn settle(kind: &Type, before: &Document, draft: &mut Document) -> Result<(), Refusal> {
    for place in kind.places().iter().filter(|place| place.attribute.multi) {
        let Some(value) = document::at(draft, place).cloned() else { continue };
        if document::at(before, place) != Some(&value) {
            let settled = document::read(&place.attribute, &value)?;
            if settled.is_none() && place.attribute.required {
                return Err(INVALID_VALUE);
            }
            document::put(draft, place, settled);
        }
    }
    Ok(())
}

/// What holds between a resource and what a PATCH makes of it.
fn check_whole(kind: &Type, before: &Document, after: &Document) -> Result<(), Refusal> {
    for extension in &kind.extensions {
        let (old, new) = (home(before, Some(&extension.urn)), home(after, Some(&extension.urn)));
        if extension.required && old.is_some() && new.is_none() {
            return Err(MUTABILITY);
        }
        if let Some(new) = new
            && old != Some(new)
            && extension.attributes.iter().any(|it| it.required && !new.contains_key(&it.name))
        {
            return Err(INVALID_VALUE);
        }
    }
    for place in kind.places().iter().filter(|place| place.attribute.immutable) {
        let old = document::at(before, place);
        if old.is_some() && old != document::at(after, place) {
            return Err(MUTABILITY);
        }
    }
    Ok(())
}

fn extension(
    kind: &Type,
    draft: &mut Document,
    op: Op,
    urn: &str,
    value: Option<&Json>,
    in_value: bool,
) -> Result<(), Refusal> {
    let schema = kind.extension(urn).expect("known");
    match (op, value) {
        (Op::Add | Op::Replace, Some(Json::Object(names))) if !names.is_empty() => {
            for (name, value) in names {
                let (name, sub) = name
                    .split_once('.')
                    .map_or((name.as_str(), None), |(name, sub)| (name, Some(sub)));
                let attribute = schema.attribute(name).ok_or(INVALID_PATH)?.clone();
                let sub = match sub {
                    Some(sub) => Some(attribute.sub(sub).ok_or(INVALID_PATH)?.clone()),
                    None => None,
                };
                let place = Place { extension: Some(schema.urn.clone()), attribute, sub };
                change(draft, op, &place, None, Some(value), in_value)?;
            }
            Ok(())
        }
        (Op::Add | Op::Replace, Some(value)) if !is_nothing(value) => Err(INVALID_VALUE),
        (Op::Add, _) => Ok(()),
        _ => {
            draft.shift_remove(&schema.urn);
            Ok(())
        }
    }
}

fn change(
    draft: &mut Document,
    op: Op,
    place: &Place,
    selector: Option<&Filter>,
    value: Option<&Json>,
    in_value: bool,
) -> Result<(), Refusal> {
    let attribute = &place.attribute;
    if let Some(selector) = selector {
        if !attribute.multi {
            return Err(INVALID_PATH);
        }
        selector.check()?;
    }
    if attribute.read_only {
        return if in_value { Ok(()) } else { Err(MUTABILITY) };
    }
    let old = document::at(draft, place).cloned();
    let new = if attribute.multi {
        let values = old.as_ref().and_then(Json::as_array).cloned().unwrap_or_default();
        let edit = Edit { op, place, selector };
        let values = edit.values(values, value)?;
        if values.is_empty() { None } else { Some(Json::Array(values)) }
    } else {
        Edit { op, place, selector }.put(old.clone(), &written(op, place, value)?)
    };
    if attribute.required && old.is_some() && new.is_none() {
        return Err(if op == Op::Remove { MUTABILITY } else { INVALID_VALUE });
    }
    if attribute.immutable && old.is_some() && old != new {
        return Err(MUTABILITY);
    }
    document::put(draft, place, new);
    Ok(())
}

/// What an operation writes.
enum Written {
    Nothing,
    Plain(Json),
    /// Parts, and those that are cleared.
    Parts(Vec<(String, Option<Json>)>),
}

impl Written {
    fn has_value(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Plain(_) => true,
            Self::Parts(parts) => parts.iter().any(|(_, value)| value.is_some()),
        }
    }
}

fn written(op: Op, place: &Place, value: Option<&Json>) -> Result<Written, Refusal> {
    let attribute: &Attribute = &place.attribute;
    let value = match op {
        Op::Remove => &Json::Null,
        Op::Add | Op::Replace => value.unwrap_or(&Json::Null),
    };
    let value = match &place.sub {
        Some(sub) => json!({ sub.name.clone(): value }),
        None => value.clone(),
    };
    let read = document::read_one(attribute, &value)?;
    if attribute.kind != Kind::Complex {
        return Ok(read.map_or(Written::Nothing, Written::Plain));
    }
    let sent = value.as_object().cloned().unwrap_or_default();
    if read.is_none() && sent.is_empty() {
        return Ok(Written::Nothing);
    }
    let mut parts = Vec::new();
    for sub in &attribute.subs {
        let new = read.as_ref().and_then(|read| read.get(&sub.name)).cloned();
        let named = sent.keys().any(|name| name.eq_ignore_ascii_case(&sub.name));
        if new.is_some() || (named && op != Op::Add) {
            parts.push((sub.name.clone(), new));
        }
    }
    Ok(Written::Parts(parts))
}

struct Edit<'a> {
    op: Op,
    place: &'a Place,
    selector: Option<&'a Filter>,
}

impl Edit<'_> {
    /// RFC 7644 §3.5.2.1 and §3.5.2.3 for one value: parts that are not named stay.
    fn put(&self, old: Option<Json>, written: &Written) -> Option<Json> {
        match written {
            Written::Nothing => old.filter(|_| self.op == Op::Add),
            Written::Plain(value) => Some(value.clone()),
            Written::Parts(parts) => {
                let old = old.as_ref().and_then(Json::as_object);
                let mut merged = old.cloned().unwrap_or_default();
                for (name, value) in parts {
                    match value {
                        Some(value) => merged.insert(name.clone(), value.clone()),
                        None => merged.shift_remove(name),
                    };
                }
                if merged.is_empty() { None } else { Some(Json::Object(merged)) }
            }
        }
    }

    fn values(&self, old: Vec<Json>, value: Option<&Json>) -> Result<Vec<Json>, Refusal> {
        let attribute: &Attribute = &self.place.attribute;
        if self.selector.is_some() || self.place.sub.is_some() {
            return self.chosen(old, value);
        }
        let nothing = Json::Null;
        let all = |value: Option<&Json>| -> Result<Vec<Json>, Refusal> {
            let read = document::read(attribute, value.unwrap_or(&nothing))?;
            Ok(read.as_ref().and_then(Json::as_array).cloned().unwrap_or_default())
        };
        match (self.op, value) {
            (Op::Replace, value) => all(value),
            (Op::Add, value) => Ok(add(old, &all(value)?)),
            (Op::Remove, None | Some(Json::Null)) => Ok(Vec::new()),
            (Op::Remove, Some(listed)) => {
                let listed = match listed {
                    Json::Array(values) => values.clone(),
                    one => vec![one.clone()],
                };
                let mut left = old;
                for value in &listed {
                    if let Some(value) = document::read_one(attribute, value)? {
                        left.retain(|present| !is_meant(present, &value));
                    }
                }
                Ok(left)
            }
        }
    }

    /// On the values that the selector chooses; without one, on a part of each.
    fn chosen(&self, old: Vec<Json>, value: Option<&Json>) -> Result<Vec<Json>, Refusal> {
        let attribute: &Attribute = &self.place.attribute;
        let value = match value {
            Some(Json::Array(list))
                if list.len() == 1 && self.place.sub.is_none() && self.op != Op::Remove =>
            {
                list.first()
            }
            value => value,
        };
        let written = written(self.op, self.place, value)?;
        let described = if self.op == Op::Remove { None } else { self.described()? };
        let mut values = old;
        let chooses = |value: &Json| self.selector.is_none_or(|it| it.holds_for_value(value));
        let mut chosen: Vec<usize> = (0..values.len()).filter(|at| chooses(&values[*at])).collect();
        if chosen.is_empty() && self.op != Op::Remove && written.has_value() {
            chosen.push(values.len());
            values.push(described.clone().ok_or(NO_TARGET)?);
        }
        for at in &chosen {
            let old = values[*at].clone();
            let base = match (self.op, &self.place.sub) {
                (Op::Replace, None) => described.clone(),
                _ => Some(old),
            };
            // RFC 7644 §3.5.2.2: what the path does not name stays.
            values[*at] = self.put(base, &written).unwrap_or(Json::Null);
        }
        if let Some(at) = chosen.into_iter().find(|at| is_primary(&values[*at])) {
            promote(&mut values, at);
        }
        values.retain(|value| !is_nothing(value));
        if written.has_value() {
            let mut distinct: Vec<Json> = Vec::new();
            for value in values {
                if !distinct.iter().any(|other| is_same(other, &value)) {
                    distinct.push(value);
                }
            }
            values = distinct;
        }
        debug_assert!(attribute.multi, "one value has no selector");
        Ok(values)
    }

    /// The value that the selector describes: `None` where it says more than what equals what.
    fn described(&self) -> Result<Option<Json>, Refusal> {
        let Some(selector) = self.selector else { return Ok(Some(json!({}))) };
        let Some(equal) = selector.equalities() else { return Ok(None) };
        let attribute: &Attribute = &self.place.attribute;
        if attribute.kind != Kind::Complex {
            return Ok(Some(json!({})));
        }
        let parts = Json::Object(equal.into_iter().collect());
        Ok(Some(document::read_one(attribute, &parts)?.unwrap_or_else(|| json!({}))))
    }
}

/// RFC 7644 §3.5.2.1: new values go to the end; one that is there already is not doubled.
fn add(mut values: Vec<Json>, new: &[Json]) -> Vec<Json> {
    let mut primary = None;
    for value in new {
        let found = values.iter().position(|present| is_same(present, value));
        if is_primary(value) {
            primary = Some(found.unwrap_or(values.len()));
        }
        match found {
            None => values.push(value.clone()),
            Some(at) => {
                if let (Some(present), Some(parts)) =
                    (values[at].as_object_mut(), value.as_object())
                {
                    present.extend(parts.clone());
                }
            }
        }
    }
    // Another of the new values may have said otherwise of the same one.
    if let Some(at) = primary.filter(|at| is_primary(&values[*at])) {
        promote(&mut values, at);
    }
    values
}

/// RFC 7643 §2.4: the same `value` and `type`; without a `value`, the same in all.
fn is_same(one: &Json, other: &Json) -> bool {
    if one.get("value").is_some() {
        one.get("value") == other.get("value") && one.get("type") == other.get("type")
    } else {
        one == other
    }
}

/// Whether a value is the one that a remove lists.
fn is_meant(present: &Json, listed: &Json) -> bool {
    let (Some(present), Some(parts)) = (present.as_object(), listed.as_object()) else {
        return present == listed;
    };
    let by_value = parts.contains_key("value");
    parts
        .iter()
        .filter(|(name, _)| !by_value || *name == "value" || *name == "type")
        .all(|(name, part)| present.get(name) == Some(part))
}

/// RFC 7644 §3.5.2: one value becomes primary, all others cease to be. It is put first.
fn promote(values: &mut Vec<Json>, at: usize) {
    let front = values.remove(at);
    for value in values.iter_mut().filter(|value| is_primary(value)) {
        value["primary"] = json!(false);
    }
    values.insert(0, front);
}

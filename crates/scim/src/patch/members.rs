//! [`lift`]: the members of a group, out of a PATCH.
//!
//! Members are rows of a store and not values of the tree: a group may have a million. So every
//! operation on them becomes a [`MemberChange`], which a store can do without reading the others.

use std::collections::HashSet;

use super::{Op, Operation, check_name};
use crate::{
    AttributePath, Error, Filter, Leniency, Notes, Object, Path, Value,
    error::{clipped, quoted},
    schema::{Attribute, builtin},
    urn,
};

/// The attribute of the core Group schema, RFC 7643 §4.2.
const MEMBERS: &str = "members";
/// Bytes in the id of a member. No id is longer.
pub(crate) const LONGEST_ID: usize = 256;

/// A change to the members of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberChange {
    /// These become members, where they are not yet.
    Add(Vec<MemberRef>),
    /// These are members no longer, where they were.
    Remove(Vec<MemberRef>),
    /// Whoever satisfies the filter is a member no longer. Its paths name sub-attributes of
    /// `members`.
    RemoveWhere(Filter),
    /// The group has no members any longer.
    Clear,
    /// These are the members, and no others.
    Replace(Vec<MemberRef>),
}

/// A member, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRef {
    /// The id. It may be unknown here.
    pub value: String,
    /// What the member is, where the client says so. Okta does not.
    pub kind: Option<MemberKind>,
}

/// What a member may be, RFC 7643 §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberKind {
    /// A user.
    User,
    /// Another group.
    Group,
}

impl MemberRef {
    /// A member with this id, of whatever kind.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { value: id.to_owned(), kind: None }
    }

    /// Reads the value of `members`: a list of objects with `value`. Whatever else the objects hold
    /// is for people. Each member is kept once, in order.
    ///
    /// # Errors
    ///
    /// `invalidValue` where a member has no `value`, or one that is longer than 256 bytes; and what
    /// the profile of `notes` does not accept.
    pub fn list(value: &Value, notes: &mut Notes) -> Result<Vec<MemberRef>, Error> {
        let members = Self::all(value)?;
        // Once for all of them: there may be a million.
        let is_list = matches!(value, Value::Multi(_) | Value::Null);
        let is_plain = |member: &Value| !matches!(member, Value::Complex(_));
        let is_number = |member: &Value| {
            let id = member.as_complex().and_then(|parts| parts.get("value")).unwrap_or(member);
            matches!(id, Value::Integer(_))
        };
        for (leniency, applies, text) in [
            (Leniency::SingleValue, !is_list, "members: one value where a list belongs"),
            (
                Leniency::PlainValue,
                value.values().iter().any(is_plain),
                "members: a plain value where an object belongs",
            ),
            (
                Leniency::NumberForText,
                value.values().iter().any(is_number),
                "members.value: a number where a text belongs",
            ),
        ] {
            if applies {
                notes.correct(leniency, text)?;
            }
        }
        Ok(members)
    }

    fn all(value: &Value) -> Result<Vec<MemberRef>, Error> {
        let mut members = value.values().iter().map(Self::read).collect::<Result<_, _>>()?;
        distinct(&mut members);
        Ok(members)
    }

    fn read(member: &Value) -> Result<Self, Error> {
        let (value, kind) = match member {
            Value::Complex(parts) => (parts.get("value"), parts.str("type")),
            bare => (Some(bare), None),
        };
        let value = match value {
            Some(Value::String(id)) if !id.is_empty() => id.clone(),
            Some(Value::Integer(id)) => id.to_string(),
            _ => {
                return Err(Error::invalid_value(
                    "Each member must be an object with the id of a user or group as its value.",
                ));
            }
        };
        if value.len() > LONGEST_ID {
            return Err(Error::invalid_value(format!(
                "The member id {} is longer than {LONGEST_ID} bytes.",
                quoted(&value)
            )));
        }
        Ok(Self { value, kind: kind.and_then(MemberKind::from_name) })
    }
}

impl MemberKind {
    fn from_name(name: &str) -> Option<Self> {
        [("User", Self::User), ("Group", Self::Group)]
            .into_iter()
            .find_map(|(known, kind)| known.eq_ignore_ascii_case(name).then_some(kind))
    }
}

/// Takes the members out of the body of a POST or PUT. `None` where it does not speak of them.
///
/// # Errors
///
/// Those of [`MemberRef::list`].
pub fn take(body: &mut Object, notes: &mut Notes) -> Result<Option<Vec<MemberRef>>, Error> {
    let full_name = format!("{}:{MEMBERS}", urn::GROUP);
    let members = match body.remove(MEMBERS) {
        Some(members) => members,
        None => match body.remove(&full_name) {
            Some(members) => {
                notes.correct(Leniency::UrnName, format!("{full_name}: a full name in a body"))?;
                members
            }
            None => return Ok(None),
        },
    };
    MemberRef::list(&members, notes).map(Some)
}

/// Takes out of the operations on a group what concerns its members.
///
/// The operations that are left are for [`apply()`](super::apply()). The changes keep their order; one that
/// follows its like is joined to it, since Okta sends one operation for each member that leaves.
///
/// * An empty list is a list: `replace` with `[]` is a `Replace` with none, and `remove` with
///   `[]` removes none. Only a `remove` without a value clears.
/// * An object without `members` leaves them alone.
///
/// # Errors
///
/// * `invalidValue` where a member cannot be read, see [`MemberRef::list`];
/// * `invalidFilter` where a selector makes no sense;
/// * `mutability` where an operation would change a member in place: members come and go only
///   (RFC 7643 §4.2);
/// * and what the profile of `notes` does not accept.
pub fn lift(
    operations: Vec<Operation>,
    notes: &mut Notes,
) -> Result<(Vec<Operation>, Vec<MemberChange>), Error> {
    let mut rest = Vec::with_capacity(operations.len());
    let mut changes = Vec::new();
    for operation in operations {
        match operation {
            Operation { op, path: Some(path), value } if is_members(&path.attribute) => {
                join(&mut changes, change(op, &path, value.as_ref(), notes)?);
            }
            Operation { op, path: None, value: Some(Value::Complex(attributes)) }
                if op != Op::Remove =>
            {
                let kept = lift_names(op, attributes, &mut changes, notes)?;
                rest.extend(kept.map(|kept| Operation {
                    op,
                    path: None,
                    value: Some(kept.into()),
                }));
            }
            other => rest.push(other),
        }
    }
    for change in &mut changes {
        match change {
            MemberChange::Add(members)
            | MemberChange::Remove(members)
            | MemberChange::Replace(members) => distinct(members),
            MemberChange::RemoveWhere(_) | MemberChange::Clear => {}
        }
    }
    Ok((rest, changes))
}

/// Takes the members out of a value without a path. `None` where nothing else was in it.
fn lift_names(
    op: Op,
    attributes: Object,
    changes: &mut Vec<MemberChange>,
    notes: &mut Notes,
) -> Result<Option<Object>, Error> {
    let before = attributes.len();
    let mut kept = Object::new();
    for (name, value) in attributes {
        match Path::parse(name.as_str()) {
            Ok(path) if is_members(&path.attribute) => {
                check_name(&path, name.as_str(), notes)?;
                join(changes, change(op, &path, Some(&value), notes)?);
            }
            _ => {
                kept.insert(name, value);
            }
        }
    }
    Ok((kept.len() == before || !kept.is_empty()).then_some(kept))
}

fn is_members(path: &AttributePath) -> bool {
    path.name == MEMBERS && path.schema.as_ref().is_none_or(|schema| *schema == urn::GROUP)
}

fn change(
    op: Op,
    path: &Path,
    value: Option<&Value>,
    notes: &mut Notes,
) -> Result<MemberChange, Error> {
    let one_by_one = path.attribute.sub.is_some() || path.sub.is_some();
    if one_by_one || (path.selector.is_some() && op != Op::Remove) {
        return Err(Error::mutability(format!(
            "{} cannot be changed: add members to a group or remove them from it.",
            clipped(path)
        )));
    }
    if let Some(selector) = &path.selector {
        selector.check_value(attribute(), notes)?;
        return removal(selector);
    }
    let value = value.unwrap_or(&Value::Null);
    Ok(match op {
        // RFC 7644 §3.5.2.1: one value may stand for a list of one.
        Op::Add if !matches!(value, Value::Multi(_) | Value::Null) => {
            MemberChange::Add(MemberRef::list(&vec![value.clone()].into(), notes)?)
        }
        Op::Add => MemberChange::Add(MemberRef::list(value, notes)?),
        Op::Replace => MemberChange::Replace(MemberRef::list(value, notes)?),
        Op::Remove if *value == Value::Null => MemberChange::Clear,
        Op::Remove => MemberChange::Remove(MemberRef::list(value, notes)?),
    })
}

/// `value eq "a" or value eq "b"` names its members; other selectors must be evaluated.
fn removal(selector: &Filter) -> Result<MemberChange, Error> {
    let ids: Option<Vec<Value>> = selector
        .disjuncts()
        .iter()
        .map(|term| {
            let (path, literal) = term.as_equality()?;
            (path.name == "value").then(|| literal.into())
        })
        .collect();
    match ids {
        Some(ids) => Ok(MemberChange::Remove(MemberRef::all(&ids.into())?)),
        None => Ok(MemberChange::RemoveWhere(selector.clone())),
    }
}

fn attribute() -> &'static Attribute {
    builtin::group().attribute(MEMBERS).expect("the core Group schema has members")
}

fn join(changes: &mut Vec<MemberChange>, next: MemberChange) {
    match (changes.last_mut(), next) {
        (Some(MemberChange::Add(members)), MemberChange::Add(more))
        | (Some(MemberChange::Remove(members)), MemberChange::Remove(more)) => members.extend(more),
        (_, next) => changes.push(next),
    }
}

/// Keeps the first of each id.
fn distinct(members: &mut Vec<MemberRef>) {
    let mut seen = HashSet::with_capacity(members.len());
    let first: Vec<bool> =
        members.iter().map(|member| seen.insert(member.value.as_str())).collect();
    let mut first = first.into_iter();
    members.retain(|_| first.next() == Some(true));
}

#[cfg(test)]
mod tests {
    use super::{MemberChange, MemberKind, MemberRef, lift};
    use crate::{
        Error, Notes, ScimType, Value, json,
        patch::{self, Limits, Operation},
    };

    fn lifted(operations: &str) -> Result<(Vec<Operation>, Vec<MemberChange>), Error> {
        let body = format!(r#"{{"Operations":{operations}}}"#);
        let body = json::from_slice(body.as_bytes(), json::Limits::default()).expect(operations);
        let mut notes = Notes::default();
        lift(patch::parse(body, Limits::default(), &mut notes).expect(operations), &mut notes)
    }

    #[track_caller]
    fn changes(operations: &str) -> Vec<MemberChange> {
        let (rest, changes) = lifted(operations).expect(operations);
        assert_eq!(rest, [], "{operations}");
        changes
    }

    fn refs(ids: &[&str]) -> Vec<MemberRef> {
        ids.iter().map(|id| MemberRef { value: (*id).to_owned(), kind: None }).collect()
    }

    #[test]
    fn okta_sends_those_who_leave_one_by_one_and_those_who_come_together() {
        let operations = r#"[
            {"op":"remove","path":"members[value eq \"1\"]"},
            {"op":"remove","path":"members[value eq \"2\"]"},
            {"op":"add","path":"members","value":[{"value":"3","display":"u3"},
                                                  {"value":"4","display":"u4"}]}]"#;
        assert_eq!(
            changes(operations),
            [MemberChange::Remove(refs(&["1", "2"])), MemberChange::Add(refs(&["3", "4"]))]
        );
    }

    #[test]
    fn okta_replaces_all_members_with_and_without_a_path() {
        assert_eq!(
            changes(r#"[{"op":"replace","path":"members","value":[{"value":"1"}]}]"#),
            [MemberChange::Replace(refs(&["1"]))]
        );
        for operations in [
            r#"[{"op":"replace","path":"members","value":[]}]"#,
            r#"[{"op":"replace","path":"members","value":null}]"#,
            r#"[{"op":"replace","value":{"members":[]}}]"#,
        ] {
            assert_eq!(changes(operations), [MemberChange::Replace(Vec::new())]);
        }
        let (rest, changes) =
            lifted(r#"[{"op":"replace","value":{"members":[],"id":"7","displayName":"G"}}]"#)
                .expect("valid");
        assert_eq!(changes, [MemberChange::Replace(Vec::new())]);
        let value = rest[0].value.as_ref().and_then(Value::as_complex).expect("what is left");
        assert_eq!(value.to_json(), r#"{"id":"7","displayName":"G"}"#);
    }

    #[test]
    fn a_rename_leaves_the_members_alone() {
        let operations = r#"[{"op":"replace","value":{"id":"7","displayName":"New"}},
                             {"op":"replace","path":"displayName","value":"New"},
                             {"op":"replace","value":{}}]"#;
        let (rest, changes) = lifted(operations).expect("valid");
        assert_eq!((rest.len(), changes.len()), (3, 0));
    }

    #[test]
    fn entra_lists_whom_it_removes() {
        let operations =
            r#"[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"1"}]}]"#;
        assert_eq!(changes(operations), [MemberChange::Remove(refs(&["1"]))]);
        let none = r#"[{"op":"Remove","path":"members","value":[]}]"#;
        assert_eq!(changes(none), [MemberChange::Remove(Vec::new())]);
        for all in [
            r#"[{"op":"Remove","path":"members"}]"#,
            r#"[{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:Group:MEMBERS"}]"#,
        ] {
            assert_eq!(changes(all), [MemberChange::Clear]);
        }
    }

    #[test]
    fn members_come_in_every_shape() {
        for value in
            [r#"[{"value":"1","$ref":null}]"#, r#"{"value":"1"}"#, r#"["1"]"#, r#""1""#, "1"]
        {
            let operations = format!(r#"[{{"op":"add","path":"members","value":{value}}}]"#);
            assert_eq!(changes(&operations), [MemberChange::Add(refs(&["1"]))], "{value}");
        }
        assert_eq!(
            changes(
                r#"[{"op":"add","value":{"members":[
                {"value":"1","type":"user"},{"value":"2","type":"GROUP"},
                {"value":"3","type":"Robot"},{"value":"1"}]}}]"#
            ),
            [MemberChange::Add(vec![
                MemberRef { value: "1".to_owned(), kind: Some(MemberKind::User) },
                MemberRef { value: "2".to_owned(), kind: Some(MemberKind::Group) },
                MemberRef { value: "3".to_owned(), kind: None },
            ])]
        );
    }

    #[test]
    fn selectors_name_members_or_describe_them() {
        assert_eq!(
            changes(r#"[{"op":"remove","path":"members[value eq \"1\" or Value EQ \"2\"]"}]"#),
            [MemberChange::Remove(refs(&["1", "2"]))]
        );
        for selector in
            [r#"type eq \"User\""#, r#"value eq \"1\" and type eq \"User\""#, "value pr"]
        {
            let operations = format!(r#"[{{"op":"remove","path":"members[{selector}]"}}]"#);
            assert!(
                matches!(changes(&operations)[..], [MemberChange::RemoveWhere(_)]),
                "{selector}"
            );
        }
    }

    #[test]
    fn order_is_kept_and_likes_are_joined() {
        let operations = r#"[{"op":"add","path":"members","value":"1"},
                             {"op":"add","value":{"members":["2","1"]}},
                             {"op":"remove","path":"members"},
                             {"op":"add","path":"members","value":"1"}]"#;
        assert_eq!(
            changes(operations),
            [
                MemberChange::Add(refs(&["1", "2"])),
                MemberChange::Clear,
                MemberChange::Add(refs(&["1"])),
            ]
        );
    }

    #[test]
    fn members_are_not_changed_in_place() {
        for (operations, scim_type) in [
            (
                r#"[{"op":"replace","path":"members[value eq \"1\"]","value":{"value":"2"}}]"#,
                ScimType::Mutability,
            ),
            (
                r#"[{"op":"add","path":"members[value eq \"1\"].display","value":"x"}]"#,
                ScimType::Mutability,
            ),
            (r#"[{"op":"remove","path":"members.value"}]"#, ScimType::Mutability),
            (r#"[{"op":"replace","value":{"members.display":"x"}}]"#, ScimType::Mutability),
            (r#"[{"op":"remove","path":"members[shoe eq \"1\"]"}]"#, ScimType::InvalidFilter),
            (
                r#"[{"op":"add","path":"members","value":[{"display":"x"}]}]"#,
                ScimType::InvalidValue,
            ),
            (r#"[{"op":"add","path":"members","value":[{"value":""}]}]"#, ScimType::InvalidValue),
            (r#"[{"op":"add","path":"members","value":[null]}]"#, ScimType::InvalidValue),
            (r#"[{"op":"remove","path":"members","value":{}}]"#, ScimType::InvalidValue),
        ] {
            assert_eq!(lifted(operations).expect_err(operations).scim_type(), scim_type);
        }
        let long = format!(r#"[{{"op":"add","path":"members","value":"{}"}}]"#, "x".repeat(257));
        assert_eq!(lifted(&long).expect_err("long").scim_type(), ScimType::InvalidValue);
    }

    #[test]
    fn a_hundred_thousand_members_are_read_in_one_pass() {
        let ids: Vec<Value> = (0..100_000).map(|n: i64| Value::Integer(n % 50_000)).collect();
        assert_eq!(MemberRef::list(&ids.into(), &mut Notes::default()).expect("ids").len(), 50_000);
    }
}

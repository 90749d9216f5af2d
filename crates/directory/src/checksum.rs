//! [`Checksums`]: what proves that a copy of an organization equals ours, without reading it.
//!
//! A sum is of numbers of 128 bits that are hashes of records, so a change of a record is one subtraction and one
//! addition, in any order. The members of a group have a sum of their own, in the row of the group (or of the set that
//! is being filled): a group whose members are all removed takes its sum along, whatever its size. What is
//! hashed is in `docs/keep-in-step.md`, so that others compute the same.

use std::fmt;

use aws_lc_rs::digest;
use scim::{Object, Value};

use crate::{
    access::Verb,
    db::{Cell, FromCell, Mismatch, Row, statements},
    error::{Error, Noun},
    id::{EventNo, ResourceId},
    resource::{Detail, Kind, Members, Resource},
    store::Reader,
};

statements! {
    STORED = Sql {
        "select event_seq, user_sum, group_sum, member_sum from organization_counter where org = $1"
    };
}

/// A sum of hashes of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum(u128);

impl Sum {
    /// Of no records.
    pub(crate) const ZERO: Self = Self(0);

    fn of(parts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                context.update(b"\n");
            }
            context.update(part.as_bytes());
        }
        let mut first = [0; 16];
        first.copy_from_slice(&context.finish().as_ref()[..16]);
        Self(u128::from_be_bytes(first))
    }

    /// Of one member, in whatever group.
    pub(crate) fn of_member(id: ResourceId) -> Self {
        Self::of(&["member", &id.to_string()])
    }

    /// Of a group's members; those of none count nothing.
    pub(crate) fn of_members(group: ResourceId, members: Members) -> Self {
        if members.count == 0 {
            return Self::ZERO;
        }
        Self::of(&["members", &group.to_string(), &members.sum.to_string()])
    }

    /// Of a user or group, without its members.
    pub(crate) fn of_resource(kind: Kind, id: ResourceId, attributes: &Object) -> Self {
        let word = if kind == Kind::GROUP { "group" } else { "user" };
        let mut json = String::new();
        write_object(attributes, &mut json);
        Self::of(&[word, &id.to_string(), &json])
    }

    #[must_use]
    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    #[must_use]
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }

    /// As the store keeps it.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// 32 hexadecimal digits.
impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromCell for Sum {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        let bytes = Vec::<u8>::from_cell(cell)?;
        let bytes = <[u8; 16]>::try_from(bytes).map_err(|_| Mismatch("a sum of 16 bytes"))?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }
}

/// JSON in one form: members in the order of their names, without white space, and escaped only where it must be;
/// a decimal without a fraction is written as a whole number.
fn write_object(object: &Object, json: &mut String) {
    let mut members: Vec<(&str, &Value)> =
        object.iter().map(|(name, value)| (name.as_str(), value)).collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    json.push('{');
    for (at, (name, value)) in members.into_iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        write_text(name, json);
        json.push(':');
        write_value(value, json);
    }
    json.push('}');
}

fn write_value(value: &Value, json: &mut String) {
    match value {
        Value::Complex(object) => write_object(object, json),
        Value::Multi(values) => {
            json.push('[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                write_value(value, json);
            }
            json.push(']');
        }
        Value::String(text) => write_text(text, json),
        Value::Decimal(number) if number.fract() == 0.0 && number.abs() < WHOLE => {
            // Zero has one form.
            let digits = format!("{number:.0}");
            json.push_str(if digits == "-0" { "0" } else { &digits });
        }
        other => {
            json.push_str(&serde_json::to_string(other).expect("a value is JSON"));
        }
    }
}

/// Decimals below it are written exactly by their digits: 2 to the power of 53.
const WHOLE: f64 = 9_007_199_254_740_992.0;

fn write_text(text: &str, json: &mut String) {
    json.push_str(&serde_json::to_string(text).expect("a text is JSON"));
}

/// The sums of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of its users.
    pub users: Sum,
    /// Of its groups, without members.
    pub groups: Sum,
    /// Of who is in which group itself.
    pub memberships: Sum,
}

impl Sums {
    /// A resource is other than it was, came to be or went away.
    pub(crate) fn change(&mut self, before: Option<&Resource>, after: Option<&Resource>) {
        let of = |one: &Resource| Sum::of_resource(one.kind, one.id, &one.attributes);
        let kind = before.or(after).map(|one| one.kind);
        let sum = match kind {
            Some(Kind::USER) => &mut self.users,
            Some(Kind::GROUP) => &mut self.groups,
            _ => return,
        };
        let is_same =
            |(before, after): (&Resource, &Resource)| before.attributes == after.attributes;
        if !before.zip(after).is_some_and(is_same) {
            *sum = sum.without(before.map_or(Sum::ZERO, of)).with(after.map_or(Sum::ZERO, of));
        }
        let members = |one: &Resource| match one.detail {
            Detail::Group(members) => Sum::of_members(one.id, members),
            Detail::User { .. } | Detail::Registered => Sum::ZERO,
        };
        if kind == Some(Kind::GROUP) {
            self.memberships = self
                .memberships
                .without(before.map_or(Sum::ZERO, members))
                .with(after.map_or(Sum::ZERO, members));
        }
    }

    /// The members of a group are others than they were.
    pub(crate) fn change_members(&mut self, group: ResourceId, before: Members, after: Members) {
        let (before, after) = (Sum::of_members(group, before), Sum::of_members(group, after));
        self.memberships = self.memberships.without(before).with(after);
    }

    /// Reads the columns of an organization's counter.
    pub(crate) fn of_row(row: &mut Row) -> Result<Self, Error> {
        Ok(Self {
            users: row.get("user_sum")?,
            groups: row.get("group_sum")?,
            memberships: row.get("member_sum")?,
        })
    }
}

/// The sums of an organization after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksums {
    /// The number of the event.
    pub after: EventNo,
    /// The sums.
    pub sums: Sums,
}

/// The sums of an organization, and after which event. Cost: one row.
///
/// # Errors
///
/// [`Error::NotFound`] where it was deleted; [`Error::Denied`]; those of the store.
pub fn of(reader: &mut Reader<'_>) -> Result<Checksums, Error> {
    reader.permit(Verb::ReadEvents)?;
    read(reader)
}

/// The same, for whoever verifies.
pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Checksums, Error> {
    let row = reader.query_one(STORED, &[])?;
    let mut row = row.ok_or(Error::not_found(Noun::Organization))?;
    Ok(Checksums { after: row.get("event_seq")?, sums: Sums::of_row(&mut row)? })
}

#[cfg(test)]
mod tests {
    use scim::{Object, Value};

    use super::{Kind, Members, Sum, write_object};
    use crate::id::{MemberSetNo, ResourceId};

    #[test]
    fn json_has_one_form() {
        let object = Object::new()
            .with("userName", "a\"\\\u{1}\u{7f}ä\u{1f600}/")
            .with("active", true)
            .with("b", vec![Value::Decimal(2.0), Value::Decimal(2.5), Value::Integer(-3)])
            .with("name", Object::new().with("z", "").with("a", Value::Decimal(-0.0)));
        let mut json = String::new();
        write_object(&object, &mut json);
        let expected = "{\"active\":true,\"b\":[2,2.5,-3],\"name\":{\"a\":0,\"z\":\"\"},\
                        \"userName\":\"a\\\"\\\\\\u0001\u{7f}ä\u{1f600}/\"}";
        assert_eq!(json, expected);
    }

    #[test]
    fn the_definition_never_changes() {
        let id = ResourceId::parse("01234567-89ab-4cde-8f01-23456789abcd").expect("an id");
        let ada = Object::new().with("userName", "ada").with("active", true);
        let user = Sum::of_resource(Kind::USER, id, &ada);
        assert_eq!(user.to_string(), "44468ca331a72c6ae3cabea6817a65ae");
        let sum = Sum::of_member(id);
        let members = Members { set: MemberSetNo(1), count: 1, sum };
        assert_eq!(sum.to_string(), "78d35c3a50834eb2c2f5dd0fde687096");
        assert_eq!(Sum::of_members(id, members).to_string(), "608cfb537683e90fc8ce713359f76246");
        let none = Members { count: 0, ..members };
        assert_eq!(Sum::of_members(id, none), Sum::ZERO);
    }

    #[test]
    fn what_is_added_and_taken_away_again_leaves_nothing() {
        let ids = [1_u8, 2, 3].map(|n| ResourceId::from_bytes([n; 16]));
        let sums = ids.map(Sum::of_member);
        let all = sums.iter().fold(Sum::ZERO, |all, one| all.with(*one));
        assert_eq!(sums.iter().rev().fold(all, |all, one| all.without(*one)), Sum::ZERO);
    }
}

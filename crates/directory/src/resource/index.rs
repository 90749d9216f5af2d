//! What can be looked up without reading every resource, and under which key.
//!
//! Which attributes are indexed is data: [`ResourceSchema::indexes`]. One table holds the entries
//! of all of them, and the number of an index says whose they are.

use aws_lc_rs::digest;
use scim::{
    AttributePath, Object, Value,
    fold::fold,
    query::sort,
    schema::{Attribute, ResourceSchema, Target},
    urn,
};

use super::{Kind, Resource, by_numbers, number_of};
use crate::{
    db::{Cell, FromCell, Mismatch, Param, statements},
    error::Error,
    id::ResourceNo,
    store::{Reader, Writer},
};

statements! {
    INSERT = ListSql {
        "insert into attribute_index (org, path, key, no) values ",
        "($1, {}, {}, $2)",
        ""
    };
    ADD = ListSql {
        "insert into attribute_index (org, path, key, no) values ",
        "($1, {}, {}, $2)",
        " on conflict (org, path, key, no) do nothing"
    };
    OTHER = Sql {
        "select no from attribute_index where org = $1 and path = $2 and key = $3 and no <> $4 \
         limit 1"
    };
    DELETE = Sql {
        "delete from attribute_index where org = $1 and path = $2 and key = $3 and no = $4"
    };
    CLEAR = Sql { "delete from attribute_index where org = $1 and no = $2" };
    BY_EMAIL = Sql {
        "select no from attribute_index where org = $1 and path = 1 and key = $2 order by no limit 20"
    };
}

/// Users who have an address of e-mail, by its [folded key](folded_key): the first 20.
pub(crate) fn by_email(reader: &mut Reader<'_>, key: &str) -> Result<Vec<ResourceNo>, Error> {
    let rows = reader.query(BY_EMAIL, &[key.into()])?;
    rows.into_iter().map(|mut row| row.get("no")).collect()
}

/// The number of an index in the store. It is made from the name of the attribute, so that no two
/// nodes can disagree; three that were there before names decided keep their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct IndexNo(i64);

impl IndexNo {
    /// The number of one of [`ResourceSchema::indexes`].
    pub(crate) fn of(schema: &ResourceSchema, index: &AttributePath) -> Self {
        let owner = schema.resource_type().name.as_str();
        let core = schema.core().id.as_str();
        let home = index.schema.as_ref().map_or(core, scim::Name::as_str);
        let sub = index.sub.as_ref().map(scim::Name::as_str);
        Self(match (owner, home, index.name.as_str(), sub) {
            ("User", urn::USER, "emails", Some("value")) => 1,
            ("User", urn::USER, "displayName", None) => 2,
            ("User", urn::ENTERPRISE_USER, "employeeNumber", None) => 3,
            // A schema may serve several types; each has an index of its own.
            _ => number_of(&format!("{owner} {home}:{}.{}", index.name, sub.unwrap_or_default())),
        })
    }

    /// The index of the resources that carry an extension: its only key is the empty text.
    pub(crate) fn of_extension(schema: &ResourceSchema, extension: &str) -> Self {
        Self(number_of(&format!("{} {extension}", schema.resource_type().name)))
    }
}

impl From<IndexNo> for Param<'_> {
    fn from(index: IndexNo) -> Self {
        Self::Int(index.0)
    }
}

impl FromCell for IndexNo {
    fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
        i64::from_cell(cell).map(Self)
    }
}

/// Longer keys are cut and end in a hash of the whole, because PostgreSQL cannot index a text of
/// more than about 2,700 bytes.
pub(crate) const LONGEST_KEY: usize = 512;

/// The key of a text whose case counts.
pub(crate) fn exact_key(text: &str) -> String {
    shorten(text.to_owned())
}

/// The key of a text whose case does not count: equal for texts that a filter calls equal.
pub(crate) fn folded_key(text: &str) -> String {
    shorten(fold(text))
}

/// The key of a value: values that a filter calls equal have one key, and (but for texts that were
/// cut) keys are in the order of the values. `None`: the value is not one of the type.
pub(crate) fn key(attribute: &Attribute, value: &Value) -> Option<String> {
    sort::key(attribute, value).map(shorten)
}

/// Texts of at most so many bytes compare with keys as they compare with what the keys were made
/// from: a key that was cut is longer, and kept at least as much of its text.
pub(crate) const COMPARABLE: usize = LONGEST_KEY - HASH - LONGEST_CHAR;

/// What ends a key that was cut: a sign and a hash in hexadecimal digits.
const HASH: usize = 65;
const LONGEST_CHAR: usize = 3;

fn shorten(mut key: String) -> String {
    if key.len() <= LONGEST_KEY {
        return key;
    }
    let hash = digest::digest(&digest::SHA256, key.as_bytes());
    let mut cut = LONGEST_KEY - HASH;
    while !key.is_char_boundary(cut) {
        cut -= 1;
    }
    key.truncate(cut);
    key.push('#');
    key.extend(hash.as_ref().iter().flat_map(|byte| hex(*byte)));
    key
}

/// The two digits of a byte.
fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0'))
}

/// A row of an index, but for the resource that it is for.
type Entry = (IndexNo, String);

/// The index rows of a resource: each indexed value once, in order.
pub(crate) fn entries(schema: &ResourceSchema, resource: &Object) -> Vec<Entry> {
    let mut entries = Vec::new();
    for index in schema.indexes() {
        let Some(Target::Attribute { extension, attribute, sub }) = schema.resolve(index) else {
            continue;
        };
        let home = match extension {
            Some(extension) => resource.get(&extension.id).and_then(Value::as_complex),
            None => Some(resource),
        };
        let values = home.and_then(|home| home.get(&attribute.name)).map_or(&[][..], Value::values);
        let number = IndexNo::of(schema, index);
        for value in values {
            let parts = match sub {
                Some(sub) => {
                    value.as_complex().and_then(|object| object.get(&sub.name)).map(Value::values)
                }
                None => Some(std::slice::from_ref(value)),
            };
            let leaf = sub.unwrap_or(attribute);
            entries.extend(
                parts.into_iter().flatten().filter_map(|part| Some((number, key(leaf, part)?))),
            );
        }
    }
    for extension in schema.extensions().iter().filter(|extension| !is_shipped(&extension.id)) {
        let carried = resource.get(&extension.id).and_then(Value::as_complex);
        if carried.is_some_and(|object| !object.is_empty()) {
            entries.push((IndexNo::of_extension(schema, &extension.id), String::new()));
        }
    }
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Whether an extension is there for good: of those that are not, the store must know who carries
/// them.
fn is_shipped(extension: &str) -> bool {
    [urn::ENTERPRISE_USER, urn::OKTA_GROUP].contains(&extension)
}

/// Brings the index rows of a resource from one state to another: only what differs is written.
///
/// # Errors
///
/// [`Error::Conflict`] where another resource has a value that must be unique.
pub(crate) fn update(
    writer: &mut Writer<'_>,
    kind: Kind,
    no: ResourceNo,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Result<(), Error> {
    let schemas = writer.schemas()?;
    // A type that is registered no longer has no indexes any more either.
    let Some(schema) = schemas.all().find(|schema| Kind::of(schema) == kind) else {
        return Ok(());
    };
    let rows = |state: Option<&Object>| state.map_or(vec![], |state| entries(schema, state));
    let (before, after) = (rows(before), rows(after));
    for (index, key) in before.iter().filter(|entry| !after.contains(entry)) {
        writer.send(DELETE, &[(*index).into(), key.into(), no.into()])?;
    }
    let new: Vec<&Entry> = after.iter().filter(|entry| !before.contains(entry)).collect();
    check_unique(writer, schema, no, &new)?;
    let rows: Vec<[Param<'_>; 2]> =
        new.iter().map(|(index, key)| [(*index).into(), key.into()]).collect();
    if !rows.is_empty() {
        writer.send_list(&INSERT, &[no.into()], &rows)?;
    }
    Ok(())
}

/// Writes the rows of some indexes for a resource that does not stand in them, or not in all.
pub(crate) fn add_some(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    no: ResourceNo,
    resource: &Object,
    indexes: &[IndexNo],
) -> Result<(), Error> {
    let entries = entries(schema, resource);
    let rows: Vec<[Param<'_>; 2]> = entries
        .iter()
        .filter(|(index, _)| indexes.contains(index))
        .map(|(index, key)| [(*index).into(), key.into()])
        .collect();
    if !rows.is_empty() {
        writer.send_list(&ADD, &[no.into()], &rows)?;
    }
    Ok(())
}

/// Refuses values that must be unique and are another resource's.
fn check_unique(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    no: ResourceNo,
    entries: &[&Entry],
) -> Result<(), Error> {
    let Some((index, _, _)) = taken(writer, schema, no, entries)?.pop() else { return Ok(()) };
    let name = &schema.resource_type().name;
    Err(Error::conflict(index.to_string(), format!("Another {name} has the same {index} already.")))
}

/// Those of some values that must be unique and are another resource's, with its number.
fn taken<'s, 'e>(
    writer: &mut Writer<'_>,
    schema: &'s ResourceSchema,
    no: ResourceNo,
    entries: &[&'e Entry],
) -> Result<Vec<(&'s AttributePath, &'e Entry, ResourceNo)>, Error> {
    let mut taken = Vec::new();
    for index in schema.indexes() {
        let Some(Target::Attribute { attribute, sub: None, .. }) = schema.resolve(index) else {
            continue;
        };
        if !attribute.is_unique() {
            continue;
        }
        let number = IndexNo::of(schema, index);
        for entry in entries.iter().filter(|entry| entry.0 == number) {
            let params = [number.into(), (&entry.1).into(), no.into()];
            if let Some(mut row) = writer.query_one(OTHER, &params)? {
                taken.push((index, *entry, row.get("no")?));
            }
        }
    }
    Ok(taken)
}

/// Frees values of a resource that must be unique, where another one has them by an old rule of
/// folding only, and not by its own attributes.
pub(crate) fn free_stale(writer: &mut Writer<'_>, resource: &Resource) -> Result<(), Error> {
    let schemas = writer.schemas()?;
    let Some(schema) = schemas.all().find(|schema| Kind::of(schema) == resource.kind) else {
        return Ok(());
    };
    let own = entries(schema, &resource.attributes);
    let own: Vec<&Entry> = own.iter().collect();
    for (_, entry, holder) in taken(writer, schema, resource.no, &own)? {
        let others = by_numbers(writer, resource.kind, &[holder])?;
        if !others.iter().any(|other| entries(schema, &other.attributes).contains(entry)) {
            writer.send(DELETE, &[entry.0.into(), (&entry.1).into(), holder.into()])?;
        }
    }
    Ok(())
}

/// Removes all index rows of a resource.
pub(crate) fn clear(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    writer.send(CLEAR, &[no.into()])
}

#[cfg(test)]
mod tests {
    use scim::{Object, Value, schema::builtin};

    use super::{COMPARABLE, IndexNo, LONGEST_KEY, entries, exact_key, folded_key};

    #[test]
    fn long_keys_are_cut_and_stay_distinct() {
        let long = "é".repeat(2000);
        let key = exact_key(&long);
        assert!(key.len() <= LONGEST_KEY);
        assert_ne!(key, exact_key(&format!("{long}x")));
        assert_eq!(folded_key(&long), folded_key(&long.to_uppercase()));
        for filler in ["", "x", "xy", "xyz"] {
            let cut = exact_key(&format!("{filler}{}", "😀".repeat(200)));
            assert!(cut.find('#').is_some_and(|at| at >= COMPARABLE), "{cut}");
        }
    }

    #[test]
    fn the_numbers_of_what_is_stored_already_stay() {
        let user = builtin::user();
        let numbers: Vec<i64> =
            user.indexes().iter().map(|index| IndexNo::of(user, index).0).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn a_user_is_found_by_what_it_carries() {
        let emails = ["A@x", "b@x", "a@X"].map(|it| Value::from(Object::new().with("value", it)));
        let user = Object::new()
            .with("displayName", "Ada")
            .with("emails", Vec::from(emails))
            .with(scim::urn::ENTERPRISE_USER, Object::new().with("employeeNumber", "7"));
        let entries: Vec<(i64, String)> =
            entries(builtin::user(), &user).into_iter().map(|(no, key)| (no.0, key)).collect();
        let expected = [(1, "a@x"), (1, "b@x"), (2, "ada"), (3, "7")];
        assert_eq!(entries, expected.map(|(no, key)| (no, key.to_owned())));
    }
}

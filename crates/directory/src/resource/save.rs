//! Writing resources: the row, its index rows and its counts, the same for every kind.

use std::borrow::Cow;

use scim::Object;

use super::{Detail, Kind, Resource, find, index};
use crate::{
    access::managed,
    connection,
    db::{Param, statements},
    error::{Error, Noun},
    id::{ConnectionNo, MemberSetNo, ResourceId, ResourceNo, Version},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into resource (org, kind, no, id, name, name_key, external_id, active, member_set, \
         member_count, connection, version, created, modified, doc, member_sum) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    };
    UPDATE = Sql {
        "update resource set name = $5, name_key = $6, external_id = $7, active = $8, \
         member_set = $9, member_count = $10, connection = $11, version = version + 1, \
         modified = $12, doc = $13, member_sum = $15 \
         where org = $1 and kind = $2 and no = $3 and version = $4 and id = $14"
    };
    DELETE = Sql {
        "delete from resource where org = $1 and kind = $2 and no = $3 and version = $4 and id = $5"
    };
    TAKE_OVER = Sql {
        "update resource set connection = $6, version = version + 1, modified = $7 \
         where org = $1 and kind = $2 and no = $3 and version = $4 and id = $5"
    };
}

/// The columns that are made from a resource's attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    /// The userName or displayName, which a user or group must have.
    pub(crate) name: Option<String>,
    pub(crate) name_key: Option<String>,
    pub(crate) external_id: Option<String>,
}

impl Columns {
    /// Makes the columns of a resource in canonical form.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where a user or group has no name.
    pub(crate) fn of(kind: Kind, attributes: &Object) -> Result<Self, Error> {
        let name = match naming_attribute(kind) {
            None => None,
            Some(attribute) => Some(attributes.str(attribute).ok_or_else(|| {
                let what = if kind == Kind::USER { "user" } else { "group" };
                Error::invalid(attribute, format!("A {what} must have a {attribute}."))
            })?),
        };
        Ok(Self {
            name: name.map(str::to_owned),
            name_key: name.map(index::folded_key),
            external_id: attributes.str("externalId").map(index::exact_key),
        })
    }
}

/// The attribute by which a user or group is looked up, and which is unique.
pub(crate) fn naming_attribute(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::USER => Some("userName"),
        Kind::GROUP => Some("displayName"),
        _ => None,
    }
}

/// Whether the attributes of a user say that it may come in. A client may remove `active`: then
/// nothing says so.
pub(crate) fn is_active(attributes: &Object) -> bool {
    attributes.get("active").and_then(scim::Value::as_bool).unwrap_or(false)
}

/// A new resource, of whoever writes. It is not stored yet.
pub(crate) fn fresh(
    writer: &Writer<'_>,
    (kind, no): (Kind, ResourceNo),
    attributes: &Object,
    detail: Detail,
) -> Resource {
    Resource {
        kind,
        no,
        id: ResourceId::random(writer.random()),
        version: Version::FIRST,
        created: writer.now(),
        modified: writer.now(),
        managed_by: writer.managing(),
        attributes: attributes.clone().into(),
        detail,
    }
}

/// The connection that is to manage a resource again, unless it was deleted meanwhile.
pub(crate) fn still_there(
    reader: &mut Reader<'_>,
    managed_by: Option<ConnectionNo>,
) -> Result<Option<ConnectionNo>, Error> {
    let Some(no) = managed_by else { return Ok(None) };
    Ok(connection::by_no(reader, no)?.map(|connection| connection.no()))
}

/// Stores a new resource.
///
/// # Errors
///
/// [`Error::Conflict`] where another resource has a value that must be unique.
pub(crate) fn insert(writer: &mut Writer<'_>, new: &Resource) -> Result<(), Error> {
    let columns = Columns::of(new.kind, &new.attributes)?;
    index::update(writer, new.kind, new.no, None, Some(&new.attributes))?;
    let (active, set, count) = detail(new.detail);
    let sum = member_sum(new.detail);
    writer.send(
        INSERT,
        &[
            new.kind.into(),
            new.no.into(),
            (&new.id.to_string()).into(),
            columns.name.as_ref().into(),
            columns.name_key.as_ref().into(),
            columns.external_id.as_ref().into(),
            active,
            set.into(),
            count.into(),
            new.managed_by.into(),
            new.version.into(),
            new.created.into(),
            new.modified.into(),
            (&new.attributes.to_json()).into(),
            sum.as_ref().map(<[u8; 16]>::as_slice).into(),
        ],
    )?;
    writer.count_up(new.kind, new.no);
    writer.sums().change(None, Some(new));
    count_managed(writer, None, Some(new));
    Ok(())
}

/// Counts the active people whom each connection manages.
fn count_managed(writer: &mut Writer<'_>, before: Option<&Resource>, after: Option<&Resource>) {
    let managed_by =
        |one: Option<&Resource>| one.filter(|one| one.is_active()).and_then(|one| one.managed_by);
    let (before, after) = (managed_by(before), managed_by(after));
    if before != after {
        for (connection, by) in
            before.map(|one| (one, -1)).into_iter().chain(after.map(|one| (one, 1)))
        {
            writer.count_managed(connection, by);
        }
    }
}

/// What names a resource as it was read. Its number alone would also name one of another
/// organization; its id and version do not.
fn read_as<'p>(before: &Resource, id: &'p str) -> [Param<'p>; 4] {
    [before.kind.into(), before.no.into(), before.version.into(), id.into()]
}

/// Why a resource is not there as it was read: whoever changed it since, or none is there.
fn changed_since(writer: &mut Writer<'_>, before: &Resource) -> Result<Error, Error> {
    let now = find(writer, before.kind, before.id)?;
    Ok(match now {
        Some(now) => Error::Stale { version: now.version },
        None => Error::not_found(Noun::Resource),
    })
}

/// Makes sure that a resource is still there, in whatever version.
///
/// # Errors
///
/// [`Error::NotFound`].
pub(crate) fn require_here(reader: &mut Reader<'_>, resource: &Resource) -> Result<(), Error> {
    match find(reader, resource.kind, resource.id)? {
        Some(_) => Ok(()),
        None => Err(Error::not_found(Noun::Resource)),
    }
}

/// Stores a resource in its next version: with the attributes and detail that `after` has, and
/// whatever of it follows from who writes.
///
/// # Errors
///
/// [`Error::Conflict`] where another resource has a value that must be unique; [`Error::Stale`]
/// where `before` is not what is stored.
pub(crate) fn update(
    writer: &mut Writer<'_>,
    before: &Resource,
    after: Resource,
) -> Result<Resource, Error> {
    managed::require_change(writer, before)?;
    let after = Resource {
        version: before.version.next(),
        modified: writer.now(),
        managed_by: writer.managing().or(before.managed_by),
        ..after
    };
    let columns = Columns::of(after.kind, &after.attributes)?;
    if before.attributes != after.attributes {
        let states = (Some(&*before.attributes), Some(&*after.attributes));
        index::update(writer, after.kind, after.no, states.0, states.1)?;
    }
    let (active, set, count) = detail(after.detail);
    let sum = member_sum(after.detail);
    let changed = writer.execute(
        UPDATE,
        &[
            after.kind.into(),
            after.no.into(),
            before.version.into(),
            columns.name.as_ref().into(),
            columns.name_key.as_ref().into(),
            columns.external_id.as_ref().into(),
            active,
            set.into(),
            count.into(),
            after.managed_by.into(),
            after.modified.into(),
            (&after.attributes.to_json()).into(),
            (&after.id.to_string()).into(),
            sum.as_ref().map(<[u8; 16]>::as_slice).into(),
        ],
    )?;
    if changed != 1 {
        return Err(changed_since(writer, before)?);
    }
    writer.sums().change(Some(before), Some(&after));
    count_managed(writer, Some(before), Some(&after));
    Ok(after)
}

/// Removes a resource.
///
/// # Errors
///
/// [`Error::Stale`] where `gone` is not what is stored; [`Error::NotFound`]; [`Error::Denied`].
pub(crate) fn delete(writer: &mut Writer<'_>, gone: &Resource) -> Result<(), Error> {
    managed::require_change(writer, gone)?;
    if writer.execute(DELETE, &read_as(gone, &gone.id.to_string()))? != 1 {
        return Err(changed_since(writer, gone)?);
    }
    index::clear(writer, gone.no)?;
    writer.count_down(gone.kind, gone.no);
    writer.sums().change(Some(gone), None);
    count_managed(writer, Some(gone), None);
    Ok(())
}

/// Says that another connection manages a resource, or none.
///
/// # Errors
///
/// [`Error::Stale`] where `before` is not what is stored; [`Error::NotFound`].
pub(crate) fn take_over(
    writer: &mut Writer<'_>,
    before: &Resource,
    managed_by: Option<ConnectionNo>,
) -> Result<Resource, Error> {
    let after = Resource {
        managed_by,
        version: before.version.next(),
        modified: writer.now(),
        ..before.clone()
    };
    let id = before.id.to_string();
    let [kind, no, version, id] = read_as(before, &id);
    let params = [kind, no, version, id, managed_by.into(), after.modified.into()];
    if writer.execute(TAKE_OVER, &params)? == 1 {
        Ok(after)
    } else {
        Err(changed_since(writer, before)?)
    }
}

/// The columns `active`, `member_set` and `member_count`.
fn detail(detail: Detail) -> (Param<'static>, Option<MemberSetNo>, Option<i64>) {
    match detail {
        Detail::User { active } => (active.into(), None, None),
        Detail::Group(members) => (Param::Null, Some(members.set), Some(members.count)),
        Detail::Registered => (Param::Null, None, None),
    }
}

/// The column `member_sum`.
fn member_sum(detail: Detail) -> Option<[u8; 16]> {
    match detail {
        Detail::Group(members) => Some(members.sum.to_bytes()),
        Detail::User { .. } | Detail::Registered => None,
    }
}

/// What a schema says about a change, in the domain's words.
///
/// # Errors
///
/// [`Error::Immutable`] where an attribute that never changes would change, or a required extension
/// would go; [`Error::Invalid`] where an extension would lack what it requires.
pub(crate) fn check_change(
    schema: &scim::schema::ResourceSchema,
    before: &Object,
    after: &Object,
) -> Result<(), Error> {
    schema.check_change(before, after).map_err(|error| Error::of_schema(&error))
}

/// A name that another user or group has.
pub(crate) fn name_taken(kind: Kind, name: &str) -> Error {
    let attribute = naming_attribute(kind).unwrap_or("displayName");
    let detail: Cow<'static, str> = match kind {
        Kind::USER => format!("Another user has the userName \"{name}\" already.").into(),
        _ => format!("There is a group with the displayName \"{name}\" already.").into(),
    };
    Error::conflict(attribute, detail)
}

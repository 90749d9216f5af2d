//! Groups: sets of users and groups.

pub(crate) mod members;
pub(crate) mod staging;

pub use self::{
    members::{MemberChange, MemberName},
    staging::{Prepared, Staging},
};
use scim::Object;

use self::members::Delta;
pub use super::Group;
use super::{
    Detail, Kind, Members, Resource, by_name, find, index,
    membership::{self, Member},
    pending, save,
};
use crate::{
    access::{Verb, guard, managed},
    audit,
    connection::{self, Connection},
    db::statements,
    error::{Error, Noun},
    event::{self, kinds},
    id::{ConnectionId, MemberSetNo, ResourceId, ResourceNo},
    record::Attributes,
    removal::{self, Removal},
    role,
    store::{Reader, Writer},
};

statements! {
    RETIRE = Sql { "insert into retired_member_set (org, member_set) values ($1, $2)" };
}

/// The group with this id, without its members.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, id: ResourceId) -> Result<Group, Error> {
    reader.permit(Verb::ReadPeople)?;
    find(reader, Kind::GROUP, id)?.ok_or(Error::not_found(Noun::Group)).map(Group)
}

/// The group with this displayName, in any case.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn by_display_name(reader: &mut Reader<'_>, name: &str) -> Result<Group, Error> {
    reader.permit(Verb::ReadPeople)?;
    let found = by_name(reader, Kind::GROUP, &index::folded_key(name))?;
    found.map(Group).ok_or_else(|| Error::no_such(Noun::Group, name))
}

/// The members of a group after one of them, in order, at most `limit`. `None`: from the first.
///
/// The group may be one that was read earlier: a group whose members were all replaced meanwhile
/// shows those that it had, as long as they have not been cleared away.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn members(
    reader: &mut Reader<'_>,
    group: &Group,
    after: Option<&Member>,
    limit: usize,
) -> Result<Vec<Member>, Error> {
    members_after(reader, group, after.map_or(ResourceNo::START, |member| member.no), limit)
}

/// The same after a number, whether there is a member with it or not.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn members_after(
    reader: &mut Reader<'_>,
    group: &Group,
    after: ResourceNo,
    limit: usize,
) -> Result<Vec<Member>, Error> {
    reader.permit(Verb::ReadPeople)?;
    membership::page(reader, group.members().set, after, limit)
}

/// The member of a group with this id, if it is one.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn member(
    reader: &mut Reader<'_>,
    group: &Group,
    id: ResourceId,
) -> Result<Option<Member>, Error> {
    reader.permit(Verb::ReadPeople)?;
    for kind in [Kind::USER, Kind::GROUP] {
        if let Some(found) = find(reader, kind, id)? {
            let before = ResourceNo(found.no.0 - 1);
            let next = membership::page(reader, group.members().set, before, 1)?;
            return Ok(next.into_iter().find(|member| member.no == found.no));
        }
    }
    Ok(None)
}

/// The names of members that are not here yet, after one of them, at most `limit`.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn pending_members(
    reader: &mut Reader<'_>,
    group: &Group,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, Error> {
    reader.permit(Verb::ReadPeople)?;
    pending::page(reader, group.members().set, after.unwrap_or_default(), limit)
}

/// Whether the members of a group are still in the set in which they were when it was read. If
/// not, the group was cleared or deleted meanwhile.
///
/// # Errors
///
/// Those of the store.
pub fn has_same_member_set(reader: &mut Reader<'_>, group: &Group) -> Result<bool, Error> {
    let now = find(reader, Kind::GROUP, group.id)?.map(Group);
    Ok(now.is_some_and(|now| now.members().set == group.members().set))
}

impl Group {
    pub(crate) fn members(&self) -> Members {
        match self.0.detail {
            Detail::Group(members) => members,
            Detail::User { .. } | Detail::Registered => {
                unreachable!("a group is made of the detail of a group only")
            }
        }
    }
}

/// Creates a group from attributes in canonical form, with members. Members that are not here are
/// kept as pending.
///
/// # Errors
///
/// [`Error::Conflict`] where another group has the displayName, in any case: a provider looks a
/// group up by name and must find one or none. [`Error::Invalid`]; [`Error::Denied`].
pub fn create(
    writer: &mut Writer<'_>,
    attributes: &Object,
    members: &[MemberName],
) -> Result<Group, Error> {
    create_with(writer, attributes, &MemberChange::Add(members.to_vec()))
}

/// The same with members that were [prepared](Staging), where they are many.
///
/// # Errors
///
/// As [`create`]; [`Error::Stale`] where what was prepared is gone.
pub fn create_with(
    writer: &mut Writer<'_>,
    attributes: &Object,
    members: &MemberChange,
) -> Result<Group, Error> {
    let columns = check_new(writer, attributes)?;
    let no = writer.next_no();
    let mut delta = Delta::new(no, None, Members::none(writer.next_member_set()));
    delta.apply(writer, members)?;
    let detail = Detail::Group(delta.members());
    let group = Group(save::fresh(writer, (Kind::GROUP, no), attributes, detail));
    save::insert(writer, &group)?;
    let joined = pending::join(writer, &group, columns.external_id.as_deref())?;
    let payload = kinds::GroupCreated {
        resource: Attributes::from(attributes),
        staged: delta.staged(),
        added: delta.added(),
        joined,
    };
    event::emit(writer, &group.id.to_string(), payload)?;
    Ok(group)
}

/// Creates a deleted group again, with its old id and these attributes, and (as `managed_by`) managed by a
/// connection, if that is still there. It has no members, and no roles are mapped to it.
///
/// # Errors
///
/// As [`create`].
pub(crate) fn recreate(
    writer: &mut Writer<'_>,
    id: ResourceId,
    attributes: &Object,
    managed_by: Option<ConnectionId>,
) -> Result<Group, Error> {
    let columns = check_new(writer, attributes)?;
    let manager = match managed_by {
        Some(connection) => connection::by_id(writer, connection)?.map(|found| found.no()),
        None => None,
    };
    let key = (Kind::GROUP, writer.next_no());
    let detail = Detail::Group(Members::none(writer.next_member_set()));
    let fresh = save::fresh(writer, key, attributes, detail);
    let version = writer.fresh_version();
    let group = Group(Resource { id, version, managed_by: manager, ..fresh });
    save::insert(writer, &group)?;
    let joined = pending::join(writer, &group, columns.external_id.as_deref())?;
    let resource = Attributes::from(attributes);
    let payload = kinds::GroupCreated { resource, staged: None, added: Vec::new(), joined };
    event::emit(writer, &id.to_string(), payload)?;
    Ok(group)
}

/// Gives a group these attributes, and changes its members.
///
/// Cost: O(the change), whatever the size of the group.
///
/// # Errors
///
/// [`Error::Conflict`] where another group has the displayName; [`Error::Invalid`] where a group
/// would contain itself; [`Error::Immutable`]; [`Error::Stale`] where the group is not as it is
/// stored; [`Error::Denied`], also where the last administrator would be locked out; [`Error::Held`]
/// where a provider takes too many out.
pub fn change(
    writer: &mut Writer<'_>,
    group: &Group,
    attributes: Object,
    changes: &[MemberChange],
) -> Result<Group, Error> {
    writer.permit(Verb::ChangeGroup)?;
    if !changes.is_empty() {
        writer.permit(Verb::ChangeMembers)?;
    }
    let renewed = attributes != group.attributes;
    let (old, new) = (
        save::Columns::of(Kind::GROUP, &group.attributes)?,
        save::Columns::of(Kind::GROUP, &attributes)?,
    );
    if renewed {
        let schemas = writer.schemas()?;
        save::check_change(schemas.group(), &group.attributes, &attributes)?;
        if new.name_key != old.name_key {
            require_free(writer, &new)?;
        }
    }
    let guard = guard::of_group(writer, group)?;
    let mut delta = Delta::new(group.no, Some(group.version), group.members());
    for change in changes {
        delta.apply(writer, change)?;
    }
    if !renewed && delta.is_empty() {
        return Ok(group.clone());
    }
    if writer.managing().is_some() {
        let left = delta.left(writer)?;
        removal::check(writer, Removal::leave(group.no, left))?;
    }
    let detail = Detail::Group(delta.members());
    let after = Resource { attributes: attributes.into(), detail, ..Resource::from(group.clone()) };
    let after = Group(save::update(writer, group, after)?);
    let mut joined = Vec::new();
    if new.external_id.is_some() && new.external_id != old.external_id {
        joined = pending::join(writer, &after, new.external_id.as_deref())?;
    }
    let payload = kinds::GroupUpdated {
        resource: renewed.then(|| Attributes::from(&*after.attributes)),
        cleared: delta.cleared(),
        staged: delta.staged(),
        removed: delta.removed(),
        added: delta.added(),
        joined,
    };
    event::emit(writer, &after.id.to_string(), payload)?;
    guard.check(writer)?;
    Ok(after)
}

/// Gives a group another displayName.
///
/// # Errors
///
/// As [`change`].
pub fn rename(writer: &mut Writer<'_>, group: &Group, name: &str) -> Result<Group, Error> {
    change(writer, group, group.attributes.to_object().with("displayName", name), &[])
}

/// Adds members. One that is there already is no error; one that is not here is kept as pending.
///
/// # Errors
///
/// As [`change`].
pub fn add_members(
    writer: &mut Writer<'_>,
    group: &Group,
    members: &[MemberName],
) -> Result<Group, Error> {
    let change = MemberChange::Add(members.to_vec());
    self::change(writer, group, group.attributes.to_object(), &[change])
}

/// Removes members. One that is not there is no error.
///
/// # Errors
///
/// As [`change`].
pub fn remove_members(
    writer: &mut Writer<'_>,
    group: &Group,
    members: &[MemberName],
) -> Result<Group, Error> {
    let change = MemberChange::Remove(members.to_vec());
    self::change(writer, group, group.attributes.to_object(), &[change])
}

/// Removes all members, pending ones too. Cost: O(1).
///
/// # Errors
///
/// As [`change`].
pub fn empty(writer: &mut Writer<'_>, group: &Group) -> Result<Group, Error> {
    change(writer, group, group.attributes.to_object(), &[MemberChange::Clear])
}

/// Deletes a group. Its members stay; the rows of its memberships are cleared away later, and its
/// role mappings are gone.
///
/// Cost: O(groups that it was in), whatever its size.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Stale`] where the group is not as it is stored;
/// [`Error::Denied`], also where the last administrator would be locked out; [`Error::Held`] where a
/// provider takes too many out with it.
pub fn delete(writer: &mut Writer<'_>, group: &Group) -> Result<(), Error> {
    writer.permit(Verb::DeleteGroup)?;
    removal::check(writer, Removal::delete_group(group))?;
    let guard = guard::of_group(writer, group)?;
    save::delete(writer, group)?;
    let left = membership::leave_all(writer, group)?;
    role::forget_group(writer, group.no)?;
    retire(writer, group.members().set)?;
    event::emit(
        writer,
        &group.id.to_string(),
        kinds::GroupDeleted { left: left.groups, left_staged: left.staged },
    )?;
    guard.check(writer)
}

/// Says that a connection manages a group from now on: a team becomes an `IdP` group, and keeps its
/// members until the provider pushes others. Administrators and operators say so; a provider takes
/// nothing over.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Stale`] where the group is not as it is stored;
/// [`Error::Denied`], also where another connection manages it.
pub fn link(
    writer: &mut Writer<'_>,
    group: &Group,
    connection: &Connection,
) -> Result<Group, Error> {
    writer.permit(Verb::LinkGroup)?;
    // It may have been deleted since it was read.
    let missing = || Error::no_such(Noun::Connection, connection.id.to_string());
    let connection = connection::by_id(writer, connection.id)?.ok_or_else(missing)?;
    if group.managed_by == Some(connection.no()) {
        return Ok(group.clone());
    }
    managed::require_change(writer, group)?;
    let guard = guard::of_group(writer, group)?;
    let linked = save::take_over(writer, group, Some(connection.no()))?;
    let payload = audit::kinds::GroupLinked { connection: connection.id };
    audit::record(writer, &group.id.to_string(), payload)?;
    event::emit(writer, &group.id.to_string(), unchanged())?;
    guard.check(writer)?;
    Ok(Group(linked))
}

/// Takes a group from the connection that manages it: it is a team from now on, and keeps its
/// members. A provider gives up what it manages itself.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Stale`] where the group is not as it is stored;
/// [`Error::Denied`], also where a provider does not manage it.
pub fn unlink(writer: &mut Writer<'_>, group: &Group) -> Result<Group, Error> {
    writer.permit(Verb::UnlinkGroup)?;
    let Some(no) = group.managed_by else { return Ok(group.clone()) };
    if writer.managing().is_some_and(|own| own != no) {
        managed::refuse(writer, group, no)?;
    }
    let unlinked = save::take_over(writer, group, None)?;
    if let Some(connection) = connection::by_no(writer, no)? {
        let payload = audit::kinds::GroupUnlinked { connection: connection.id };
        audit::record(writer, &group.id.to_string(), payload)?;
    }
    event::emit(writer, &group.id.to_string(), unchanged())?;
    Ok(Group(unlinked))
}

/// A change of a group that is neither one of attributes nor one of members.
fn unchanged() -> kinds::GroupUpdated {
    kinds::GroupUpdated {
        resource: None,
        cleared: false,
        staged: None,
        removed: Vec::new(),
        added: Vec::new(),
        joined: Vec::new(),
    }
}

/// Makes sure that a group can be created with these attributes: before many members are staged
/// for it, and when it is created.
///
/// # Errors
///
/// As [`create`].
pub fn check_free(reader: &mut Reader<'_>, attributes: &Object) -> Result<(), Error> {
    check_new(reader, attributes).map(drop)
}

fn check_new(reader: &mut Reader<'_>, attributes: &Object) -> Result<save::Columns, Error> {
    reader.permit(Verb::CreateGroup)?;
    let columns = save::Columns::of(Kind::GROUP, attributes)?;
    require_free(reader, &columns)?;
    Ok(columns)
}

fn require_free(reader: &mut Reader<'_>, columns: &save::Columns) -> Result<(), Error> {
    let key = columns.name_key.as_deref().unwrap_or_default();
    match by_name(reader, Kind::GROUP, key)? {
        None => Ok(()),
        Some(_) => Err(save::name_taken(Kind::GROUP, columns.name.as_deref().unwrap_or_default())),
    }
}

/// Lets the rows of a member set be cleared away.
pub(super) fn retire(writer: &mut Writer<'_>, set: MemberSetNo) -> Result<(), Error> {
    writer.send(RETIRE, &[set.into()])
}

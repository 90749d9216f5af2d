//! Mappings: a role that the members of a group have, nested groups included.

use super::{Role, RoleName, all, assignment::roles_in, by_name, count_grants, permit_giving};
use crate::{
    access::{Verb, guard},
    audit,
    clock::Time,
    connection,
    db::{Param, statements},
    error::{Error, Noun},
    event::{self, kinds},
    id::{ConnectionId, ResourceId, ResourceNo, RoleNo},
    resource::{Group, Kind, by_numbers, find, save},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into role_mapping (org, role, no, created) values ($1, $2, $3, $4) \
         on conflict (org, role, no) do nothing returning no"
    };
    DELETE = Sql { "delete from role_mapping where org = $1 and role = $2 and no = $3" };
    FORGET = Sql { "delete from role_mapping where org = $1 and no = $2 returning role" };
    ALL = Sql { "select role, no, created from role_mapping where org = $1 order by role, no" };
    OF_ROLE = Sql { "select no from role_mapping where org = $1 and role = $2 order by no" };
    OF_GROUPS = ListSql {
        "select no, role from role_mapping where org = $1 and no in (",
        "{}",
        ")"
    };
}

/// The most mappings of an organization.
pub(crate) const MOST: usize = 1_000;

/// A role that the members of a group have.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The group.
    pub group: Group,
    /// The role.
    pub role: Role,
    /// When it was mapped.
    pub created: Time,
}

/// Gives the members of a group a role, at once and as long as they are members. Answers whether
/// it is new.
///
/// Cost: O(1), whatever the size of the group.
///
/// # Errors
///
/// [`Error::NotFound`] where there is no such role, or no such group; [`Error::Conflict`] where there
/// are too many mappings; [`Error::Denied`].
pub fn map(writer: &mut Writer<'_>, group: &Group, name: &RoleName) -> Result<bool, Error> {
    let role = by_name(writer, name)?;
    permit_giving(writer, &role)?;
    save::require_here(writer, group)?;
    if writer.query(ALL, &[])?.len() >= MOST {
        return Err(Error::conflict("role", format!("There are {MOST} mappings already.")));
    }
    put(writer, group, &role)
}

/// Maps a role, if it is not mapped already. Answers whether it was new.
fn put(writer: &mut Writer<'_>, group: &Group, role: &Role) -> Result<bool, Error> {
    let now = writer.now();
    let new = writer.change(INSERT, &[role.no.into(), group.no.into(), now.into()])?;
    if new.is_empty() {
        return Ok(false);
    }
    count_grants(writer, &[role.no], 1);
    let id = group.id.to_string();
    let (role, name) = (role.name.to_string(), group.name().to_owned());
    audit::record(writer, &id, audit::kinds::RoleMapped { role: role.clone(), group: name })?;
    event::emit(writer, &id, kinds::RoleMapped { role })?;
    Ok(true)
}

/// Whether the organization has named administrators: by a role of a user, or of a group.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn has_administrators(reader: &mut Reader<'_>) -> Result<bool, Error> {
    reader.permit(Verb::ReadRoles)?;
    for role in Role::ADMINISTRATORS {
        let assigned = !super::assignment::page(reader, role, ResourceNo(0), 1)?.is_empty();
        if assigned || !groups_of(reader, role)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the members of a group superadmins, where the organization has no administrator yet: the
/// last step of setting up the first connection. Whoever may set it up may do so once, for a group
/// that this connection pushed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Conflict`] where there are administrators; [`Error::Denied`].
pub fn name_administrators(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    group: ResourceId,
) -> Result<Group, Error> {
    writer.permit(Verb::ChangeConnection)?;
    let missing = || Error::no_such(Noun::Connection, connection.to_string());
    let connection = connection::by_id(writer, connection)?.ok_or_else(missing)?;
    if has_administrators(writer)? {
        return Err(Error::conflict(
            "role",
            "The organization has administrators. A superadmin gives roles under Roles.",
        ));
    }
    let found = find(writer, Kind::GROUP, group)?.map(Group);
    let found = found.filter(|group| group.managed_by == Some(connection.no()));
    let group = found.ok_or_else(|| Error::not_found(Noun::Group))?;
    put(writer, &group, &Role::superadmin())?;
    Ok(group)
}

/// Takes a role from the members of a group.
///
/// # Errors
///
/// [`Error::NotFound`] where the role was not mapped to the group; [`Error::Denied`], also where
/// the last administrator would be locked out.
pub fn unmap(writer: &mut Writer<'_>, group: &Group, name: &RoleName) -> Result<(), Error> {
    let role = by_name(writer, name)?;
    permit_giving(writer, &role)?;
    save::require_here(writer, group)?;
    let guard = guard::of_group(writer, group)?;
    if writer.execute(DELETE, &[role.no.into(), group.no.into()])? == 0 {
        return Err(Error::no_such(Noun::Grant, name.as_str()));
    }
    count_grants(writer, &[role.no], -1);
    let id = group.id.to_string();
    let (role, name) = (name.to_string(), group.name().to_owned());
    audit::record(writer, &id, audit::kinds::RoleUnmapped { role: role.clone(), group: name })?;
    event::emit(writer, &id, kinds::RoleUnmapped { role })?;
    guard.check(writer)
}

/// All mappings of the organization, by role.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn mapped(reader: &mut Reader<'_>) -> Result<Vec<Mapping>, Error> {
    reader.permit(Verb::ReadRoles)?;
    all_mapped(reader)
}

/// The same, for whoever is not asked for a right.
pub(crate) fn all_mapped(reader: &mut Reader<'_>) -> Result<Vec<Mapping>, Error> {
    let roles = all(reader)?;
    let mut rows: Vec<(RoleNo, ResourceNo, Time)> = Vec::new();
    for mut row in reader.query(ALL, &[])? {
        rows.push((row.get("role")?, row.get("no")?, row.get("created")?));
    }
    let mut numbers: Vec<ResourceNo> = rows.iter().map(|(_, no, _)| *no).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let groups = by_numbers(reader, Kind::GROUP, &numbers)?;
    // A mapping goes with its group and with its role, so both are there.
    let mapping = |(role, no, created)| {
        let role = roles.iter().find(|known| known.no == role)?.clone();
        let group = groups.iter().find(|group| group.no == no)?.clone();
        Some(Mapping { group: Group(group), role, created })
    };
    Ok(rows.into_iter().filter_map(mapping).collect())
}

/// The roles that are mapped to each of these groups.
pub(crate) fn of_groups(
    reader: &mut Reader<'_>,
    groups: &[ResourceNo],
) -> Result<Vec<(ResourceNo, RoleNo)>, Error> {
    let items: Vec<[Param<'_>; 1]> = groups.iter().map(|no| [(*no).into()]).collect();
    let rows = reader.query_list(&OF_GROUPS, &[], &items)?;
    rows.into_iter().map(|mut row| Ok((row.get("no")?, row.get("role")?))).collect()
}

/// The groups to which a role is mapped.
pub(crate) fn groups_of(reader: &mut Reader<'_>, role: RoleNo) -> Result<Vec<ResourceNo>, Error> {
    let rows = reader.query(OF_ROLE, &[role.into()])?;
    rows.into_iter().map(|mut row| row.get("no")).collect()
}

/// Whether a group has the role.
pub(super) fn is_used(reader: &mut Reader<'_>, role: RoleNo) -> Result<bool, Error> {
    Ok(!groups_of(reader, role)?.is_empty())
}

/// A group is deleted.
pub(super) fn forget(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    let roles = roles_in(writer.change(FORGET, &[no.into()])?)?;
    count_grants(writer, &roles, -1);
    Ok(())
}

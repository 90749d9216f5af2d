//! Assignments: roles that were given to a user itself.

use super::{Role, RoleName, by_name, count_grants, permit_giving};
use crate::{
    access::{Verb, guard},
    audit,
    db::{Row, statements},
    error::{Error, Noun},
    event::{self, kinds},
    id::{ResourceNo, RoleNo},
    resource::{Kind, User, by_numbers, save},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into role_assignment (org, role, no, created) values ($1, $2, $3, $4) \
         on conflict (org, role, no) do nothing returning no"
    };
    DELETE = Sql {
        "delete from role_assignment where org = $1 and role = $2 and no = $3"
    };
    FORGET = Sql { "delete from role_assignment where org = $1 and no = $2 returning role" };
    OF_ROLE = Sql {
        "select no from role_assignment where org = $1 and role = $2 and no > $3 \
         order by no limit $4"
    };
    OF_USERS = ListSql {
        "select no, role from role_assignment where org = $1 and no in (",
        "{}",
        ")"
    };
}

/// Gives a user a role. A user that has it already keeps it. Answers whether it is new.
///
/// # Errors
///
/// [`Error::NotFound`] where there is no such role, or no such user; [`Error::Denied`].
pub fn assign(writer: &mut Writer<'_>, user: &User, name: &RoleName) -> Result<bool, Error> {
    let role = by_name(writer, name)?;
    permit_giving(writer, &role)?;
    save::require_here(writer, user)?;
    let now = writer.now();
    let new = writer.change(INSERT, &[role.no.into(), user.no.into(), now.into()])?;
    if new.is_empty() {
        return Ok(false);
    }
    count_grants(writer, &[role.no], 1);
    let id = user.id.to_string();
    let (role, name) = (name.to_string(), user.name().to_owned());
    audit::record(writer, &id, audit::kinds::RoleAssigned { role: role.clone(), user: name })?;
    event::emit(writer, &id, kinds::RoleAssigned { role })?;
    Ok(true)
}

/// Takes a role from a user to whom it was given. It may still have it by way of a group.
///
/// # Errors
///
/// [`Error::NotFound`] where the user was not given the role; [`Error::Denied`], also where the
/// last administrator would be locked out.
pub fn unassign(writer: &mut Writer<'_>, user: &User, name: &RoleName) -> Result<(), Error> {
    let role = by_name(writer, name)?;
    permit_giving(writer, &role)?;
    save::require_here(writer, user)?;
    let guard = guard::of_user(writer, user)?;
    if writer.execute(DELETE, &[role.no.into(), user.no.into()])? == 0 {
        return Err(Error::no_such(Noun::Grant, name.as_str()));
    }
    count_grants(writer, &[role.no], -1);
    let id = user.id.to_string();
    let (role, name) = (name.to_string(), user.name().to_owned());
    audit::record(writer, &id, audit::kinds::RoleUnassigned { role: role.clone(), user: name })?;
    event::emit(writer, &id, kinds::RoleUnassigned { role })?;
    guard.check(writer)
}

/// The users to whom a role was given, after one of them, in the order of their creation.
///
/// # Errors
///
/// [`Error::NotFound`] where there is no such role; [`Error::Denied`].
pub fn assigned(
    reader: &mut Reader<'_>,
    name: &RoleName,
    after: ResourceNo,
    limit: u32,
) -> Result<Vec<User>, Error> {
    reader.permit(Verb::ReadRoles)?;
    let Role { no, .. } = by_name(reader, name)?;
    let numbers = page(reader, no, after, limit)?;
    let users = by_numbers(reader, Kind::USER, &numbers)?;
    Ok(users.into_iter().map(User).collect())
}

/// The numbers of users with a role after one of them.
pub(crate) fn page(
    reader: &mut Reader<'_>,
    role: RoleNo,
    after: ResourceNo,
    limit: u32,
) -> Result<Vec<ResourceNo>, Error> {
    let rows = reader.query(OF_ROLE, &[role.into(), after.into(), i64::from(limit).into()])?;
    rows.into_iter().map(|mut row| row.get("no")).collect()
}

/// The roles that were given to each of these users.
pub(super) fn of_users(
    reader: &mut Reader<'_>,
    users: &[ResourceNo],
) -> Result<Vec<(ResourceNo, RoleNo)>, Error> {
    let items: Vec<[crate::db::Param<'_>; 1]> = users.iter().map(|no| [(*no).into()]).collect();
    let rows = reader.query_list(&OF_USERS, &[], &items)?;
    rows.into_iter().map(|mut row| Ok((row.get("no")?, row.get("role")?))).collect()
}

/// Whether a user has the role itself.
pub(super) fn is_used(reader: &mut Reader<'_>, role: RoleNo) -> Result<bool, Error> {
    Ok(!page(reader, role, ResourceNo(0), 1)?.is_empty())
}

/// A user is deleted.
pub(super) fn forget(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    let roles = roles_in(writer.change(FORGET, &[no.into()])?)?;
    count_grants(writer, &roles, -1);
    Ok(())
}

/// The column `role` of some rows.
pub(super) fn roles_in(rows: Vec<Row>) -> Result<Vec<RoleNo>, Error> {
    rows.into_iter().map(|mut row| row.get("role")).collect()
}

//! The admin-lockout guard: once an organization has an administrator, no change by a provider
//! leaves it without one who can come in.
//!
//! A verb that could take an administrator away asks before it changes anything whether one is at
//! risk, and [checks](Guard::check) afterwards that one is left. The guard is on once roles are
//! used, unless it was switched on or off for the organization.
//!
//! An administrator is an active user with the role `superadmin` or `admin`, whose own connection,
//! if it has one, is not still being set up.

use std::collections::HashSet;

use super::Verb;
use crate::{
    connection,
    db::{Param, statements},
    error::{Error, Rule},
    id::{ConnectionNo, ResourceNo},
    resource::{
        Group, Kind, Resource, User, by_numbers,
        membership::{self, MemberKind},
    },
    role::{Role, assignment, effective, mapping},
    store::{Reader, Writer},
};

statements! {
    ACTIVE = ListSql {
        "select no, connection from resource \
         where org = $1 and kind = $2 and active = 1 and no in (",
        "{}",
        ")"
    };
}

/// Users are looked at in pieces of this size until one is an administrator.
const PIECE: u32 = 500;
/// So many memberships are looked at; if none of them is an administrator's, there is none.
pub(crate) const MOST_LOOKED_AT: usize = 100_000;

/// What a change has to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a change that puts an administrator at risk must be checked afterwards"]
pub(crate) enum Guard {
    /// The change cannot take an administrator away, or whoever makes it may.
    Off,
    /// An administrator is at risk.
    On,
}

impl Guard {
    /// Makes sure that an administrator is left who can come in.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] that says what to do.
    pub(crate) fn check(self, writer: &mut Writer<'_>) -> Result<(), Error> {
        if self == Self::Off || has_administrator(writer)? {
            return Ok(());
        }
        Err(Error::denied(
            Rule::LastAdministrator,
            "This would leave the organization without an administrator who can come in, so \
             nothing was changed. Give another active user the role admin or superadmin first, or \
             switch the admin-lockout guard off.",
        ))
    }
}

/// The guard of a change of a user.
pub(crate) fn of_user(writer: &mut Writer<'_>, user: &User) -> Result<Guard, Error> {
    if !is_on(writer) || !user.is_active() {
        return Ok(Guard::Off);
    }
    let roles = effective::of_numbers(writer, &[user.no])?;
    let roles = roles.get(&user.no).into_iter().flatten();
    let at_risk = roles.into_iter().any(|(role, _)| Role::ADMINISTRATORS.contains(role));
    if at_risk { watch(writer) } else { Ok(Guard::Off) }
}

/// The guard of a change of a group. A person who changes who is an administrator in this way
/// needs the right to it.
pub(crate) fn of_group(writer: &mut Writer<'_>, group: &Group) -> Result<Guard, Error> {
    if writer.admin_grants() == 0 {
        return Ok(Guard::Off);
    }
    let above = membership::groups_of(writer, &[group.no])?;
    let above = above.values().flatten().map(|membership| membership.group);
    let groups: Vec<ResourceNo> = std::iter::once(group.no).chain(above).collect();
    let mapped = mapping::of_groups(writer, &groups)?;
    if !mapped.iter().any(|(_, role)| Role::ADMINISTRATORS.contains(role)) {
        return Ok(Guard::Off);
    }
    if writer.managing().is_none() {
        writer.permit(Verb::GiveAdministration)?;
    }
    if is_on(writer) { watch(writer) } else { Ok(Guard::Off) }
}

/// Watches a change, if there is an administrator to lose. A group to which a role is mapped may
/// still be empty: then whoever fills it must not be held back.
fn watch(reader: &mut Reader<'_>) -> Result<Guard, Error> {
    Ok(if has_administrator(reader)? { Guard::On } else { Guard::Off })
}

/// The guard of a connection that is to be in use: what it has pushed counts from now on.
pub(crate) fn of_activation(writer: &Writer<'_>) -> Guard {
    let on = match writer.admin_guard() {
        Some(guard) => guard,
        None => writer.admin_grants() > 0,
    };
    if on { Guard::On } else { Guard::Off }
}

/// Whether the guard watches this writer: a provider, while roles are used.
fn is_on(writer: &Writer<'_>) -> bool {
    writer.managing().is_some() && writer.admin_grants() > 0 && writer.admin_guard().unwrap_or(true)
}

/// Whether the organization has an administrator who can come in.
///
/// Cost: O(1) where one of the first is; at the most [`MOST_LOOKED_AT`] memberships.
pub(crate) fn has_administrator(reader: &mut Reader<'_>) -> Result<bool, Error> {
    let in_setup = connection::in_setup(reader)?;
    for role in Role::ADMINISTRATORS {
        let mut after = ResourceNo(0);
        loop {
            let users = assignment::page(reader, role, after, PIECE)?;
            if one_can_come_in(reader, &users, &in_setup)? {
                return Ok(true);
            }
            match users.last() {
                Some(last) if users.len() == PIECE as usize => after = *last,
                _ => break,
            }
        }
    }
    let mut groups = Vec::new();
    for role in Role::ADMINISTRATORS {
        groups.extend(mapping::groups_of(reader, role)?);
    }
    members_can_come_in(reader, groups, &in_setup)
}

/// Whether a member of these groups, or of groups inside of them, can come in.
fn members_can_come_in(
    reader: &mut Reader<'_>,
    mut level: Vec<ResourceNo>,
    in_setup: &HashSet<ConnectionNo>,
) -> Result<bool, Error> {
    let mut seen: HashSet<ResourceNo> = HashSet::new();
    let mut looked_at = 0;
    while !level.is_empty() {
        level.retain(|no| seen.insert(*no));
        let groups: Vec<Resource> = by_numbers(reader, Kind::GROUP, &level)?;
        let mut below = Vec::new();
        for group in groups {
            if !effective::counts(group.managed_by, in_setup) {
                continue;
            }
            let set = Group(group).members().set;
            let mut after = ResourceNo(0);
            loop {
                let edges = membership::edges(reader, set, after, PIECE as usize)?;
                looked_at += edges.len();
                if looked_at > MOST_LOOKED_AT {
                    return Ok(false);
                }
                let of_kind = |wanted: MemberKind| {
                    edges.iter().filter(move |(_, kind)| *kind == wanted).map(|(no, _)| *no)
                };
                let users: Vec<ResourceNo> = of_kind(MemberKind::User).collect();
                if one_can_come_in(reader, &users, in_setup)? {
                    return Ok(true);
                }
                below.extend(of_kind(MemberKind::Group));
                match edges.last() {
                    Some((no, _)) if edges.len() == PIECE as usize => after = *no,
                    _ => break,
                }
            }
        }
        level = below;
    }
    Ok(false)
}

/// Whether one of these users is active, and its connection is not being set up.
fn one_can_come_in(
    reader: &mut Reader<'_>,
    users: &[ResourceNo],
    in_setup: &HashSet<ConnectionNo>,
) -> Result<bool, Error> {
    let items: Vec<[Param<'_>; 1]> = users.iter().map(|no| [(*no).into()]).collect();
    for mut row in reader.query_list(&ACTIVE, &[Kind::USER.into()], &items)? {
        if effective::counts(row.get("connection")?, in_setup) {
            return Ok(true);
        }
    }
    Ok(false)
}

//! The roles that a user has, and why: assigned ones, and those of its groups.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Role, all, assignment, mapping};
use crate::{
    access::Verb,
    connection,
    error::Error,
    id::{ConnectionNo, ResourceId, ResourceNo, RoleNo},
    resource::{
        User,
        membership::{self, Membership},
    },
    store::Reader,
};

/// A role that a user has, and every reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The role.
    pub role: Role,
    /// Why: at least one reason.
    pub why: Vec<Why>,
}

/// Why a user has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was given to the user itself.
    Assigned,
    /// It is mapped to a group.
    Group {
        /// The group.
        id: ResourceId,
        /// Its displayName.
        name: String,
        /// Whether the user is a member itself, and not by way of another group.
        direct: bool,
    },
}

/// The roles of a user, built-in ones first.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn of_user(reader: &mut Reader<'_>, user: &User) -> Result<Vec<Held>, Error> {
    let mut found = of_users(reader, [user])?;
    Ok(found.pop().unwrap_or_default())
}

/// The roles of each of these users, in their order.
///
/// Groups that a connection manages which is still being set up give no role: what it pushes is
/// stored and shown, and has no effect yet.
///
/// Cost: O(groups that they are in).
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn of_users<'u>(
    reader: &mut Reader<'_>,
    users: impl IntoIterator<Item = &'u User>,
) -> Result<Vec<Vec<Held>>, Error> {
    reader.permit(Verb::ReadPeople)?;
    let numbers: Vec<ResourceNo> = users.into_iter().map(|user| user.no).collect();
    held_by(reader, &numbers)
}

/// The same, for whoever is not asked for a right.
pub(crate) fn held_by(
    reader: &mut Reader<'_>,
    numbers: &[ResourceNo],
) -> Result<Vec<Vec<Held>>, Error> {
    let mut found = of_numbers(reader, numbers)?;
    let roles: HashMap<RoleNo, Role> =
        all(reader)?.into_iter().map(|role| (role.no, role)).collect();
    let held = |reasons: BTreeMap<RoleNo, Vec<Why>>| {
        let known = |(no, why)| Some(Held { role: roles.get(&no)?.clone(), why });
        reasons.into_iter().filter_map(known).collect()
    };
    Ok(numbers.iter().map(|no| held(found.remove(no).unwrap_or_default())).collect())
}

/// The reasons for each role of each of these users.
pub(crate) fn of_numbers(
    reader: &mut Reader<'_>,
    users: &[ResourceNo],
) -> Result<HashMap<ResourceNo, BTreeMap<RoleNo, Vec<Why>>>, Error> {
    let mut found: HashMap<ResourceNo, BTreeMap<RoleNo, Vec<Why>>> = HashMap::new();
    for (no, role) in assignment::of_users(reader, users)? {
        found.entry(no).or_default().entry(role).or_default().push(Why::Assigned);
    }
    let in_setup = connection::in_setup(reader)?;
    let groups = membership::groups_by_way_of(reader, users, |membership| {
        counts(membership.managed_by, &in_setup)
    })?;
    let mut all: Vec<ResourceNo> = groups.values().flatten().map(|group| group.group).collect();
    all.sort_unstable();
    all.dedup();
    let mut mapped: HashMap<ResourceNo, Vec<RoleNo>> = HashMap::new();
    for (group, role) in mapping::of_groups(reader, &all)? {
        mapped.entry(group).or_default().push(role);
    }
    for (user, groups) in groups {
        for Membership { group, id, display, direct, .. } in groups {
            for role in mapped.get(&group).into_iter().flatten() {
                let why = Why::Group { id, name: display.clone(), direct };
                found.entry(user).or_default().entry(*role).or_default().push(why);
            }
        }
    }
    Ok(found)
}

/// Whether a group gives roles, by the connection that manages it.
pub(crate) fn counts(managed_by: Option<ConnectionNo>, in_setup: &HashSet<ConnectionNo>) -> bool {
    managed_by.is_none_or(|connection| !in_setup.contains(&connection))
}

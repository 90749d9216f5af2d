//! Roles: what a user may do in the application, and, for the built-in ones, in Doorward.
//!
//! A user's roles are the union of those that were [assigned](assign) to it and those that are
//! [mapped](map) to a group that it is in, directly or by way of other groups. They are computed
//! when they are read: nothing is copied to the members of a group.

pub(crate) mod assignment;
pub(crate) mod effective;
pub(crate) mod mapping;

use std::fmt;

pub use self::{
    assignment::{assign, assigned, unassign},
    effective::{Held, Why, of_user, of_users},
    mapping::{Mapping, has_administrators, map, mapped, name_administrators, unmap},
};
use crate::{
    access::Verb,
    audit,
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    event::{self, kinds},
    id::{ResourceNo, RoleNo},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into role (org, no, name, description, created) values ($1, $2, $3, $4, $5)"
    };
    ALL = Sql { "select no, name, description, created from role where org = $1 order by no" };
    BY_NAME = Sql {
        "select no, name, description, created from role where org = $1 and name = $2"
    };
    DELETE = Sql { "delete from role where org = $1 and no = $2" };
}

/// The most roles of an organization's own.
pub(crate) const MOST: usize = 200;
/// The longest description, in characters.
pub(crate) const LONGEST_DESCRIPTION: usize = 500;

/// The name of a role: 1 to 63 lower-case letters, digits and inner hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

impl RoleName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the rule.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if crate::organization::slug::is_slug(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid(
            "role",
            format!(
                "\"{}\" is not the name of a role: use 1 to 63 lower-case letters, digits and \
                 inner hyphens.",
                text.escape_debug()
            ),
        ))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role, built in or an organization's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub(crate) no: RoleNo,
    /// Its name.
    pub name: RoleName,
    /// What it is for.
    pub description: String,
    /// When it was made; `None`: it is built in.
    pub created: Option<Time>,
}

/// The built-in roles: their numbers never change.
const BUILT_IN: [(i64, &str, &str); 3] = [
    (1, "superadmin", "Everything in the organization, credentials and sign-in included"),
    (2, "admin", "People, groups, roles and records of the organization"),
    (3, "member", "The own profile"),
];

impl Role {
    /// The numbers of the roles that make an administrator.
    pub(crate) const ADMINISTRATORS: [RoleNo; 2] = [RoleNo(1), RoleNo(2)];

    /// The one that may do everything.
    pub(crate) fn superadmin() -> Self {
        let mut built_in = Self::built_in();
        built_in.next().expect("the superadmin is the first that is built in")
    }

    /// Whether it makes an administrator.
    #[must_use]
    pub fn is_administrators(&self) -> bool {
        Self::ADMINISTRATORS.contains(&self.no)
    }

    /// Whether every organization has it.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.created.is_none()
    }

    fn built_in() -> impl Iterator<Item = Self> {
        BUILT_IN.into_iter().map(|(no, name, description)| Self {
            no: RoleNo(no),
            name: RoleName(name.to_owned()),
            description: description.to_owned(),
            created: None,
        })
    }

    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            no: row.get("no")?,
            name: RoleName(row.get("name")?),
            description: row.get("description")?,
            created: Some(row.get("created")?),
        })
    }
}

/// The roles of the organization: the built-in ones, then its own, oldest first.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Role>, Error> {
    reader.permit(Verb::ReadRoles)?;
    all(reader)
}

pub(crate) fn all(reader: &mut Reader<'_>) -> Result<Vec<Role>, Error> {
    let own = reader.query(ALL, &[])?.into_iter().map(Role::from_row);
    Role::built_in().map(Ok).chain(own).collect()
}

/// The role with this name.
///
/// # Errors
///
/// [`Error::NotFound`]; those of the store.
pub(crate) fn by_name(reader: &mut Reader<'_>, name: &RoleName) -> Result<Role, Error> {
    if let Some(role) = Role::built_in().find(|role| role.name == *name) {
        return Ok(role);
    }
    let row = reader.query_one(BY_NAME, &[name.as_str().into()])?;
    row.map(Role::from_row).transpose()?.ok_or_else(|| Error::no_such(Noun::Role, name.as_str()))
}

/// Makes a role.
///
/// # Errors
///
/// [`Error::Conflict`] where there is one of this name, or too many; [`Error::Invalid`];
/// [`Error::Denied`].
pub fn create(writer: &mut Writer<'_>, name: &RoleName, description: &str) -> Result<Role, Error> {
    writer.permit(Verb::ManageRoles)?;
    let description = description.trim();
    if description.chars().count() > LONGEST_DESCRIPTION
        || description.chars().any(char::is_control)
    {
        return Err(Error::invalid(
            "description",
            format!(
                "A description has at most {LONGEST_DESCRIPTION} characters, and no control \
                 characters."
            ),
        ));
    }
    let known = all(writer)?;
    if known.iter().any(|role| role.name == *name) {
        return Err(Error::conflict("role", format!("There is a role \"{name}\" already.")));
    }
    if known.iter().filter(|role| !role.is_built_in()).count() >= MOST {
        return Err(Error::conflict("role", format!("There are {MOST} roles already.")));
    }
    let role = Role {
        no: writer.next_role(),
        name: name.clone(),
        description: description.to_owned(),
        created: Some(writer.now()),
    };
    let now = writer.now();
    writer.send(INSERT, &[role.no.into(), name.as_str().into(), description.into(), now.into()])?;
    let about = role.description.clone();
    audit::record(writer, name.as_str(), audit::kinds::RoleCreated { description: about.clone() })?;
    event::emit(writer, name.as_str(), kinds::RoleCreated { description: about })?;
    Ok(role)
}

/// Deletes a role that is neither assigned nor mapped any more.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Conflict`] where it is in use; [`Error::Denied`], also for a
/// built-in role.
pub fn delete(writer: &mut Writer<'_>, name: &RoleName) -> Result<(), Error> {
    writer.permit(Verb::ManageRoles)?;
    let role = by_name(writer, name)?;
    if role.is_built_in() {
        return Err(Error::conflict("role", format!("The role \"{name}\" is built in.")));
    }
    let in_use = if assignment::is_used(writer, role.no)? {
        Some("assigned to users")
    } else if mapping::is_used(writer, role.no)? {
        Some("mapped to groups")
    } else {
        None
    };
    if let Some(how) = in_use {
        return Err(Error::conflict(
            "role",
            format!("The role \"{name}\" is {how}; take it from them first."),
        ));
    }
    writer.send(DELETE, &[role.no.into()])?;
    audit::record(writer, name.as_str(), audit::kinds::RoleDeleted {})?;
    event::emit(writer, name.as_str(), kinds::RoleDeleted {})
}

/// Asks whether the writer may give or take a role.
pub(crate) fn permit_giving(writer: &Writer<'_>, role: &Role) -> Result<(), Error> {
    writer.permit(Verb::GiveRole)?;
    if role.is_administrators() { writer.permit(Verb::GiveAdministration) } else { Ok(()) }
}

/// A user is deleted: its assignments go with it.
///
/// Cost: O(roles that it had).
pub(crate) fn forget_user(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    assignment::forget(writer, no)
}

/// A group is deleted: its mappings go with it.
///
/// Cost: O(roles that were mapped to it).
pub(crate) fn forget_group(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    mapping::forget(writer, no)
}

/// Counts, of roles that were given or taken, those that make an administrator.
pub(crate) fn count_grants(writer: &mut Writer<'_>, roles: &[RoleNo], by: i64) {
    let administrators = roles.iter().filter(|role| Role::ADMINISTRATORS.contains(role)).count();
    writer.count_admin_grants(by * i64::try_from(administrators).unwrap_or(0));
}

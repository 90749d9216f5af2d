//! People: the users of the organization.

mod csv;
mod list;
mod person;
mod pushed;

pub(super) use self::{
    csv::download,
    list::{add, list, new},
    person::{
        archive, archiving, end_all, end_session, give_role, reactivate, show as person, take_role,
    },
    pushed::show as pushed,
};
use std::collections::HashMap;

use directory::{
    ConnectionNo, Error, Reader, User,
    connection::{self, Connection},
};

use super::words;

/// The connections of the organization by their numbers, for whoever shows what manages something.
#[derive(Clone, Debug, Default)]
pub(super) struct Managers(HashMap<ConnectionNo, Connection>);

impl Managers {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let all = connection::list(reader)?.into_iter();
        Ok(Self(all.map(|connection| (connection.no(), connection)).collect()))
    }

    /// The connection that manages something, if one does that is there.
    pub(super) fn of(&self, managed_by: Option<ConnectionNo>) -> Option<&Connection> {
        self.0.get(&managed_by?)
    }

    /// How people call it.
    pub(super) fn name(&self, managed_by: Option<ConnectionNo>) -> Option<String> {
        self.of(managed_by).map(words::name_of)
    }
}

/// The name for people.
pub(super) fn name_of(user: &User) -> String {
    user.display_name().unwrap_or_else(|| user.name().to_owned())
}

/// A text as it stands in the query of an address.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

//! [`Arrived`]: what a push left in the store.

use std::fmt::Write as _;

use anyhow::Result;
use directory::{
    Access, Error, Group, Membership, Reader, Resource, Store, User, schemas,
    search::{self, Page, Search},
};
use scim::schema::ResourceSchema;

use super::super::person::Person;
use crate::table::{self, cut, number, whole};

/// So many people and groups are shown.
const SHOWN: u64 = 12;

/// What is in the store.
#[derive(Debug)]
pub(super) struct Arrived {
    /// How many users there are.
    pub(super) users: u64,
    /// How many groups there are.
    pub(super) groups: u64,
    first_users: Vec<(User, Vec<Membership>)>,
    first_groups: Vec<Group>,
}

impl Arrived {
    /// Reads it back.
    pub(super) async fn read(store: &Store, access: &Access) -> Result<Self> {
        let arrived = store
            .read(access, |reader| {
                let schemas = schemas::current(reader)?;
                let users = first::<User>(reader, schemas.user())?;
                let groups = first::<Group>(reader, schemas.group())?;
                let memberships = search::groups(reader, users.items.iter().map(|user| &**user))?;
                Ok::<_, Error>(Self {
                    users: users.total,
                    groups: groups.total,
                    first_users: users.items.into_iter().zip(memberships).collect(),
                    first_groups: groups.items,
                })
            })
            .await?;
        Ok(arrived)
    }

    /// Two tables.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("\nPeople that arrived: {}\n", self.users);
        text.push_str(&table::columns(
            [
                cut("name"),
                cut("userName"),
                cut("title, department"),
                whole("active"),
                cut("groups"),
            ],
            self.first_users.iter().map(|(user, groups)| {
                let person = Person::new(user, groups);
                [
                    person.display_name(),
                    person.text("userName").to_owned(),
                    job(&person),
                    if user.is_active() { "yes" } else { "no" }.to_owned(),
                    person.groups(),
                ]
            }),
        ));
        rest(&mut text, self.users, self.first_users.len());
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\nGroups that arrived: {}", self.groups);
        text.push_str(&table::columns(
            [cut("name"), number("members")],
            self.first_groups
                .iter()
                .map(|group| [group.name().to_owned(), group.member_count().to_string()]),
        ));
        rest(&mut text, self.groups, self.first_groups.len());
        text
    }
}

/// The first of a type, and how many there are.
fn first<R: TryFrom<Resource, Error = Error>>(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
) -> Result<Page<R>, Error> {
    let Page { total, items, next } = search::search(reader, &[schema], &Search::all(0, SHOWN))?;
    let items = items.into_iter().map(R::try_from).collect::<Result<_, Error>>()?;
    Ok(Page { total, items, next })
}

fn job(person: &Person<'_>) -> String {
    let parts = [person.text("title"), person.enterprise("department")];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn rest(text: &mut String, total: u64, shown: usize) {
    let more = total.saturating_sub(shown as u64);
    if more > 0 {
        let _ = writeln!(text, "and {more} more");
    }
}

//! [`Comparison`]: what is here beside what the provider has.

use std::collections::HashSet;

use anyhow::Result;
use directory::{
    Access, Error, ResourceId, Store, User,
    connection::Connection,
    schemas,
    search::{PageStart, Search, search},
    user,
};
use scim::Filter;
use serde_json::{Value as Json, json};

use super::{
    super::{person::Person, walk::Walk},
    sheet::{Field, There},
};

/// So many people are looked up in one read.
const PIECE: usize = 200;

/// A difference between here and there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// The provider has the person active, and here is none.
    Missing { line: u64, user_name: String },
    /// The provider has the person active, and here it is archived.
    Archived { line: u64, user_name: String, id: ResourceId },
    /// Active here, and not there: the file says so, or does not have the person at all.
    Extra { line: Option<u64>, user_name: String, id: ResourceId },
    /// The profile is another one: field, there, here.
    Profile { line: u64, user_name: String, id: ResourceId, fields: Vec<Other> },
    /// Another connection, or no one, manages the person.
    Managed { line: u64, user_name: String, id: ResourceId },
}

/// A field that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Other {
    pub(super) field: Field,
    pub(super) there: String,
    pub(super) here: String,
}

impl Difference {
    /// What it is called.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Archived { .. } => "archived",
            Self::Extra { .. } => "extra",
            Self::Profile { .. } => "different",
            Self::Managed { .. } => "managed elsewhere",
        }
    }

    pub(super) fn user_name(&self) -> &str {
        match self {
            Self::Missing { user_name, .. }
            | Self::Archived { user_name, .. }
            | Self::Extra { user_name, .. }
            | Self::Profile { user_name, .. }
            | Self::Managed { user_name, .. } => user_name,
        }
    }

    fn line(&self) -> Option<u64> {
        match self {
            Self::Missing { line, .. }
            | Self::Archived { line, .. }
            | Self::Profile { line, .. }
            | Self::Managed { line, .. } => Some(*line),
            Self::Extra { line, .. } => *line,
        }
    }

    fn id(&self) -> Option<ResourceId> {
        match self {
            Self::Missing { .. } => None,
            Self::Archived { id, .. }
            | Self::Extra { id, .. }
            | Self::Profile { id, .. }
            | Self::Managed { id, .. } => Some(*id),
        }
    }

    /// The fields that are different.
    pub(super) fn fields(&self) -> &[Other] {
        if let Self::Profile { fields, .. } = self { fields } else { &[] }
    }

    /// For programs.
    pub(super) fn as_json(&self) -> Json {
        let field = |other: &Other| {
            json!({
                "attribute": other.field.name(),
                "there": other.there,
                "here": other.here,
            })
        };
        json!({
            "kind": self.kind(),
            "userName": self.user_name(),
            "line": self.line(),
            "id": self.id().map(|id| id.to_string()),
            "fields": self.fields().iter().map(field).collect::<Vec<_>>(),
        })
    }
}

/// A comparison of a connection's people with those of its provider.
#[derive(Debug)]
pub(super) struct Comparison<'c> {
    store: &'c Store,
    access: &'c Access,
    connection: &'c Connection,
    /// Who was met in the file.
    met: HashSet<ResourceId>,
    /// How many people the file has.
    pub(super) there: usize,
    /// How many are the same in both.
    pub(super) same: usize,
}

impl<'c> Comparison<'c> {
    pub(super) fn new(store: &'c Store, access: &'c Access, connection: &'c Connection) -> Self {
        Self { store, access, connection, met: HashSet::new(), there: 0, same: 0 }
    }

    /// Compares a piece of the file.
    pub(super) async fn piece(&mut self, rows: Vec<There>) -> Result<Vec<Difference>> {
        let found = self.store.read(self.access, move |reader| {
            let look_up = |row: &There| match user::by_username(reader, row.user_name()) {
                Ok(user) => Ok(Some(user)),
                Err(Error::NotFound { .. }) => {
                    row.get(Field::ExternalId).map_or(Ok(None), |id| by_external_id(reader, id))
                }
                Err(error) => Err(error),
            };
            let users: Vec<Option<User>> =
                rows.iter().map(look_up).collect::<Result<_, Error>>()?;
            Ok::<_, Error>((rows.clone(), users))
        });
        let (rows, users) = found.await?;
        let compared = rows.iter().zip(&users);
        Ok(compared.filter_map(|(there, here)| self.compare(there, here.as_ref())).collect())
    }

    fn compare(&mut self, there: &There, here: Option<&User>) -> Option<Difference> {
        self.there += 1;
        let (line, user_name) = (there.line, there.user_name().to_owned());
        let wanted = there.active != Some(false);
        let Some(user) = here else {
            if !wanted {
                self.same += 1;
                return None;
            }
            return Some(Difference::Missing { line, user_name });
        };
        self.met.insert(user.id);
        let id = user.id;
        match (wanted, user.is_active()) {
            (true, false) => return Some(Difference::Archived { line, user_name, id }),
            (false, true) => {
                return Some(Difference::Extra { line: Some(line), user_name, id });
            }
            (false, false) => {
                self.same += 1;
                return None;
            }
            (true, true) => {}
        }
        if user.managed_by != Some(self.connection.no()) {
            return Some(Difference::Managed { line, user_name, id });
        }
        let fields = different(there, user);
        if fields.is_empty() {
            self.same += 1;
            return None;
        }
        Some(Difference::Profile { line, user_name, id, fields })
    }

    /// The next piece of the connection's active people who are not in the file. `None`: these were all.
    pub(super) async fn extra(&self, walk: &mut Walk<'_>) -> Result<Option<Vec<Difference>>> {
        let Some(users) = walk.page::<User>().await? else { return Ok(None) };
        let own = |user: &&User| {
            user.is_active()
                && user.managed_by == Some(self.connection.no())
                && !self.met.contains(&user.id)
        };
        let extra = |user: &User| Difference::Extra {
            line: None,
            user_name: user.name().to_owned(),
            id: user.id,
        };
        Ok(Some(users.iter().filter(own).map(extra).collect()))
    }

    /// So many rows of the file make a piece.
    pub(super) const fn size() -> usize {
        PIECE
    }
}

/// The one person of the organization with this external id.
fn by_external_id(reader: &mut directory::Reader<'_>, id: &str) -> Result<Option<User>, Error> {
    if id.is_empty() {
        return Ok(None);
    }
    let Ok(filter) = Filter::parse(&format!("externalId eq {}", json!(id))) else {
        return Ok(None);
    };
    let wanted = Search {
        filter: Some(filter),
        sort: None,
        start: PageStart::Offset(0),
        count: 2,
        budget: usize::MAX,
        base_url: String::new(),
    };
    let schemas = schemas::current(reader)?;
    let found = search(reader, &[schemas.user()], &wanted)?.items;
    let mut users = found.into_iter().map(User::try_from).collect::<Result<Vec<_>, _>>()?;
    // Two people with one external id: which of them is meant no one can tell.
    Ok(if users.len() == 1 { users.pop() } else { None })
}

/// The fields of a profile that are not the same. Letters' case does not matter in a userName and in an address.
fn different(there: &There, user: &User) -> Vec<Other> {
    let person = Person::new(user, &[]);
    let here = |field| match field {
        Field::UserName => person.text("userName"),
        Field::ExternalId => person.text("externalId"),
        Field::Email => person.email(),
        Field::GivenName => person.name("givenName"),
        Field::FamilyName => person.name("familyName"),
        Field::DisplayName => person.text("displayName"),
        Field::Active => "",
    };
    let fields = Field::ALL.into_iter().filter(|field| *field != Field::Active);
    fields
        .filter_map(|field| {
            let (there, here) = (there.get(field)?, here(field));
            let is_same = match field {
                Field::UserName | Field::Email => there.to_lowercase() == here.to_lowercase(),
                _ => there == here,
            };
            let other = || Other { field, there: there.to_owned(), here: here.to_owned() };
            (!is_same).then(other)
        })
        .collect()
}

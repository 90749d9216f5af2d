//! [`Resource`]: a resource of whatever type, as a search over several types finds it.

use scim::{Filter, Object, schema::ResourceSchema};

use super::{
    Search, Searchable,
    budget::Budget,
    lines::Entry,
    view::{Begin, View},
};
use crate::{
    custom::Custom,
    db::Reader,
    error::Error,
    group::Group,
    id::{ResourceId, ResourceNo},
    kind::Kind,
    resource::{Record, Stored, by_numbers},
    user::User,
};

/// A resource of any type.
#[derive(Clone, Debug)]
pub enum Resource {
    /// A user.
    User(User),
    /// A group.
    Group(Group),
    /// A resource of a registered type.
    Custom(Custom),
}

macro_rules! variants {
    ($($name:ident),*) => {$(
        impl From<$name> for Resource {
            fn from(record: $name) -> Self {
                Self::$name(record)
            }
        }

        impl TryFrom<Resource> for $name {
            type Error = Resource;

            /// The record, where the resource is of this kind; otherwise the resource again.
            fn try_from(resource: Resource) -> Result<Self, Resource> {
                match resource {
                    Resource::$name(record) => Ok(record),
                    other => Err(other),
                }
            }
        }
    )*};
}
variants!(User, Group, Custom);

impl Resource {
    /// Whether it is of this type.
    #[must_use]
    pub fn is_of(&self, schema: &ResourceSchema) -> bool {
        self.kind() == Kind::of(schema)
    }

    fn kind(&self) -> Kind {
        match self {
            Self::User(_) => Kind::USER,
            Self::Group(_) => Kind::GROUP,
            Self::Custom(custom) => custom.kind,
        }
    }

    pub(super) fn no(&self) -> ResourceNo {
        match self {
            Self::User(user) => user.no(),
            Self::Group(group) => group.no(),
            Self::Custom(custom) => custom.no(),
        }
    }
}

impl Record for Resource {
    fn id(&self) -> ResourceId {
        match self {
            Self::User(user) => user.id(),
            Self::Group(group) => group.id(),
            Self::Custom(custom) => custom.id(),
        }
    }

    fn meta(&self) -> scim::Meta {
        match self {
            Self::User(user) => user.meta(),
            Self::Group(group) => group.meta(),
            Self::Custom(custom) => custom.meta(),
        }
    }

    fn resource(&self) -> &Object {
        match self {
            Self::User(user) => user.resource(),
            Self::Group(group) => group.resource(),
            Self::Custom(custom) => custom.resource(),
        }
    }
}

/// What one type has to answer.
pub(super) struct Share {
    /// How many match. Without meaning where it was known already.
    pub(super) total: u64,
    pub(super) entries: Vec<Entry>,
    /// Some of them, or others that match, which were read along the way.
    pub(super) read: Vec<Resource>,
}

/// What a type has to answer from a place on, at most `want`.
pub(super) fn share(
    reader: &mut Reader<'_>,
    view: &View<'_>,
    begin: Begin<'_>,
    want: usize,
    budget: &mut Budget,
) -> Result<Share, Error> {
    match Kind::of(view.schema) {
        Kind::USER => share_of::<User>(reader, view, begin, want, budget),
        Kind::GROUP => share_of::<Group>(reader, view, begin, want, budget),
        _ => share_of::<Custom>(reader, view, begin, want, budget),
    }
}

fn share_of<R: Searchable>(
    reader: &mut Reader<'_>,
    view: &View<'_>,
    begin: Begin<'_>,
    want: usize,
    budget: &mut Budget,
) -> Result<Share, Error> {
    let found = view.find::<R>(reader, begin, want, budget)?;
    let read = found.read.into_iter().map(R::into).collect();
    Ok(Share { total: found.total, entries: found.entries, read })
}

/// The view of a type, under the filter as it holds for the type.
pub(super) fn view<'v>(
    schema: &'v ResourceSchema,
    filter: Option<&'v Filter>,
    search: &'v Search,
) -> View<'v> {
    match Kind::of(schema) {
        Kind::USER => View::new::<User>(schema, filter, search),
        Kind::GROUP => View::new::<Group>(schema, filter, search),
        _ => View::new::<Custom>(schema, filter, search),
    }
}

/// The resources of a kind with these numbers.
pub(super) fn read(
    reader: &mut Reader<'_>,
    kind: Kind,
    numbers: &[ResourceNo],
) -> Result<Vec<Resource>, Error> {
    match kind {
        Kind::USER => read_as::<User>(reader, numbers),
        Kind::GROUP => read_as::<Group>(reader, numbers),
        _ => read_as::<Custom>(reader, numbers),
    }
}

fn read_as<R: Searchable>(
    reader: &mut Reader<'_>,
    numbers: &[ResourceNo],
) -> Result<Vec<Resource>, Error> {
    let records = by_numbers::<R>(reader, numbers)?;
    Ok(records.into_iter().map(R::into).collect())
}

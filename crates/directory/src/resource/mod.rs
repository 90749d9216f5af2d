//! [`Resource`]: what users, groups and resources of registered types have in common. They are rows
//! of one table, so there is one set of statements for all of them.

mod document;
pub mod group;
pub(crate) mod index;
mod kind;
pub(crate) mod membership;
pub(crate) mod pending;
pub mod pushed;
pub(crate) mod rank;
pub mod registered;
pub(crate) mod save;
pub(crate) mod tombstone;
pub mod user;

use std::ops::Deref;

use scim::{EntityTag, Meta, schema::ResourceSchema};

pub use self::document::Document;
pub(crate) use self::document::parse_document;
pub(crate) use self::kind::{Kind, number_of};
use crate::{
    access::Verb,
    checksum::Sum,
    clock::Time,
    db::{Row, Sql, statements},
    error::{Error, Noun},
    id::{ConnectionNo, MemberSetNo, ResourceId, ResourceNo, Version},
    store::Reader,
};

statements! {
    COUNTS = Sql { "select users, groups from organization_counter where org = $1" };
    BY_ID = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and id = $3"
    };
    BY_NAME = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and name_key = $3 limit $4"
    };
    BY_EXTERNAL_ID = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and external_id = $3 \
         order by no limit $4"
    };
    AFTER = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and no > $3 \
         order by no limit $4 offset $5"
    };
    BY_NUMBERS = ListSql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and no in (",
        "{}",
        ")"
    };
}

/// A user, a group, or a resource of a registered type.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(crate) kind: Kind,
    pub(crate) no: ResourceNo,
    /// As the provider and the application know it.
    pub id: ResourceId,
    /// Counts the changes of its attributes, and of a group's members; the entity tag.
    pub version: Version,
    /// When it was created.
    pub created: Time,
    /// When its attributes, or a group's members, changed last.
    pub modified: Time,
    /// The connection that manages it, if one does.
    pub managed_by: Option<ConnectionNo>,
    /// Its attributes in canonical form, without what is computed: `id`, `meta`, `schemas`,
    /// `groups` and `members`.
    pub attributes: Document,
    pub(crate) detail: Detail,
}

/// What only some kinds have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    User { active: bool },
    Group(Members),
    Registered,
}

/// Where the members of a group are, how many, and the sum that proves who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Members {
    pub(crate) set: MemberSetNo,
    pub(crate) count: i64,
    pub(crate) sum: Sum,
}

impl Members {
    /// None, in a set of their own.
    pub(crate) fn none(set: MemberSetNo) -> Self {
        Self { set, count: 0, sum: Sum::ZERO }
    }

    /// With one more.
    pub(crate) fn with(self, member: ResourceId) -> Self {
        let sum = self.sum.with(Sum::of_member(member));
        Self { count: self.count + 1, sum, ..self }
    }

    /// With one less.
    pub(crate) fn without(self, member: ResourceId) -> Self {
        let sum = self.sum.without(Sum::of_member(member));
        Self { count: self.count - 1, sum, ..self }
    }

    /// Reads the columns `member_set`, `member_count` and `member_sum`.
    pub(crate) fn of_row(row: &mut Row) -> Result<Self, Error> {
        let (set, count) = (row.get("member_set")?, row.get("member_count")?);
        Ok(Self { set, count, sum: row.get("member_sum")? })
    }
}

impl Resource {
    /// Reads a row of the statements above.
    pub(crate) fn from_row(mut row: Row) -> Result<Self, Error> {
        let kind: Kind = row.get("kind")?;
        let detail = match kind {
            Kind::USER => Detail::User { active: row.get("active")? },
            Kind::GROUP => Detail::Group(Members::of_row(&mut row)?),
            _ => Detail::Registered,
        };
        let text: String = row.get("doc")?;
        Ok(Self {
            kind,
            no: row.get("no")?,
            id: row.get("id")?,
            version: row.get("version")?,
            created: row.get("created")?,
            modified: row.get("modified")?,
            managed_by: row.get("connection")?,
            attributes: Document::stored(&text).map_err(|error| row.damaged("doc", error))?,
            detail,
        })
    }

    /// Its number: lists go by it.
    #[must_use]
    pub fn no(&self) -> ResourceNo {
        self.no
    }

    /// Whether it is of this type.
    #[must_use]
    pub fn is_of(&self, schema: &ResourceSchema) -> bool {
        self.kind == Kind::of(schema)
    }

    /// Whether it is a user that may come in. Of an archived user everything is kept.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self.detail, Detail::User { active: true })
    }

    /// How many members a group has itself; pending ones do not count.
    #[must_use]
    pub fn member_count(&self) -> i64 {
        match self.detail {
            Detail::Group(members) => members.count,
            Detail::User { .. } | Detail::Registered => 0,
        }
    }

    /// Its name for people: the userName, the displayName, or nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = match self.detail {
            Detail::User { .. } => "userName",
            Detail::Group(_) | Detail::Registered => "displayName",
        };
        self.attributes.str(name).unwrap_or_default()
    }

    /// Its `meta`, with an empty location: addresses are the server's.
    #[must_use]
    pub fn meta(&self) -> Meta {
        Meta {
            created: self.created.timestamp(),
            last_modified: self.modified.timestamp(),
            tag: EntityTag::of(self.version.number()),
            location: String::new(),
        }
    }
}

/// A resource that is known to be of one kind.
macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident is $pattern:pat, $noun:ident;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name(pub(crate) Resource);

        impl Deref for $name {
            type Target = Resource;

            fn deref(&self) -> &Resource {
                &self.0
            }
        }

        impl From<$name> for Resource {
            fn from(known: $name) -> Self {
                known.0
            }
        }

        impl TryFrom<Resource> for $name {
            type Error = Error;

            /// # Errors
            ///
            /// [`Error::NotFound`] where the resource is of another kind.
            fn try_from(resource: Resource) -> Result<Self, Error> {
                match resource.detail {
                    $pattern => Ok(Self(resource)),
                    _ => Err(Error::not_found(Noun::$noun)),
                }
            }
        }
    )*};
}

kinds! {
    /// A person in an organization.
    User is Detail::User { .. }, User;
    /// A set of users and groups.
    Group is Detail::Group(_), Group;
    /// A resource of a registered type.
    Registered is Detail::Registered, Resource;
}

/// The resource of a type with this id.
///
/// # Errors
///
/// [`Error::NotFound`], also where a resource of another type has the id; [`Error::Denied`].
pub fn get(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    id: ResourceId,
) -> Result<Resource, Error> {
    reader.permit(Verb::ReadPeople)?;
    find(reader, Kind::of(schema), id)?.ok_or(Error::not_found(Noun::Resource))
}

/// The resource of a kind with this id, if there is one.
pub(crate) fn find(
    reader: &mut Reader<'_>,
    kind: Kind,
    id: ResourceId,
) -> Result<Option<Resource>, Error> {
    let row = reader.query_one(BY_ID, &[kind.into(), (&id.to_string()).into()])?;
    row.map(Resource::from_row).transpose()
}

/// The user or group with this name, if there is one.
pub(crate) fn by_name(
    reader: &mut Reader<'_>,
    kind: Kind,
    key: &str,
) -> Result<Option<Resource>, Error> {
    let row = reader.query_one(BY_NAME, &[kind.into(), key.into(), 1.into()])?;
    row.map(Resource::from_row).transpose()
}

/// The resources of a kind with a key in a column, at most `limit`, in the order of their numbers.
pub(crate) fn by_column(
    reader: &mut Reader<'_>,
    kind: Kind,
    equal: Sql,
    key: &str,
    limit: usize,
) -> Result<Vec<Resource>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = reader.query(equal, &[kind.into(), key.into(), limit.into()])?;
    rows.into_iter().map(Resource::from_row).collect()
}

/// The resources of a type after one of them, in the order of their creation, at most `count`.
/// `None`: from the first. A walk by these pages meets each one once that is there all the time.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn after(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    last: Option<&Resource>,
    count: u64,
) -> Result<Vec<Resource>, Error> {
    reader.permit(Verb::ReadPeople)?;
    let no = last.map_or(ResourceNo(0), |last| last.no);
    rows_after(reader, Kind::of(schema), no, count, 0)
}

/// The resources after a number, in order.
pub(crate) fn rows_after(
    reader: &mut Reader<'_>,
    kind: Kind,
    after: ResourceNo,
    count: u64,
    skip: i64,
) -> Result<Vec<Resource>, Error> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows = reader.query(AFTER, &[kind.into(), after.into(), count.into(), skip.into()])?;
    rows.into_iter().map(Resource::from_row).collect()
}

/// The resources with these numbers, in order.
pub(crate) fn by_numbers(
    reader: &mut Reader<'_>,
    kind: Kind,
    numbers: &[ResourceNo],
) -> Result<Vec<Resource>, Error> {
    let items: Vec<[crate::db::Param<'_>; 1]> = numbers.iter().map(|no| [(*no).into()]).collect();
    let rows = reader.query_list(&BY_NUMBERS, &[kind.into()], &items)?;
    let mut found: Vec<Resource> =
        rows.into_iter().map(Resource::from_row).collect::<Result<_, _>>()?;
    found.sort_unstable_by_key(|resource| resource.no);
    Ok(found)
}

/// How many resources of a kind there are.
///
/// Cost: one row; for registered types one row for each two million.
pub(crate) fn total(reader: &mut Reader<'_>, kind: Kind) -> Result<u64, Error> {
    let column = match kind {
        Kind::USER => "users",
        Kind::GROUP => "groups",
        kind => return rank::total(reader, kind),
    };
    let row = reader.query_one(COUNTS, &[])?;
    row.ok_or(Error::not_found(Noun::Organization))?.get(column)
}

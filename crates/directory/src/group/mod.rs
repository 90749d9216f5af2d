//! Groups: sets of users and groups.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod membership;
pub(crate) mod save;
pub(crate) mod waiting;

pub use self::{
    create::create,
    delete::delete,
    save::{Update, replace, update},
    waiting::pending,
};
use crate::{
    clock::Time,
    db::{ListSql, Reader, Row, Sql, statements},
    error::Error,
    id::{KeyNo, ResourceId, ResourceNo},
    index,
    member::{self, Member},
    resource::{Stored, parse_document},
};
use scim::Object;

statements! {
    BY_ID = Sql {
        "select no, id, mset, member_count, version, created, modified, connection, doc \
         from grp where org = $1 and id = $2"
    };
    BY_DISPLAY = Sql {
        "select no, id, mset, member_count, version, created, modified, connection, doc \
         from grp where org = $1 and display_key = $2"
    };
    AFTER = Sql {
        "select no, id, mset, member_count, version, created, modified, connection, doc \
         from grp where org = $1 and no > $2 order by no limit $3 offset $4"
    };
    BY_NUMBERS = ListSql {
        "select no, id, mset, member_count, version, created, modified, connection, doc \
         from grp where org = $1 and no in (",
        "{}",
        ")"
    };
}

/// A set of users and groups.
#[derive(Clone, Debug)]
pub struct Group {
    pub(crate) no: ResourceNo,
    /// As the provider and the application know it.
    pub id: ResourceId,
    pub(crate) mset: i64,
    /// How many members it has itself; pending ones do not count.
    pub member_count: i64,
    /// Counts the changes of its attributes and members; the entity tag.
    pub version: i64,
    /// When it was created.
    pub created: Time,
    /// When its attributes or members changed last.
    pub modified: Time,
    /// The connection that owns it, if any.
    pub managed_by: Option<KeyNo>,
    /// Its attributes in canonical form, without `id`, `meta`, `schemas` and `members`.
    pub resource: Object,
}

impl Stored for Group {
    const AFTER: Sql = AFTER;
    const BY_NUMBERS: ListSql = BY_NUMBERS;

    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            no: ResourceNo(row.int(0)?),
            id: ResourceId::from_store(&row.text(1)?)?,
            mset: row.int(2)?,
            member_count: row.int(3)?,
            version: row.int(4)?,
            created: Time::from_micros(row.int(5)?),
            modified: Time::from_micros(row.int(6)?),
            managed_by: row.opt_int(7)?.map(KeyNo),
            resource: parse_document(&row.text(8)?)?,
        })
    }

    fn no(&self) -> ResourceNo {
        self.no
    }
}

/// The group with this id, without its members.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn get(reader: &mut Reader<'_>, id: ResourceId) -> Result<Group, Error> {
    find(reader, BY_ID, &id.to_string())?.ok_or(Error::NotFound)
}

/// The members of a group behind one of them, in order, at most `limit`. `None`: from the first.
///
/// The group may be one that was read earlier: a group whose members were all replaced meanwhile
/// shows those that it had, as long as they have not been cleared away.
///
/// # Errors
///
/// Those of the store.
pub fn members(
    reader: &mut Reader<'_>,
    group: &Group,
    after: Option<&Member>,
    limit: usize,
) -> Result<Vec<Member>, Error> {
    member::page(reader, group.mset, after.map_or(ResourceNo(0), |member| member.no), limit)
}

/// Whether the members of a group are still in the set in which they were when it was read. If
/// not, the group was cleared or deleted meanwhile.
///
/// # Errors
///
/// Those of the store.
pub fn has_same_members_set(reader: &mut Reader<'_>, group: &Group) -> Result<bool, Error> {
    let now = find(reader, BY_ID, &group.id.to_string())?;
    Ok(now.is_some_and(|now| now.mset == group.mset))
}

pub(crate) fn by_display(reader: &mut Reader<'_>, key: &str) -> Result<Option<Group>, Error> {
    find(reader, BY_DISPLAY, key)
}

fn find(reader: &mut Reader<'_>, sql: Sql, key: &str) -> Result<Option<Group>, Error> {
    reader.query_one(sql, &[key.into()])?.map(Group::from_row).transpose()
}

/// The columns that are made from a group's attributes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) display: String,
    pub(crate) display_key: String,
    pub(crate) external_id: Option<String>,
}

impl Columns {
    /// Makes the columns of a resource in canonical form.
    pub(crate) fn of(resource: &Object) -> Result<Self, Error> {
        let display = resource
            .str("displayName")
            .ok_or_else(|| scim::Error::invalid_value("A group must have a displayName."))?;
        Ok(Self {
            display: display.to_owned(),
            display_key: index::folded_key(display),
            external_id: resource.str("externalId").map(index::exact_key),
        })
    }
}

fn display_taken(display: &str) -> Error {
    Error::taken(format!("There is a group with the displayName \"{display}\" already."))
}

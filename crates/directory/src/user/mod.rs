//! Users: the people of an organization.
//!
//! A user is active or archived. An archived user cannot sign in and keeps every attribute and
//! group; it stays visible to its provider, which must find it again to bring it back. A deleted
//! user leaves a tombstone, so that the same person coming back gets the same id.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod save;
pub(crate) mod tombstone;

pub use self::{
    create::create,
    delete::delete,
    save::{patch, replace},
};
use crate::{
    clock::Time,
    db::{ListSql, Reader, Row, Sql, statements},
    error::Error,
    id::{KeyNo, ResourceId, ResourceNo},
    index,
    kind::Kind,
    resource::{Stored, parse_document, rows_after},
};
use scim::Object;

statements! {
    BY_ID = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and id = $2"
    };
    BY_USERNAME = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and username_key = $2"
    };
    BY_EXTERNAL_ID = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and external_id = $2 order by no"
    };
    AFTER = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and no > $2 order by no limit $3 offset $4"
    };
    BY_NUMBERS = ListSql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and no in (",
        "{}",
        ")"
    };
}

/// A person in an organization.
#[derive(Clone, Debug)]
pub struct User {
    pub(crate) no: ResourceNo,
    /// As the provider and the application know it.
    pub id: ResourceId,
    /// False: archived.
    pub active: bool,
    /// Counts the changes of its attributes; the entity tag.
    pub version: i64,
    /// When it was created.
    pub created: Time,
    /// When its attributes changed last.
    pub modified: Time,
    /// The connection that owns it, if any.
    pub managed_by: Option<KeyNo>,
    /// Its attributes in canonical form, without `id`, `meta`, `schemas` and `groups`.
    pub resource: Object,
}

impl Stored for User {
    const AFTER: Sql = AFTER;
    const BY_NUMBERS: ListSql = BY_NUMBERS;

    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            no: ResourceNo(row.int(0)?),
            id: ResourceId::from_store(&row.text(1)?)?,
            active: row.int(2)? != 0,
            version: row.int(3)?,
            created: Time::from_micros(row.int(4)?),
            modified: Time::from_micros(row.int(5)?),
            managed_by: row.opt_int(6)?.map(KeyNo),
            resource: parse_document(&row.text(7)?)?,
        })
    }

    fn no(&self) -> ResourceNo {
        self.no
    }
}

/// The user with this id.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn get(reader: &mut Reader<'_>, id: ResourceId) -> Result<User, Error> {
    find(reader, BY_ID, &id.to_string())?.ok_or(Error::NotFound)
}

/// The users behind one of them, in the order of their making, at most `count`. `None`: from the
/// first. A walk by these pages meets everybody once who is there all the time.
///
/// # Errors
///
/// Those of the store.
pub fn after(reader: &mut Reader<'_>, user: Option<&User>, count: u64) -> Result<Vec<User>, Error> {
    let no = user.map_or(ResourceNo(0), |user| user.no);
    rows_after(reader, Kind::USER, no, count, 0)
}

pub(crate) fn by_username(reader: &mut Reader<'_>, key: &str) -> Result<Option<User>, Error> {
    find(reader, BY_USERNAME, key)
}

pub(crate) fn by_external_id(reader: &mut Reader<'_>, key: &str) -> Result<Vec<User>, Error> {
    reader.query(BY_EXTERNAL_ID, &[key.into()])?.into_iter().map(User::from_row).collect()
}

fn find(reader: &mut Reader<'_>, sql: Sql, key: &str) -> Result<Option<User>, Error> {
    reader.query_one(sql, &[key.into()])?.map(User::from_row).transpose()
}

/// The columns that are made from a user's attributes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) username: String,
    pub(crate) username_key: String,
    pub(crate) external_id: Option<String>,
    pub(crate) active: bool,
}

impl Columns {
    /// Makes the columns of a resource in canonical form.
    pub(crate) fn of(resource: &Object) -> Result<Self, Error> {
        let username = resource
            .str("userName")
            .ok_or_else(|| scim::Error::invalid_value("A user must have a userName."))?;
        Ok(Self {
            username: username.to_owned(),
            username_key: index::folded_key(username),
            external_id: resource.str("externalId").map(index::exact_key),
            // A client may remove `active` by PATCH. Then nobody says that the user may come in.
            active: resource.get("active").and_then(scim::Value::as_bool).unwrap_or(false),
        })
    }
}

//! Resources of registered types: whatever an organization keeps beside users and groups, such as
//! the roles and entitlements that Okta assigns.

pub(crate) mod create;
pub(crate) mod save;

pub use self::{
    create::create,
    save::{delete, patch, replace},
};
use std::sync::Arc;

use scim::{Object, schema::ResourceSchema};

use crate::{
    clock::Time,
    db::{ListSql, Reader, Row, Sql, Writer, statements},
    error::Error,
    id::{KeyNo, ResourceId, ResourceNo},
    kind::Kind,
    resource::{Stored, parse_document},
};

statements! {
    BY_ID = Sql {
        "select no, kind, id, version, created, modified, connection, doc from custom \
         where org = $1 and id = $2"
    };
    AFTER = Sql {
        "select no, kind, id, version, created, modified, connection, doc from custom \
         where org = $1 and kind = $5 and no > $2 order by no limit $3 offset $4"
    };
    BY_NUMBERS = ListSql {
        "select no, kind, id, version, created, modified, connection, doc from custom \
         where org = $1 and no in (",
        "{}",
        ")"
    };
}

/// A resource of a registered type.
#[derive(Clone, Debug)]
pub struct Custom {
    pub(crate) no: ResourceNo,
    pub(crate) kind: Kind,
    /// As the provider and the application know it.
    pub id: ResourceId,
    /// Counts its changes; the entity tag.
    pub version: i64,
    /// When it was created.
    pub created: Time,
    /// When it changed last.
    pub modified: Time,
    /// The connection that owns it, if any.
    pub managed_by: Option<KeyNo>,
    /// Its attributes in canonical form, without `id`, `meta` and `schemas`.
    pub resource: Object,
}

impl Stored for Custom {
    const SHARES_TABLE: bool = true;
    const AFTER: Sql = AFTER;
    const BY_NUMBERS: ListSql = BY_NUMBERS;

    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            no: ResourceNo(row.int(0)?),
            kind: Kind::from_store(row.int(1)?),
            id: ResourceId::from_store(&row.text(2)?)?,
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

/// The resource of a type with this id.
///
/// # Errors
///
/// [`Error::NotFound`], also where a resource of another type has the id.
pub fn get(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    id: ResourceId,
) -> Result<Custom, Error> {
    let row = reader.query_one(BY_ID, &[(&id.to_string()).into()])?.ok_or(Error::NotFound)?;
    let found = Custom::from_row(row)?;
    if found.kind == Kind::of(schema) { Ok(found) } else { Err(Error::NotFound) }
}

/// The type as it is in force while its organization is locked: a definition may have been
/// replaced or removed since the request looked.
fn in_force(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
) -> Result<Arc<ResourceSchema>, Error> {
    let schemas = writer.schemas()?;
    let name = &schema.resource_type().name;
    let found = schemas.registered().iter().find(|known| known.resource_type().name == *name);
    found.map(Arc::clone).ok_or(Error::NotFound)
}

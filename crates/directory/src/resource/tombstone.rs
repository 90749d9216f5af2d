//! Tombstones: who was deleted, so that the same person coming back gets the same id.

use super::{User, index};
use crate::{
    db::{Row, statements},
    error::Error,
    id::{ConnectionNo, ResourceId},
    store::Writer,
};

statements! {
    INSERT = Sql {
        "insert into tombstone (org, id, external_id, connection, deleted) \
         values ($1, $2, $3, $4, $5)"
    };
    FIND = Sql {
        "select id, deleted from tombstone \
         where org = $1 and connection = $2 and external_id = $3"
    };
    OF = Sql { "select connection from tombstone where org = $1 and id = $2" };
    DELETE = Sql { "delete from tombstone where org = $1 and id = $2" };
}

/// Remembers a user that is being deleted.
pub(super) fn raise(writer: &mut Writer<'_>, user: &User) -> Result<(), Error> {
    let now = writer.now();
    let external_id = user.attributes.str("externalId").map(index::exact_key);
    writer.send(
        INSERT,
        &[
            (&user.id.to_string()).into(),
            external_id.as_ref().into(),
            user.managed_by.into(),
            now.into(),
        ],
    )
}

/// The id that the person had before, by the rows of [`FIND`].
///
/// Only the externalId of the same connection proves who it is. A userName does not: it may have
/// been given to another person, who must not inherit what belonged to its former bearer.
pub(super) fn newest(buried: Vec<Row>) -> Result<Option<ResourceId>, Error> {
    let mut newest: Option<(i64, ResourceId)> = None;
    for mut row in buried {
        newest = newest.max(Some((row.get("deleted")?, row.get("id")?)));
    }
    Ok(newest.map(|(_, id)| id))
}

/// The connection that managed a user when it was deleted.
pub(super) fn manager(
    writer: &mut Writer<'_>,
    id: ResourceId,
) -> Result<Option<ConnectionNo>, Error> {
    let row = writer.query_one(OF, &[(&id.to_string()).into()])?;
    row.map_or(Ok(None), |mut row| row.get("connection"))
}

/// Forgets a deleted user: the person is here again.
pub(super) fn remove(writer: &mut Writer<'_>, id: ResourceId) -> Result<(), Error> {
    writer.send(DELETE, &[(&id.to_string()).into()])
}

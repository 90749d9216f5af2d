//! Tombstones: who was deleted, so that the same person coming back gets the same id.

use super::{User, index};
use crate::{db::statements, error::Error, id::ResourceId, store::Writer};

statements! {
    INSERT = Sql {
        "insert into tombstone (org, id, external_id, connection, deleted) \
         values ($1, $2, $3, $4, $5)"
    };
    FIND = Sql {
        "select id, deleted from tombstone \
         where org = $1 and connection = $2 and external_id = $3"
    };
    DELETE = Sql { "delete from tombstone where org = $1 and id = $2" };
}

/// Remembers a user that is being deleted.
pub(super) fn raise(writer: &mut Writer<'_>, user: &User) -> Result<(), Error> {
    let now = writer.now();
    let external_id = user.attributes.str("externalId").map(index::exact_key);
    writer.execute(
        INSERT,
        &[
            (&user.id.to_string()).into(),
            external_id.as_ref().into(),
            user.managed_by.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// The id that the person had before, if it was deleted; it is the person's again.
///
/// Only the externalId of the same connection proves who it is. A userName does not: it may have
/// been given to another person, who must not inherit what belonged to its former bearer.
pub(super) fn reclaim(
    writer: &mut Writer<'_>,
    external_key: Option<&str>,
) -> Result<Option<ResourceId>, Error> {
    let (Some(connection), Some(key)) = (writer.managing(), external_key) else {
        return Ok(None);
    };
    let mut newest: Option<(i64, ResourceId)> = None;
    for mut row in writer.query(FIND, &[connection.into(), key.into()])? {
        newest = newest.max(Some((row.get("deleted")?, row.get("id")?)));
    }
    let Some((_, id)) = newest else { return Ok(None) };
    writer.execute(DELETE, &[(&id.to_string()).into()])?;
    Ok(Some(id))
}

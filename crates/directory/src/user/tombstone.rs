//! Tombstones: who was deleted, so that the same person coming back gets the same id.

use super::{Columns, User};
use crate::{
    db::{Writer, statements},
    error::Error,
    id::ResourceId,
};

statements! {
    INSERT = Sql {
        "insert into tombstone (org, id, username_key, external_id, connection, deleted) \
         values ($1, $2, $3, $4, $5, $6)"
    };
    FIND = Sql {
        "select id, username_key, external_id, connection from tombstone \
         where org = $1 and username_key = $2 order by deleted desc"
    };
    FIND_EXTERNAL = Sql {
        "select id, username_key, external_id, connection from tombstone \
         where org = $1 and external_id = $2 order by deleted desc"
    };
    DELETE = Sql { "delete from tombstone where org = $1 and id = $2" };
}

/// Remembers a user that is being deleted.
pub(super) fn raise(writer: &mut Writer<'_>, user: &User, columns: &Columns) -> Result<(), Error> {
    let now = writer.now().as_micros();
    writer.execute(
        INSERT,
        &[
            (&user.id.to_string()).into(),
            (&columns.username_key).into(),
            columns.external_id.as_ref().into(),
            user.managed_by.map(|no| no.0).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// The id that the person had before, if it was deleted; it is the person's again.
///
/// The externalId of the same connection proves who it is. The userName does too, unless both
/// sides have an externalId of this connection and the two differ: then the name was given to
/// somebody else, who must not inherit what belonged to its former bearer.
pub(super) fn reclaim(
    writer: &mut Writer<'_>,
    columns: &Columns,
) -> Result<Option<ResourceId>, Error> {
    let connection = writer.actor().connection().map(|no| no.0);
    let mut found = None;
    if let Some(external_id) = &columns.external_id {
        for mut row in writer.query(FIND_EXTERNAL, &[external_id.into()])? {
            if found.is_none() && row.opt_int(3)? == connection {
                found = Some(row.text(0)?);
            }
        }
    }
    if found.is_none() {
        for mut row in writer.query(FIND, &[(&columns.username_key).into()])? {
            let known = (row.opt_text(2)?, row.opt_int(3)?);
            let somebody_else = known.0.is_some()
                && columns.external_id.is_some()
                && known.1 == connection
                && known.0 != columns.external_id;
            if found.is_none() && !somebody_else {
                found = Some(row.text(0)?);
            }
        }
    }
    let Some(id) = found else { return Ok(None) };
    writer.execute(DELETE, &[(&id).into()])?;
    Ok(Some(ResourceId::from_store(&id)?))
}

//! Deleting a group.

use serde_json::json;

use super::get;
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index,
    kind::Kind,
    member,
};

statements! {
    REAP = Sql { "insert into reap (org, mset) values ($1, $2)" };
    DELETE = Sql { "delete from grp where org = $1 and no = $2" };
}

/// Deletes a group. Its members stay; the rows of its memberships are cleared away later.
///
/// Cost: O(groups that it was in), whatever its size.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn delete(writer: &mut Writer<'_>, id: ResourceId) -> Result<(), Error> {
    let group = get(writer, id)?;
    let left = member::leave_all(writer, group.no)?;
    index::clear(writer, group.no)?;
    writer.execute(REAP, &[group.mset.into()])?;
    writer.execute(DELETE, &[group.no.0.into()])?;
    writer.count_down(Kind::GROUP, group.no);
    event::emit(writer, EventKind::GroupDeleted, &id.to_string(), &json!({ "left": left }))
}

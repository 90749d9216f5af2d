//! Deleting a user.

use scim::Precondition;
use serde_json::json;

use super::{Columns, get, tombstone};
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index,
    kind::Kind,
    member,
    resource::require,
};

statements! {
    DELETE = Sql { "delete from usr where org = $1 and no = $2" };
}

/// Deletes a user: another act than archiving. Its attributes and memberships are gone; a
/// tombstone keeps its id for the case that the same person comes back.
///
/// Cost: O(groups that it was in).
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::PreconditionFailed`].
pub fn delete(
    writer: &mut Writer<'_>,
    id: ResourceId,
    condition: &Precondition,
) -> Result<(), Error> {
    let user = get(writer, id)?;
    require(&user, condition)?;
    let left = member::leave_all(writer, user.no)?;
    index::clear(writer, user.no)?;
    writer.execute(DELETE, &[user.no.0.into()])?;
    tombstone::raise(writer, &user, &Columns::of(&user.resource)?)?;
    writer.count_down(Kind::USER, user.no);
    event::emit(writer, EventKind::UserDeleted, &id.to_string(), &json!({ "left": left }))
}

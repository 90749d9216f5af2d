//! Changing a user.

use std::sync::Arc;

use scim::{Notes, Object, patch::Operation};
use serde_json::json;

use super::{Columns, User, by_username, get};
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index, pending,
};

statements! {
    UPDATE = Sql {
        "update usr set username = $4, username_key = $5, external_id = $6, active = $7, \
         connection = $8, version = version + 1, modified = $9, doc = $10 \
         where org = $1 and no = $2 and version = $3"
    };
}

/// Replaces the attributes of a user (PUT). A body without `active` leaves the state alone: only
/// an explicit value archives or brings back.
///
/// # Errors
///
/// [`Error::NotFound`]; `uniqueness` where the userName belongs to somebody else.
pub fn replace(writer: &mut Writer<'_>, id: ResourceId, resource: &Object) -> Result<User, Error> {
    let user = get(writer, id)?;
    let mut resource = resource.clone();
    writer.schemas()?.user().keep_immutable(&user.resource, &mut resource)?;
    if resource.get("active").is_none() {
        resource.insert("active", user.active);
    }
    save(writer, user, resource)
}

/// Applies PATCH operations to a user, all or none.
///
/// # Errors
///
/// [`Error::NotFound`]; those of [`scim::patch::apply`]; `uniqueness` where the userName belongs
/// to somebody else.
pub fn patch(
    writer: &mut Writer<'_>,
    id: ResourceId,
    operations: &[Operation],
    notes: &mut Notes,
) -> Result<User, Error> {
    let user = get(writer, id)?;
    let mut resource = user.resource.clone();
    let schemas = writer.schemas()?;
    let (schema, text) = (schemas.user(), id.to_string());
    scim::patch::apply(schema, &text, &mut resource, operations.to_vec(), notes)?;
    schema.check_change(&user.resource, &resource)?;
    save(writer, user, resource)
}

/// Stores a user with these attributes. Where they are the ones that are stored, nothing is
/// changed: providers send whole profiles again and again.
pub(super) fn save(writer: &mut Writer<'_>, before: User, resource: Object) -> Result<User, Error> {
    if resource == before.resource {
        return Ok(before);
    }
    let (old, new) = (Columns::of(&before.resource)?, Columns::of(&resource)?);
    if new.username_key != old.username_key && by_username(writer, &new.username_key)?.is_some() {
        return Err(Error::taken(format!(
            "Another user has the userName \"{}\" already.",
            new.username
        )));
    }
    let schema = Arc::clone(writer.schemas()?.user());
    let now = writer.now();
    let managed_by = writer.actor().connection().or(before.managed_by);
    let changed = writer.execute(
        UPDATE,
        &[
            before.no.0.into(),
            before.version.into(),
            (&new.username).into(),
            (&new.username_key).into(),
            new.external_id.as_ref().into(),
            i64::from(new.active).into(),
            managed_by.map(|no| no.0).into(),
            now.as_micros().into(),
            (&resource.to_json()).into(),
        ],
    )?;
    if changed != 1 {
        return Err(Error::corrupt("a user changed under the lock of its organization"));
    }
    index::update(writer, &schema, before.no, Some(&before.resource), Some(&resource))?;
    let mut joined = Vec::new();
    if new.external_id.is_some() && new.external_id != old.external_id {
        joined = pending::join_user(writer, before.no, before.id, new.external_id.as_deref())?;
    }
    let kind = match (before.active, new.active) {
        (true, false) => EventKind::UserArchived,
        (false, true) => EventKind::UserReactivated,
        _ => EventKind::UserUpdated,
    };
    let body = json!({ "resource": resource, "joined": joined });
    event::emit(writer, kind, &before.id.to_string(), &body)?;
    Ok(User {
        active: new.active,
        version: before.version + 1,
        modified: now,
        managed_by,
        resource,
        ..before
    })
}

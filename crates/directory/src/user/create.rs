//! Creating a user, or bringing one back.

use scim::Object;
use serde_json::json;

use super::{Columns, User, by_external_id, by_username, save, tombstone};
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index,
    kind::Kind,
    pending,
};

statements! {
    INSERT = Sql {
        "insert into usr (org, no, id, username, username_key, external_id, active, connection, \
         version, created, modified, doc) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9, $10)"
    };
}

/// Creates a user from attributes in canonical form. Without `active`, the user is active.
///
/// Where the person is here already and archived, it is brought back instead, with its old id and
/// these attributes; where it was deleted, it gets its old id. The person is the same when the
/// userName is the same, or when this connection used the same externalId for it.
///
/// # Errors
///
/// `uniqueness` where the same person is active, or the userName belongs to somebody else.
pub fn create(writer: &mut Writer<'_>, resource: &Object) -> Result<User, Error> {
    let mut resource = resource.clone();
    if resource.get("active").is_none() {
        resource.insert("active", true);
    }
    let columns = Columns::of(&resource)?;
    if let Some(archived) = same_person(writer, &columns)? {
        writer.schemas()?.user().keep_immutable(&archived.resource, &mut resource)?;
        return save::save(writer, archived, resource);
    }
    let no = writer.next_no();
    let id = match tombstone::reclaim(writer, &columns)? {
        Some(id) => id,
        None => ResourceId::new(writer.chance()),
    };
    let (now, managed_by) = (writer.now(), writer.actor().connection());
    let text = id.to_string();
    writer.execute(
        INSERT,
        &[
            no.0.into(),
            (&text).into(),
            (&columns.username).into(),
            (&columns.username_key).into(),
            columns.external_id.as_ref().into(),
            i64::from(columns.active).into(),
            managed_by.map(|no| no.0).into(),
            now.as_micros().into(),
            (&resource.to_json()).into(),
        ],
    )?;
    let schemas = writer.schemas()?;
    index::update(writer, schemas.user(), no, None, Some(&resource))?;
    writer.count_up(Kind::USER, no);
    let joined = pending::join_user(writer, no, id, columns.external_id.as_deref())?;
    let body = json!({ "resource": resource, "joined": joined });
    event::emit(writer, EventKind::UserCreated, &text, &body)?;
    Ok(User {
        no,
        id,
        active: columns.active,
        version: 1,
        created: now,
        modified: now,
        managed_by,
        resource,
    })
}

/// The archived user who is the person that these columns tell of.
fn same_person(writer: &mut Writer<'_>, columns: &Columns) -> Result<Option<User>, Error> {
    let by_name = by_username(writer, &columns.username_key)?;
    if by_name.as_ref().is_some_and(|user| user.active) {
        return Err(Error::taken(format!(
            "There is an active user with the userName \"{}\" already.",
            columns.username
        )));
    }
    let managed_by = writer.actor().connection();
    let mut by_external = match &columns.external_id {
        Some(key) => by_external_id(writer, key)?,
        None => Vec::new(),
    };
    by_external.retain(|user| user.managed_by == managed_by);
    if by_external.iter().any(|user| user.active) {
        return Err(Error::taken(
            "There is an active user with this externalId already, under another userName.",
        ));
    }
    Ok(by_name.or_else(|| by_external.into_iter().next()))
}

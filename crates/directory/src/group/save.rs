//! Changing a group.

use scim::{
    Notes, Object,
    patch::{MemberChange, MemberRef, Operation},
};
use serde_json::json;

use super::{Columns, Group, by_display, display_taken, get, membership::Delta};
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index, pending,
};

statements! {
    UPDATE = Sql {
        "update grp set display = $4, display_key = $5, external_id = $6, mset = $7, \
         member_count = $8, connection = $9, version = version + 1, modified = $10, doc = $11 \
         where org = $1 and no = $2 and version = $3"
    };
}

/// A PATCH of a group: operations on its attributes, and changes of its members.
#[derive(Clone, Debug)]
pub struct Update {
    /// Operations that do not touch members.
    pub operations: Vec<Operation>,
    /// Changes of the members, in order.
    pub members: Vec<MemberChange>,
}

/// Replaces a group (PUT). Without `members`, they stay as they are: a client that left them out
/// did not ask to remove everybody.
///
/// # Errors
///
/// [`Error::NotFound`]; `uniqueness` where another group has the displayName; `invalidValue` where
/// a group would contain itself.
pub fn replace(
    writer: &mut Writer<'_>,
    id: ResourceId,
    resource: &Object,
    members: Option<&[MemberRef]>,
) -> Result<Group, Error> {
    let group = get(writer, id)?;
    let changes: Vec<MemberChange> =
        members.map(|members| MemberChange::Replace(members.to_vec())).into_iter().collect();
    let mut resource = resource.clone();
    writer.schemas()?.group().keep_immutable(&group.resource, &mut resource)?;
    save(writer, group, resource, &changes)
}

/// Applies a PATCH to a group, all or none.
///
/// Cost: O(the request), whatever the size of the group.
///
/// # Errors
///
/// [`Error::NotFound`]; those of [`scim::patch::apply`]; `uniqueness` where another group has the
/// displayName; `invalidValue` where a group would contain itself.
pub fn update(
    writer: &mut Writer<'_>,
    id: ResourceId,
    update: &Update,
    notes: &mut Notes,
) -> Result<Group, Error> {
    let group = get(writer, id)?;
    let mut resource = group.resource.clone();
    let schemas = writer.schemas()?;
    let (schema, text) = (schemas.group(), id.to_string());
    scim::patch::apply(schema, &text, &mut resource, update.operations.clone(), notes)?;
    schema.check_change(&group.resource, &resource)?;
    save(writer, group, resource, &update.members)
}

fn save(
    writer: &mut Writer<'_>,
    before: Group,
    resource: Object,
    changes: &[MemberChange],
) -> Result<Group, Error> {
    let (old, new) = (Columns::of(&before.resource)?, Columns::of(&resource)?);
    if new.display_key != old.display_key && by_display(writer, &new.display_key)?.is_some() {
        return Err(display_taken(&new.display));
    }
    let mut group = before.clone();
    let mut delta = Delta::default();
    for change in changes {
        delta.apply(writer, &mut group, change)?;
    }
    let renewed = resource != before.resource;
    if !renewed && delta.is_empty() {
        return Ok(before);
    }
    group.resource = resource;
    group.version += 1;
    group.modified = writer.now();
    group.managed_by = writer.actor().connection().or(before.managed_by);
    let updated = writer.execute(
        UPDATE,
        &[
            group.no.0.into(),
            before.version.into(),
            (&new.display).into(),
            (&new.display_key).into(),
            new.external_id.as_ref().into(),
            group.mset.into(),
            group.member_count.into(),
            group.managed_by.map(|no| no.0).into(),
            group.modified.as_micros().into(),
            (&group.resource.to_json()).into(),
        ],
    )?;
    if updated != 1 {
        return Err(Error::corrupt("a group changed under the lock of its organization"));
    }
    if renewed {
        let schemas = writer.schemas()?;
        let (old, new) = (Some(&before.resource), Some(&group.resource));
        index::update(writer, schemas.group(), group.no, old, new)?;
    }
    let mut joined = Vec::new();
    if new.external_id.is_some() && new.external_id != old.external_id {
        joined = pending::join_group(writer, group.no, group.id, new.external_id.as_deref())?;
    }
    let mut body = json!({
        "cleared": delta.cleared(),
        "removed": delta.removed(),
        "added": delta.added(),
        "joined": joined,
    });
    if renewed {
        body["resource"] = json!(group.resource);
    }
    event::emit(writer, EventKind::GroupUpdated, &group.id.to_string(), &body)?;
    Ok(group)
}

//! Creating a group.

use scim::{Object, patch::MemberRef};
use serde_json::json;

use super::{Columns, Group, by_display, display_taken, membership::Delta};
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
        "insert into grp (org, no, id, display, display_key, external_id, mset, member_count, \
         connection, version, created, modified, doc) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10, $11)"
    };
}

/// Creates a group from attributes in canonical form, with members. Members that are not here are
/// kept as pending.
///
/// # Errors
///
/// `uniqueness` where another group has the displayName, in any case: a provider looks a group up
/// by name and must find one or none.
pub fn create(
    writer: &mut Writer<'_>,
    resource: &Object,
    members: &[MemberRef],
) -> Result<Group, Error> {
    let columns = Columns::of(resource)?;
    if by_display(writer, &columns.display_key)?.is_some() {
        return Err(display_taken(&columns.display));
    }
    let (now, managed_by) = (writer.now(), writer.actor().connection());
    let mut group = Group {
        no: writer.next_no(),
        id: ResourceId::new(writer.chance()),
        mset: writer.next_no().0,
        member_count: 0,
        version: 1,
        created: now,
        modified: now,
        managed_by,
        resource: resource.clone(),
    };
    let mut delta = Delta::default();
    delta.add(writer, &mut group, members)?;
    let text = group.id.to_string();
    writer.execute(
        INSERT,
        &[
            group.no.0.into(),
            (&text).into(),
            (&columns.display).into(),
            (&columns.display_key).into(),
            columns.external_id.as_ref().into(),
            group.mset.into(),
            group.member_count.into(),
            managed_by.map(|no| no.0).into(),
            now.as_micros().into(),
            (&resource.to_json()).into(),
        ],
    )?;
    let schemas = writer.schemas()?;
    index::update(writer, schemas.group(), group.no, None, Some(resource))?;
    writer.count_up(Kind::GROUP, group.no);
    let joined = pending::join_group(writer, group.no, group.id, columns.external_id.as_deref())?;
    let body = json!({ "resource": resource, "added": delta.added(), "joined": joined });
    event::emit(writer, EventKind::GroupCreated, &text, &body)?;
    Ok(group)
}

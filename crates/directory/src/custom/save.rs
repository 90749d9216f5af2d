//! Changing and deleting a resource of a registered type.

use scim::{Notes, Object, patch::Operation, schema::ResourceSchema};
use serde_json::json;

use super::{Custom, get, in_force};
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index,
};

statements! {
    UPDATE = Sql {
        "update custom set external_id = $4, connection = $5, version = version + 1, \
         modified = $6, doc = $7 where org = $1 and no = $2 and version = $3"
    };
    DELETE = Sql { "delete from custom where org = $1 and no = $2" };
}

/// Replaces the attributes of a resource (PUT).
///
/// # Errors
///
/// [`Error::NotFound`]; `uniqueness`; `mutability` where an immutable attribute would change.
pub fn replace(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    id: ResourceId,
    resource: &Object,
) -> Result<Custom, Error> {
    let schema = in_force(writer, schema)?;
    let before = get(writer, &schema, id)?;
    let mut resource = resource.clone();
    schema.keep_immutable(&before.resource, &mut resource)?;
    save(writer, &schema, before, resource)
}

/// Applies PATCH operations to a resource, all or none.
///
/// # Errors
///
/// [`Error::NotFound`]; `uniqueness`; those of [`scim::patch::apply`].
pub fn patch(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    id: ResourceId,
    operations: &[Operation],
    notes: &mut Notes,
) -> Result<Custom, Error> {
    let schema = in_force(writer, schema)?;
    let before = get(writer, &schema, id)?;
    let mut resource = before.resource.clone();
    scim::patch::apply(&schema, &id.to_string(), &mut resource, operations.to_vec(), notes)?;
    schema.check_change(&before.resource, &resource)?;
    save(writer, &schema, before, resource)
}

/// Deletes a resource.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn delete(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    id: ResourceId,
) -> Result<(), Error> {
    let schema = in_force(writer, schema)?;
    let gone = get(writer, &schema, id)?;
    index::clear(writer, gone.no)?;
    writer.execute(DELETE, &[gone.no.0.into()])?;
    writer.count_down(gone.kind, gone.no);
    let body = json!({ "type": schema.resource_type().name });
    event::emit(writer, EventKind::ResourceDeleted, &id.to_string(), &body)
}

/// Stores a resource with these attributes, if they are others than the ones that are stored.
fn save(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    before: Custom,
    resource: Object,
) -> Result<Custom, Error> {
    if resource == before.resource {
        return Ok(before);
    }
    let after = Custom {
        version: before.version + 1,
        modified: writer.now(),
        managed_by: writer.actor().connection().or(before.managed_by),
        resource,
        ..before
    };
    index::update(writer, schema, after.no, Some(&before.resource), Some(&after.resource))?;
    let external_id = after.resource.str("externalId").map(index::exact_key);
    let changed = writer.execute(
        UPDATE,
        &[
            after.no.0.into(),
            before.version.into(),
            external_id.as_ref().into(),
            after.managed_by.map(|no| no.0).into(),
            after.modified.as_micros().into(),
            (&after.resource.to_json()).into(),
        ],
    )?;
    if changed != 1 {
        return Err(Error::corrupt("a resource changed under the lock of its organization"));
    }
    let body = json!({ "type": schema.resource_type().name, "resource": after.resource });
    event::emit(writer, EventKind::ResourceUpdated, &after.id.to_string(), &body)?;
    Ok(after)
}

//! Creating a resource of a registered type.

use scim::{Object, schema::ResourceSchema};
use serde_json::json;

use super::{Custom, in_force};
use crate::{
    db::{Writer, statements},
    error::Error,
    event::{self, EventKind},
    id::ResourceId,
    index,
    kind::Kind,
};

statements! {
    INSERT = Sql {
        "insert into custom (org, no, kind, id, external_id, connection, version, created, \
         modified, doc) values ($1, $2, $3, $4, $5, $6, 1, $7, $7, $8)"
    };
}

/// Creates a resource of a registered type from attributes in canonical form.
///
/// # Errors
///
/// `uniqueness` where another resource of the type has a value that must be unique;
/// [`Error::NotFound`] where the type is not registered any more.
pub fn create(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    resource: &Object,
) -> Result<Custom, Error> {
    let schema = in_force(writer, schema)?;
    let created = Custom {
        no: writer.next_no(),
        kind: Kind::of(&schema),
        id: ResourceId::new(writer.chance()),
        version: 1,
        created: writer.now(),
        modified: writer.now(),
        managed_by: writer.actor().connection(),
        resource: resource.clone(),
    };
    index::update(writer, &schema, created.no, None, Some(resource))?;
    let text = created.id.to_string();
    let external_id = resource.str("externalId").map(index::exact_key);
    writer.execute(
        INSERT,
        &[
            created.no.0.into(),
            created.kind.number().into(),
            (&text).into(),
            external_id.as_ref().into(),
            created.managed_by.map(|no| no.0).into(),
            created.created.as_micros().into(),
            (&resource.to_json()).into(),
        ],
    )?;
    writer.count_up(created.kind, created.no);
    let body = json!({ "type": schema.resource_type().name, "resource": resource });
    event::emit(writer, EventKind::ResourceCreated, &text, &body)?;
    Ok(created)
}

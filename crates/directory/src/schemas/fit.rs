//! Whether a definition may take the place of another one while resources carry what it defines.

use scim::schema::{Attribute, ResourceSchema, Schema, Schemas};

use crate::{
    db::statements,
    error::Error,
    resource::{Kind, index::IndexNo, total},
    store::Reader,
};

statements! {
    CARRIED = Sql {
        "select no from attribute_index where org = $1 and path = $2 and key = $3 limit 1"
    };
}

/// Makes sure that nothing which is in use goes away or changes its meaning from one set of
/// resource types to another. Answers the indexes that have to be filled.
///
/// Cost: O(the schemas); whether something is in use is one keyed read.
///
/// # Errors
///
/// [`Error::Conflict`] that names what is in use.
pub(super) fn check(
    reader: &mut Reader<'_>,
    before: &Schemas,
    after: &Schemas,
) -> Result<Vec<IndexNo>, Error> {
    let mut unfilled = Vec::new();
    for old in before.all() {
        let name = &old.resource_type().name;
        let new = after.all().find(|new| new.resource_type().name == *name);
        let used = total(reader, Kind::of(old))? > 0;
        let Some(new) = new else {
            if used {
                return Err(in_use(format!(
                    "There are resources of the type {name}; delete them first."
                )));
            }
            continue;
        };
        for schema in old.schemas() {
            let of_core = schema.id == old.core().id;
            if !(if of_core { used } else { is_carried(reader, old, schema)? }) {
                continue;
            }
            let Some(kept) = new.schemas().find(|kept| kept.id == schema.id) else {
                return Err(in_use(format!(
                    "There are resources of the type {name} that carry {}; remove it from them \
                     first.",
                    schema.id
                )));
            };
            attributes(&schema.id, &schema.attributes, &kept.attributes)?;
            unfilled.extend(new_indexes(old, new, schema)?);
        }
    }
    Ok(unfilled)
}

fn in_use(detail: String) -> Error {
    Error::conflict("definition", detail)
}

/// Whether some resource of the type carries the extension.
fn is_carried(
    reader: &mut Reader<'_>,
    schema: &ResourceSchema,
    extension: &Schema,
) -> Result<bool, Error> {
    let index = IndexNo::of_extension(schema, &extension.id);
    Ok(reader.query_one(CARRIED, &[index.into(), "".into()])?.is_some())
}

/// What is stored under an attribute must stay readable as what it is.
fn attributes(place: &str, old: &[Attribute], new: &[Attribute]) -> Result<(), Error> {
    for attribute in old {
        let name = format!("{place}:{}", attribute.name);
        let fixed = |what: &str| Err(in_use(format!("{name} is in use: {what} cannot change.")));
        let Some(kept) = new.iter().find(|kept| kept.name == attribute.name) else {
            return Err(in_use(format!("{name} is in use and cannot go.")));
        };
        if kept.kind != attribute.kind {
            return fixed("its type");
        }
        if kept.multi_valued != attribute.multi_valued {
            return fixed("multiValued");
        }
        if kept.case_exact != attribute.case_exact {
            return fixed("caseExact");
        }
        if kept.is_unique() && !attribute.is_unique() {
            return fixed("uniqueness");
        }
        attributes(&name, &attribute.sub_attributes, &kept.sub_attributes)?;
    }
    Ok(())
}

/// The indexes that a schema in use gets. It keeps those that it has.
fn new_indexes(
    old: &ResourceSchema,
    new: &ResourceSchema,
    schema: &Schema,
) -> Result<Vec<IndexNo>, Error> {
    let core = schema.id == old.core().id;
    let of_schema = |index: &&scim::AttributePath| match &index.schema {
        None => core,
        Some(urn) => *urn == schema.id.as_str(),
    };
    if let Some(gone) =
        old.indexes().iter().filter(of_schema).find(|index| !new.indexes().contains(index))
    {
        return Err(in_use(format!("{gone} is in use and keeps its index.")));
    }
    Ok(new
        .indexes()
        .iter()
        .filter(of_schema)
        .filter(|index| !old.indexes().contains(index))
        .map(|index| IndexNo::of(new, index))
        .collect())
}

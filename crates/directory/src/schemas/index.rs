//! Filling an index that resources do not stand in yet, piece by piece.

use scim::schema::ResourceSchema;

use crate::{
    access::Access,
    db::statements,
    error::Error,
    id::{OrgNo, ResourceNo},
    resource::{
        Kind,
        index::{self, IndexNo},
        rows_after,
    },
    store::{Store, Writer},
};

statements! {
    MARK = Sql {
        "insert into unready_index (org, path) values ($1, $2) on conflict (org, path) do nothing"
    };
    UNREADY = Sql { "select path from unready_index where org = $1" };
    DONE = Sql { "delete from unready_index where org = $1" };
}

/// Resources are read in pieces of this size, each in a transaction of its own.
const PIECE: u64 = 500;

/// Marks indexes as not to be looked at yet.
pub(super) fn mark(writer: &mut Writer<'_>, indexes: &[IndexNo]) -> Result<(), Error> {
    for index in indexes {
        writer.send(MARK, &[(*index).into()])?;
    }
    Ok(())
}

/// Fills all marked indexes of an organization. Requests go on meanwhile: they write the indexes
/// already. `progress` hears how many resources have been seen. Answers that number.
///
/// Cost: O(resources of the types that have such an index).
pub(super) async fn fill(
    store: &Store,
    org: OrgNo,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<u64, Error> {
    let mut seen = 0;
    let access = Access::system(org);
    let (schemas, marked) = store
        .read(&access, |reader| {
            let rows = reader.query(UNREADY, &[])?.into_iter();
            let marked: Vec<IndexNo> =
                rows.map(|mut row| row.get("path")).collect::<Result<_, Error>>()?;
            Ok::<_, Error>((super::current(reader)?, marked))
        })
        .await?;
    if marked.is_empty() {
        return Ok(0);
    }
    for schema in schemas.all() {
        let wanted = |path| marked.contains(&IndexNo::of(schema, path));
        if !schema.indexes().iter().any(wanted) {
            continue;
        }
        let name = schema.resource_type().name.clone();
        let mut after = Some(ResourceNo(0));
        while let Some(from) = after {
            let (name, marked) = (name.clone(), marked.clone());
            let (last, count) = store
                .write(&access, move |writer| {
                    let schemas = writer.schemas()?;
                    match schemas.all().find(|schema| schema.resource_type().name == name) {
                        Some(schema) => piece(writer, schema, from, &marked),
                        None => Ok((None, 0)),
                    }
                })
                .await?;
            after = last;
            seen += count;
            progress(seen);
        }
    }
    store
        .write(&access, |writer| {
            writer.send(DONE, &[])?;
            writer.renew_schemas();
            Ok::<_, Error>(())
        })
        .await?;
    Ok(seen)
}

/// Fills the indexes for the resources after a number. Answers the last of them, if there may be
/// more, and how many there were.
fn piece(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    after: ResourceNo,
    indexes: &[IndexNo],
) -> Result<(Option<ResourceNo>, u64), Error> {
    let resources = rows_after(writer, Kind::of(schema), after, PIECE, 0)?;
    for resource in &resources {
        index::add_some(writer, schema, resource.no, &resource.attributes, indexes)?;
    }
    let count = resources.len() as u64;
    let last = resources.last().filter(|_| count == PIECE).map(|resource| resource.no);
    Ok((last, count))
}

//! Filling an index that resources do not stand in yet, piece by piece.

use scim::schema::ResourceSchema;

use crate::{
    custom::Custom,
    db::{Writer, statements},
    error::Error,
    event::Actor,
    group::Group,
    id::ResourceNo,
    index::{self, IndexNo},
    kind::Kind,
    organization::Tenant,
    resource::{Stored, rows_after},
    user::User,
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
        writer.execute(MARK, &[index.number().into()])?;
    }
    Ok(())
}

/// Fills all marked indexes of an organization. Requests go on meanwhile: they write the indexes
/// already. `progress` hears how many resources have been seen. Answers that number.
///
/// Cost: O(resources of the types that have such an index).
pub(super) async fn fill(
    store: &crate::Store,
    tenant: &Tenant,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<u64, Error> {
    let mut seen = 0;
    let marked = store
        .read(tenant, |reader| {
            let marked = reader.query(UNREADY, &[])?;
            let marked: Vec<i64> =
                marked.iter().map(|row| row.int(0)).collect::<Result<_, Error>>()?;
            Ok((super::current(reader)?, marked))
        })
        .await?;
    let (schemas, marked) = marked;
    if marked.is_empty() {
        return Ok(0);
    }
    for schema in schemas.all() {
        let wanted = |path| marked.contains(&IndexNo::of(schema, path).number());
        if !schema.indexes().iter().any(wanted) {
            continue;
        }
        let name = schema.resource_type().name.clone();
        let mut after = Some(ResourceNo(0));
        while let Some(from) = after {
            let (name, marked) = (name.clone(), marked.clone());
            let (last, count) = store
                .write(tenant, &Actor::Operator, move |writer| {
                    let schemas = writer.schemas()?;
                    let Some(schema) =
                        schemas.all().find(|schema| schema.resource_type().name == name)
                    else {
                        return Ok((None, 0));
                    };
                    match Kind::of(schema) {
                        Kind::USER => piece::<User>(writer, schema, from, &marked),
                        Kind::GROUP => piece::<Group>(writer, schema, from, &marked),
                        _ => piece::<Custom>(writer, schema, from, &marked),
                    }
                })
                .await?;
            after = last;
            seen += count;
            progress(seen);
        }
    }
    store
        .write(tenant, &Actor::Operator, |writer| {
            writer.execute(DONE, &[])?;
            writer.renew_schemas();
            Ok(())
        })
        .await?;
    Ok(seen)
}

/// Fills the indexes for the resources behind a number. Answers the last of them, if there may be
/// more, and how many there were.
fn piece<R: Stored>(
    writer: &mut Writer<'_>,
    schema: &ResourceSchema,
    after: ResourceNo,
    indexes: &[i64],
) -> Result<(Option<ResourceNo>, u64), Error> {
    let records: Vec<R> = rows_after(writer, Kind::of(schema), after, PIECE, 0)?;
    for record in &records {
        index::add_some(writer, schema, record.no(), record.resource(), indexes)?;
    }
    let last = records.last().filter(|_| records.len() as u64 == PIECE).map(Stored::no);
    Ok((last, records.len() as u64))
}

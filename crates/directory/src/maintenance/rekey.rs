//! Making the keys of the store anew, after the rule of folding text has changed.
//!
//! Names and indexed values are stored under folded keys. When the rule changes (a new version of
//! Unicode, say), old and new keys do not find each other: the store refuses to be used until every
//! key has been made by the rule of this program.

use crate::{
    access::{Access, Principal},
    audit::{self, kinds},
    db::{Param, statements},
    error::Error,
    id::{OrgNo, ResourceNo},
    installation::folding,
    organization,
    resource::{
        Kind, Resource, index, rows_after,
        save::{Columns, name_taken},
    },
    store::{Store, Writer},
};

statements! {
    SET_KEYS = Sql {
        "update resource set name_key = $4, external_id = $5 \
         where org = $1 and kind = $2 and no = $3"
    };
    TAKEN = Sql {
        "select no from resource where org = $1 and kind = $2 and name_key = $3 and no <> $4 \
         limit 1"
    };
}

/// Resources are read in pieces of this size, each in a transaction of its own.
const PIECE: u64 = 500;

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rekeyed {
    /// The rule before.
    pub before: String,
    /// The rule from now on.
    pub after: String,
    /// How many resources were read.
    pub resources: u64,
    /// Resources whose name, or whose unique value, another one has now: their keys were left as
    /// they are, and one of each pair has to be changed.
    pub conflicts: Vec<String>,
}

/// Makes the keys of every organization anew. No server may run on the store meanwhile: it would
/// look under old keys. Where it was stopped, doing it again finishes it. `progress` hears how many
/// resources have been read.
///
/// Cost: O(resources).
///
/// # Errors
///
/// Those of the store.
pub async fn run(store: &Store, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Rekeyed, Error> {
    let (before, slugs) = store
        .read_catalog(|catalog| Ok((folding::found(catalog)?, organization::slugs(catalog)?)))
        .await?;
    let mut rekeyed =
        Rekeyed { before, after: folding::needed(), resources: 0, conflicts: Vec::new() };
    for (slug, org) in slugs {
        for kind in kinds_of(store, org).await? {
            let mut after = Some(ResourceNo(0));
            while let Some(from) = after {
                let (last, count, conflicts) = store
                    .write(&Access::system(org), move |writer| piece(writer, kind, from))
                    .await?;
                rekeyed.resources += count;
                let conflicts = conflicts.into_iter().map(|name| format!("{slug}: {name}"));
                rekeyed.conflicts.extend(conflicts);
                progress(rekeyed.resources);
                after = last;
            }
        }
    }
    let payload =
        kinds::StoreRekeyed { before: rekeyed.before.clone(), after: rekeyed.after.clone() };
    store
        .write_catalog(move |catalog| {
            folding::set(catalog)?;
            let by = (&Principal::OPERATOR, None);
            audit::record_for_installation(catalog, by, "store", payload.clone())
        })
        .await?;
    Ok(rekeyed)
}

async fn kinds_of(store: &Store, org: OrgNo) -> Result<Vec<Kind>, Error> {
    store
        .read(&Access::system(org), |reader| {
            let schemas = crate::schemas::current(reader)?;
            Ok(schemas.all().map(|schema| Kind::of(schema)).collect())
        })
        .await
}

type Piece = (Option<ResourceNo>, u64, Vec<String>);

/// Makes the keys of the resources after a number anew. Answers the last of them, if there may be
/// more.
fn piece(writer: &mut Writer<'_>, kind: Kind, after: ResourceNo) -> Result<Piece, Error> {
    let resources: Vec<Resource> = rows_after(writer, kind, after, PIECE, 0)?;
    let mut conflicts = Vec::new();
    for resource in &resources {
        match writer.attempt(|writer| remake(writer, resource))? {
            Ok(()) => {}
            Err(Error::Conflict { .. }) => conflicts.push(resource.name().to_owned()),
            Err(error) => return Err(error),
        }
    }
    let count = resources.len() as u64;
    let last = resources.last().filter(|_| count == PIECE).map(|resource| resource.no);
    Ok((last, count, conflicts))
}

/// Makes the keys of one resource anew.
///
/// # Errors
///
/// [`Error::Conflict`] where another resource has one of them that must be unique.
fn remake(writer: &mut Writer<'_>, resource: &Resource) -> Result<(), Error> {
    let Resource { kind, no, attributes, .. } = resource;
    let columns = Columns::of(*kind, attributes)?;
    if let Some(key) = &columns.name_key {
        let params: [Param<'_>; 3] = [(*kind).into(), key.into(), (*no).into()];
        if writer.query_one(TAKEN, &params)?.is_some() {
            return Err(name_taken(*kind, resource.name()));
        }
    }
    index::clear(writer, *no)?;
    index::update(writer, *kind, *no, None, Some(attributes))?;
    let (name, external_id) = (columns.name_key.as_ref(), columns.external_id.as_ref());
    writer.execute(SET_KEYS, &[(*kind).into(), (*no).into(), name.into(), external_id.into()])?;
    Ok(())
}

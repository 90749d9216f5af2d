//! Making the keys of the store anew, after the rule of folding text has changed.
//!
//! Names and indexed values are stored under folded keys. When the rule changes (a new version of
//! Unicode, say), old and new keys do not find each other: the store refuses to be used until every
//! key has been made by the rule of this program.

use crate::{
    access::Access,
    audit::{self, kinds},
    db::statements,
    error::Error,
    id::{OrgNo, ResourceNo},
    installation::{Installation, folding},
    organization,
    resource::{
        Kind, Resource, by_name, index, rows_after,
        save::{Columns, name_taken},
    },
    store::{Store, Writer},
};

statements! {
    SET_KEYS = Sql {
        "update resource set name_key = $4, external_id = $5 \
         where org = $1 and kind = $2 and no = $3"
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
    /// Resources whose name, or whose unique value, another one has now: they have no keys
    /// of the new rule, and one of each pair has to be changed.
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
pub async fn run(
    installation: &Installation,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Rekeyed, Error> {
    let store = installation.store();
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
    let (principal, request) = installation.by();
    store
        .write_catalog(move |catalog| {
            folding::set(catalog)?;
            let by = (&principal, request);
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

/// Makes the keys of one resource anew. Where another one has them by the old rule only, it loses
/// them: it gets its own in its turn.
///
/// # Errors
///
/// [`Error::Conflict`] where another resource has one of them that must be unique.
fn remake(writer: &mut Writer<'_>, resource: &Resource) -> Result<(), Error> {
    let Resource { kind, no, attributes, .. } = resource;
    let columns = Columns::of(*kind, attributes)?;
    if let Some(key) = &columns.name_key
        && let Some(holder) = by_name(writer, *kind, key)?.filter(|holder| holder.no != *no)
    {
        let theirs = Columns::of(*kind, &holder.attributes)?;
        if theirs.name_key.as_ref() == Some(key) {
            return Err(name_taken(*kind, resource.name()));
        }
        set_keys(writer, &holder, &Columns { name_key: None, ..theirs })?;
    }
    index::free_stale(writer, resource)?;
    index::clear(writer, *no)?;
    index::update(writer, *kind, *no, None, Some(attributes))?;
    set_keys(writer, resource, &columns)
}

fn set_keys(writer: &mut Writer<'_>, of: &Resource, columns: &Columns) -> Result<(), Error> {
    let (name, external_id) = (columns.name_key.as_ref(), columns.external_id.as_ref());
    let params = [of.kind.into(), of.no.into(), name.into(), external_id.into()];
    writer.send(SET_KEYS, &params)
}

//! The reaper: clears away, in small steps, what is out of sight already.
//!
//! A cleared or deleted group leaves its old member set behind, a large change that was given up the
//! one that it had begun to fill, and a deleted organization leaves everything. Nothing reads those rows; they are deleted in transactions of at most 5,000, so
//! that no request waits long. Which tables there are says `crate::store::tables`.

use std::collections::BTreeSet;

use crate::{
    access::{Access, Verb},
    db::statements,
    error::Error,
    id::{MemberSetNo, OrgNo},
    resource::group::staging::{self, ABANDONED_AFTER},
    store::{Catalog, Store, Writer, tables::CLEARING},
};

statements! {
    SETS = Sql {
        "select member_set from retired_member_set where org = $1 order by member_set limit 1"
    };
    MEMBERS = Sql {
        "delete from member where org = $1 and member_set = $2 and no <= (select max(no) from \
         (select no from member where org = $1 and member_set = $2 order by no limit 5000) \
         as piece)"
    };
    PENDING = Sql {
        "delete from pending_member where org = $1 and member_set = $2 and value <= \
         (select max(value) from (select value from pending_member where org = $1 \
         and member_set = $2 order by value limit 5000) as piece)"
    };
    DONE = Sql { "delete from retired_member_set where org = $1 and member_set = $2" };
    GONE = Sql { "delete from organization where org = $1 and state = 2" };
    COUNTER_GONE = Sql { "delete from organization_counter where org = $1" };
}

/// Statements over all organizations: they belong to upkeep, and to no request.
pub(crate) mod everywhere {
    use crate::db::statements;

    statements! {
        WAITING = Sql { "select distinct org from retired_member_set order by org limit 100" };
        ABANDONED = Sql {
            "select distinct org from staged_member_set where touched < $1 order by org limit 100"
        };
        DELETED = Sql { "select org from organization where state = 2 order by org limit 1" };
    }
}

/// Clears one piece, if anything waits. Answers whether there was something: then there may be
/// more.
///
/// # Errors
///
/// Those of the store.
pub async fn step(store: &Store) -> Result<bool, Error> {
    let idle_since = store.clock().now().minus(ABANDONED_AFTER);
    let (waiting, deleted) = store
        .read_catalog(move |catalog| {
            let mut rows = catalog.query(everywhere::WAITING, &[])?;
            rows.extend(catalog.query(everywhere::ABANDONED, &[idle_since.into()])?);
            let waiting = rows.into_iter().map(|mut row| row.get("org"));
            Ok((waiting.collect::<Result<BTreeSet<OrgNo>, Error>>()?, deleted(catalog)?.is_some()))
        })
        .await?;
    let mut busy = false;
    for org in waiting {
        // A deleted organization answers that it is not found: its turn comes below.
        match store.write(&Access::system(org), member_set).await {
            Ok(more) => busy |= more,
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    if deleted {
        busy |= store.write_catalog(organization).await?;
    }
    Ok(busy)
}

fn deleted(catalog: &mut Catalog<'_>) -> Result<Option<OrgNo>, Error> {
    let row = catalog.query_one(everywhere::DELETED, &[])?;
    row.map(|mut row| row.get("org")).transpose()
}

/// Clears a piece of a member set that no group points to.
fn member_set(writer: &mut Writer<'_>) -> Result<bool, Error> {
    writer.permit(Verb::Upkeep)?;
    staging::abandon(writer)?;
    let Some(mut row) = writer.query_one(SETS, &[])? else { return Ok(false) };
    let set: MemberSetNo = row.get("member_set")?;
    let members = writer.execute(MEMBERS, &[set.into()])?;
    let pending = writer.execute(PENDING, &[set.into()])?;
    if members == 0 && pending == 0 {
        writer.execute(DONE, &[set.into()])?;
    }
    Ok(true)
}

/// Clears a piece of a deleted organization.
fn organization(catalog: &mut Catalog<'_>) -> Result<bool, Error> {
    let Some(org) = deleted(catalog)? else { return Ok(false) };
    for (_, clearing) in CLEARING.iter() {
        if catalog.execute(*clearing, &[org.into()])? > 0 {
            return Ok(true);
        }
    }
    catalog.execute(COUNTER_GONE, &[org.into()])?;
    catalog.execute(GONE, &[org.into()])?;
    Ok(true)
}

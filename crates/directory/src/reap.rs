//! The reaper: clears away, in small steps, what is out of sight already.
//!
//! A cleared or deleted group leaves its old member set behind, and a deleted organization leaves
//! everything. Nothing reads those rows; they are deleted in transactions of at most 5,000, so
//! that no request waits long.

use crate::{
    db::{Catalog, Store, Writer, statements},
    error::Error,
    event::Actor,
    id::OrgNo,
    organization::Tenant,
};

statements! {
    SETS = Sql { "select mset from reap where org = $1 order by mset limit 1" };
    MEMBERS = Sql {
        "delete from member where org = $1 and mset = $2 and no <= (select max(no) from \
         (select no from member where org = $1 and mset = $2 order by no limit 5000) as piece)"
    };
    PENDING = Sql {
        "delete from pending where org = $1 and mset = $2 and value <= (select max(value) from \
         (select value from pending where org = $1 and mset = $2 order by value limit 5000) \
         as piece)"
    };
    DONE = Sql { "delete from reap where org = $1 and mset = $2" };
}

/// Statements over all organizations: they belong to maintenance, and to no request.
pub(crate) mod maintenance {
    use crate::db::statements;

    statements! {
        WAITING = Sql { "select distinct org from reap order by org limit 100" };
        DELETED = Sql { "select org from organization where state = 2 order by org limit 1" };
        GONE = Sql { "delete from organization where org = $1 and state = 2" };
    }
}

/// The rows of a deleted organization, table by table, at most 5,000 at a time.
pub(crate) mod organization {
    use crate::db::statements;

    statements! {
        USR = Sql {
            "delete from usr where org = $1 and no <= (select max(no) from \
             (select no from usr where org = $1 order by no limit 5000) as piece)"
        };
        UATTR = Sql {
            "delete from uattr where org = $1 and no <= (select max(no) from \
             (select no from uattr where org = $1 order by no limit 5000) as piece)"
        };
        GRP = Sql {
            "delete from grp where org = $1 and no <= (select max(no) from \
             (select no from grp where org = $1 order by no limit 5000) as piece)"
        };
        MEMBER = Sql {
            "delete from member where org = $1 and no <= (select max(no) from \
             (select no from member where org = $1 order by no limit 5000) as piece)"
        };
        PENDING = Sql {
            "delete from pending where org = $1 and value <= (select max(value) from \
             (select value from pending where org = $1 order by value limit 5000) as piece)"
        };
        TOMBSTONE = Sql {
            "delete from tombstone where org = $1 and id <= (select max(id) from \
             (select id from tombstone where org = $1 order by id limit 5000) as piece)"
        };
        EVENT = Sql {
            "delete from event where org = $1 and seq <= (select max(seq) from \
             (select seq from event where org = $1 order by seq limit 5000) as piece)"
        };
        CUSTOM = Sql {
            "delete from custom where org = $1 and no <= (select max(no) from \
             (select no from custom where org = $1 order by no limit 5000) as piece)"
        };
        DEFINITION = Sql { "delete from definition where org = $1" };
        UNREADY = Sql { "delete from unready_index where org = $1" };
        RANK = Sql { "delete from rank where org = $1" };
        REAP = Sql { "delete from reap where org = $1" };
        TOKEN = Sql { "delete from token where org = $1" };
        HOME = Sql { "delete from connection_home where org = $1" };
        CONNECTION = Sql { "delete from connection where org = $1" };
    }

    pub(super) const TABLES: [crate::db::Sql; 15] = [
        USR, UATTR, GRP, CUSTOM, DEFINITION, UNREADY, MEMBER, PENDING, TOMBSTONE, EVENT, RANK,
        REAP, TOKEN, HOME, CONNECTION,
    ];
}

/// Clears one piece, if anything waits. Answers whether there was something: then there may be
/// more.
///
/// # Errors
///
/// Those of the store.
pub async fn step(store: &Store) -> Result<bool, Error> {
    let (waiting, deleted) = store
        .read_catalog(|catalog| {
            let sets = catalog.query(maintenance::WAITING, &[])?;
            let sets =
                sets.iter().map(|row| Ok(OrgNo(row.int(0)?))).collect::<Result<Vec<_>, Error>>()?;
            Ok((sets, !catalog.query(maintenance::DELETED, &[])?.is_empty()))
        })
        .await?;
    let mut busy = false;
    for org in waiting {
        // A deleted organization answers that it is not found: its turn comes below.
        match store.write(&Tenant::new(org), &Actor::Operator, set).await {
            Ok(more) => busy |= more,
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    if deleted {
        busy |= store.write_catalog(deleted_organization).await?;
    }
    Ok(busy)
}

fn set(writer: &mut Writer<'_>) -> Result<bool, Error> {
    let Some(row) = writer.query_one(SETS, &[])? else { return Ok(false) };
    let mset = row.int(0)?;
    let members = writer.execute(MEMBERS, &[mset.into()])?;
    let pending = writer.execute(PENDING, &[mset.into()])?;
    if members == 0 && pending == 0 {
        writer.execute(DONE, &[mset.into()])?;
    }
    Ok(true)
}

fn deleted_organization(catalog: &mut Catalog<'_>) -> Result<bool, Error> {
    let Some(row) = catalog.query(maintenance::DELETED, &[])?.pop() else {
        return Ok(false);
    };
    let org = row.int(0)?;
    for table in organization::TABLES {
        if catalog.execute(table, &[org.into()])? > 0 {
            return Ok(true);
        }
    }
    catalog.execute(maintenance::GONE, &[org.into()])?;
    Ok(true)
}

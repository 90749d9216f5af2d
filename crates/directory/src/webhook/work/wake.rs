//! Finding out who has something to send: the feed says where something happened.

use std::collections::BTreeSet;

use super::everywhere;
use crate::{
    audit::INSTALLATION,
    db::statements,
    error::Error,
    feed,
    store::{Catalog, Store},
};

statements! {
    BEGIN = Sql { "insert into feed_head (no, place) values (2, 0) on conflict (no) do nothing" };
    WOKEN = Sql { "select place from feed_head where no = 2" };
    LOCK = Sql { "select c.place from feed_head c where c.no = 2 for update of c" };
    MOVE = Sql { "update feed_head set place = $1 where no = 2" };
    WAKE = Sql { "update webhook set wake = wake + 1 where org = $1 and paused is null" };
    LOOK = Sql {
        "update webhook set due = $2 where org = $1 and paused is null and due is null"
    };
}

/// So many changes are looked at in one transaction.
const PIECE: i64 = 500;

/// Has each webhook looked at in whose organization something happened since this was done last, and those
/// of the installation.
///
/// Cost: O(1) where there is no webhook, or nothing happened; O(organizations that changed).
///
/// # Errors
///
/// Those of the store.
pub async fn wake(store: &Store) -> Result<(), Error> {
    let any = |catalog: &mut Catalog<'_>| Ok(catalog.query_one(everywhere::ANY, &[])?.is_some());
    if !store.read_catalog(any).await? {
        return Ok(());
    }
    feed::gather_all(store).await?;
    while store.read_catalog(is_asleep).await? && store.write_catalog(wake_piece).await? {}
    Ok(())
}

/// Whether something happened of which none was told.
fn is_asleep(catalog: &mut Catalog<'_>) -> Result<bool, Error> {
    let row = catalog.query_one(WOKEN, &[])?;
    let woken: i64 = row.map_or(Ok(0), |mut row| row.get("place"))?;
    Ok(woken < feed::newest(catalog)?)
}

fn wake_piece(catalog: &mut Catalog<'_>) -> Result<bool, Error> {
    catalog.send(BEGIN, &[])?;
    // Whoever wakes at the same time waits here.
    let row = catalog.query_one(LOCK, &[])?;
    let mut row = row.ok_or_else(|| Error::damaged("feed_head", "no=2", "the row is missing"))?;
    let changed = feed::changed_after(catalog, row.get("place")?, PIECE)?;
    let Some((last, _)) = changed.last() else { return Ok(false) };
    catalog.send(MOVE, &[(*last).into()])?;
    // In an order of their own, so that no two wait for each other.
    let mut owners: BTreeSet<_> = changed.iter().map(|(_, org)| *org).collect();
    owners.insert(INSTALLATION);
    let now = catalog.now;
    for org in owners {
        catalog.send(WAKE, &[org.into()])?;
        catalog.send(LOOK, &[org.into(), now.into()])?;
    }
    Ok(true)
}

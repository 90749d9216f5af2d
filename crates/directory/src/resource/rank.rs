//! Rank blocks: how many live rows there are per 128, 16,384 and 2,097,152 numbers.
//!
//! They make a deep `startIndex` cost O(log n): the blocks say after which number the page
//! begins, up to 127 rows that are skipped. See `docs/decisions/0003-the-store.md`.

use std::collections::BTreeMap;

use super::Kind;
use crate::{
    db::{Param, Session, statements},
    error::Error,
    id::{OrgNo, ResourceNo},
    store::Reader,
};

statements! {
    ADD = ListSql {
        "insert into rank_block (org, kind, level, block, live) values ",
        "($1, {}, {}, {}, {})",
        " on conflict (org, kind, level, block) do update set live = rank_block.live + excluded.live"
    };
    BLOCKS = Sql {
        "select block, live from rank_block where org = $1 and kind = $2 and level = $3 \
         and block >= $4 and block < $5 order by block"
    };
    TOTAL = Sql {
        "select live from rank_block where org = $1 and kind = $2 and level = 2"
    };
    ALL = Sql {
        "select kind, level, block, live from rank_block where org = $1 and live <> 0 \
         order by kind, level, block"
    };
}

/// A block is 128 numbers, or 128 blocks of the level below.
const SHIFT: u32 = 7;
const LEVELS: u32 = 3;

/// Names one block: what is counted, the level, the number of the block.
pub(crate) type Block = (Kind, i64, i64);

/// The blocks that a number is in, one for each level.
pub(crate) fn blocks(what: Kind, no: ResourceNo) -> impl Iterator<Item = Block> {
    (0..LEVELS).map(move |level| (what, level.into(), no.0 >> (SHIFT * (level + 1))))
}

/// Adds to the counts of blocks.
pub(crate) fn add(
    session: &mut Session,
    org: OrgNo,
    blocks: &BTreeMap<Block, i64>,
) -> Result<(), Error> {
    let rows: Vec<[Param<'_>; 4]> = blocks
        .iter()
        .filter(|(_, by)| **by != 0)
        .map(|(&(what, level, block), &by)| [what.into(), level.into(), block.into(), by.into()])
        .collect();
    session.send_list(&ADD, &[org.into()], &rows)
}

/// Where the row is that has `offset` live rows before it: after number `.0`, and `.1` more live
/// rows. `None`: there are not that many rows.
pub(crate) fn locate(
    reader: &mut Reader<'_>,
    what: Kind,
    offset: i64,
) -> Result<Option<(ResourceNo, i64)>, Error> {
    let mut left = offset;
    let (mut from, mut to) = (0, i64::MAX);
    for level in (0..i64::from(LEVELS)).rev() {
        let rows = reader.query(BLOCKS, &[what.into(), level.into(), from.into(), to.into()])?;
        let mut inside = None;
        for mut row in rows {
            let (block, live): (i64, i64) = (row.get("block")?, row.get("live")?);
            if left < live {
                inside = Some(block);
                break;
            }
            left -= live;
        }
        let Some(block) = inside else { return Ok(None) };
        (from, to) = (block << SHIFT, (block + 1) << SHIFT);
    }
    Ok(Some((ResourceNo(from - 1), left)))
}

/// How many live rows there are.
///
/// Cost: one row for each two million numbers.
pub(crate) fn total(reader: &mut Reader<'_>, what: Kind) -> Result<u64, Error> {
    let blocks = reader.query(TOTAL, &[what.into()])?;
    blocks.into_iter().map(|mut row| row.get::<u64>("live")).sum()
}

/// All blocks that are not empty, for whoever verifies.
pub(crate) fn all(reader: &mut Reader<'_>) -> Result<BTreeMap<(i64, i64, i64), i64>, Error> {
    let rows = reader.query(ALL, &[])?.into_iter();
    rows.map(|mut row| {
        let block = (row.get("kind")?, row.get("level")?, row.get("block")?);
        Ok((block, row.get("live")?))
    })
    .collect()
}

//! Rank blocks: how many live rows there are per 128, 16,384 and 2,097,152 numbers.
//!
//! They make a deep `startIndex` cost O(log n): the blocks say after which number the page
//! begins, up to 127 rows that are skipped. See `docs/decisions/0003-the-store.md`.

use std::collections::BTreeMap;

use crate::{
    db::{Param, Reader, statements},
    error::Error,
    id::{OrgNo, ResourceNo},
    kind::Kind,
};

statements! {
    ADD = Sql {
        "insert into rank (org, kind, lvl, blk, live) values ($1, $2, $3, $4, $5) \
         on conflict (org, kind, lvl, blk) do update set live = rank.live + excluded.live"
    };
    BLOCKS = Sql {
        "select blk, live from rank where org = $1 and kind = $2 and lvl = $3 \
         and blk >= $4 and blk < $5 order by blk"
    };
    TOTAL = Sql {
        "select live from rank where org = $1 and kind = $2 and lvl = 2"
    };
    ALL = Sql {
        "select kind, lvl, blk, live from rank where org = $1 and live <> 0 \
         order by kind, lvl, blk"
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
    session: &mut crate::db::session::Session,
    org: OrgNo,
    blocks: &BTreeMap<Block, i64>,
) -> Result<(), Error> {
    for (&(what, level, block), &by) in blocks {
        if by != 0 {
            let params: [Param<'_>; 5] =
                [org.0.into(), what.number().into(), level.into(), block.into(), by.into()];
            session.execute(ADD, &params)?;
        }
    }
    Ok(())
}

/// Where the row is that has `offset` live rows before it: behind number `.0`, after skipping
/// `.1` live rows more. `None`: there are not that many rows.
pub(crate) fn locate(
    reader: &mut Reader<'_>,
    what: Kind,
    offset: i64,
) -> Result<Option<(ResourceNo, i64)>, Error> {
    let mut left = offset;
    let (mut from, mut to) = (0, i64::MAX);
    for level in (0..i64::from(LEVELS)).rev() {
        let rows =
            reader.query(BLOCKS, &[what.number().into(), level.into(), from.into(), to.into()])?;
        let mut inside = None;
        for row in rows {
            let (block, live) = (row.int(0)?, row.int(1)?);
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
pub(crate) fn total(reader: &mut Reader<'_>, what: Kind) -> Result<i64, Error> {
    let blocks = reader.query(TOTAL, &[what.number().into()])?;
    blocks.iter().map(|row| row.int(0)).sum()
}

/// All blocks that are not empty, for `verify`.
pub(crate) fn all(reader: &mut Reader<'_>) -> Result<BTreeMap<(i64, i64, i64), i64>, Error> {
    reader
        .query(ALL, &[])?
        .into_iter()
        .map(|row| Ok(((row.int(0)?, row.int(1)?, row.int(2)?), row.int(3)?)))
        .collect()
}

//! Forgetting what was decided long ago.

use super::judge::DECISION_HOLDS;
use crate::{
    access::Access,
    db::statements,
    error::Error,
    id::{ConnectionNo, OrgNo},
    store::{Store, Writer},
};

statements! {
    OVER = Sql {
        "select connection, hold from removal_hold where org = $1 and ended < $2 limit 1"
    };
    CLEAR = Sql {
        "delete from held_removal where org = $1 and connection = $2 and hold = $3 and no <= \
         (select max(no) from (select no from held_removal \
         where org = $1 and connection = $2 and hold = $3 order by no limit 5000) as piece)"
    };
    FORGET = Sql {
        "delete from removal_hold where org = $1 and connection = $2 and hold = $3"
    };
}

/// Forgets removals about which something was decided that does not count any more, 5,000 at the most.
/// Answers whether there were some.
pub(crate) async fn prune(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let prune = |writer: &mut Writer<'_>| {
        let before = writer.now().minus(DECISION_HOLDS);
        let Some(mut row) = writer.query_one(OVER, &[before.into()])? else { return Ok(false) };
        let (connection, hold): (ConnectionNo, i64) = (row.get("connection")?, row.get("hold")?);
        if writer.execute(CLEAR, &[connection.into(), hold.into()])? == 0 {
            writer.execute(FORGET, &[connection.into(), hold.into()])?;
        }
        Ok(true)
    };
    store.write(&Access::system(org), prune).await
}

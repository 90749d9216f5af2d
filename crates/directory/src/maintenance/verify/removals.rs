//! I1 for the mass-removal guards: whom each connection manages, and what is held, is counted.

use std::collections::BTreeMap;

use super::Findings;
use crate::{db::statements, error::Error, id::ConnectionNo, store::Reader};

statements! {
    GUARDS = Sql {
        "select connection, managed, hold, since, held from removal_guard where org = $1"
    };
    HELD = Sql {
        "select count(*) as held from held_removal \
         where org = $1 and connection = $2 and hold = $3 and decision is null"
    };
}

/// The active people of each connection against what its guard believes.
pub(super) fn check_managed(
    reader: &mut Reader<'_>,
    managed: &BTreeMap<ConnectionNo, i64>,
    findings: &mut Findings,
) -> Result<(), Error> {
    for mut row in reader.query(GUARDS, &[])? {
        let connection: ConnectionNo = row.get("connection")?;
        let actual = managed.get(&connection).copied().unwrap_or_default();
        let what = || format!("the count of active people of connection {connection}");
        findings.expect("I1", what, &row.get("managed")?, &actual);
    }
    Ok(())
}

/// What is held of each connection against what its guard believes.
pub(super) fn check(reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), Error> {
    for mut row in reader.query(GUARDS, &[])? {
        let (connection, hold): (ConnectionNo, i64) = (row.get("connection")?, row.get("hold")?);
        let is_on = row.get::<Option<i64>>("since")?.is_some();
        let counted =
            if is_on { reader.query_one(HELD, &[connection.into(), hold.into()])? } else { None };
        let actual: i64 = counted.map_or(Ok(0), |mut row| row.get("held"))?;
        let what = || format!("the count of held removals of connection {connection}");
        findings.expect("I1", what, &row.get::<i64>("held")?, &actual);
    }
    Ok(())
}

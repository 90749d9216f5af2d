//! I1 and I8 for roles: what was assigned and mapped points to what is there, and is counted.

use super::{Findings, rows};
use crate::{
    db::{Sql, statements},
    error::Error,
    id::{ResourceNo, RoleNo},
    resource::Kind,
    role::{self, Role},
    store::Reader,
};

statements! {
    ASSIGNMENTS = Sql {
        "select role, no from role_assignment where org = $1 order by role, no"
    };
    MAPPINGS = Sql { "select role, no from role_mapping where org = $1 order by role, no" };
    GRANTS = Sql { "select admin_grants from organization_counter where org = $1" };
}

pub(super) fn check(reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), Error> {
    let roles: Vec<RoleNo> = role::all(reader)?.into_iter().map(|role| role.no).collect();
    let mut grants: i64 = 0;
    let given: [(&str, Sql, Kind); 2] =
        [("an assignment", ASSIGNMENTS, Kind::USER), ("a mapping", MAPPINGS, Kind::GROUP)];
    for (what, sql, kind) in given {
        let given = reader.query(sql, &[])?.into_iter();
        let given = given.map(|mut row| Ok((row.get("role")?, row.get("no")?)));
        let given: Vec<(RoleNo, ResourceNo)> = given.collect::<Result<_, Error>>()?;
        let ids = rows::ids_of(reader, kind, given.iter().map(|(_, no)| *no))?;
        for (role, no) in given {
            if !roles.contains(&role) {
                findings.wrong("I8", format!("{what} gives role {role}, which is not here"));
            }
            if !ids.contains_key(&no) {
                findings.wrong("I8", format!("{what} is for number {no}, which is not here"));
            }
            grants += i64::from(Role::ADMINISTRATORS.contains(&role));
        }
    }
    if let Some(mut row) = reader.query_one(GRANTS, &[])? {
        let stored: i64 = row.get("admin_grants")?;
        let what = || "the count of what makes an administrator".to_owned();
        findings.expect("I1", what, &stored, &grants);
    }
    Ok(())
}

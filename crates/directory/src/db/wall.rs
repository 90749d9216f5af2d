//! The second wall between organizations: row-level security of PostgreSQL.
//!
//! Every transaction says whose rows it is about ([`super::Scope`]), and a policy on every table of
//! organizations holds it to that, for the owner of the tables, too: a statement that forgets its
//! `org = $1` finds the rows of its own organization and no others, and one in a transaction that
//! said nothing finds none. A superuser, or a role with `BYPASSRLS`, is held by no policy.
//!
//! The policies are made from the registry of tables, whenever the schema is brought up to date.

use std::collections::BTreeSet;

use super::{pipeline::Pipeline, scope::ALL};
use crate::{error::Error, store::tables::TABLES};

/// The name of the policy on each table.
const POLICY: &str = "organization";

/// The tables of the schema that have the wall already.
const WALLED: &str = "select t.relname::text from pg_class t
  join pg_policy p on p.polrelid = t.oid and p.polname = $1
  where t.relnamespace = current_schema()::regnamespace
    and t.relrowsecurity and t.relforcerowsecurity";

/// Gives each table of organizations the policy that it lacks. Answers the names of those tables.
///
/// Statements are sent one by one, as a distributed PostgreSQL wants them.
pub(super) fn build(client: &mut Pipeline) -> Result<Vec<&'static str>, Error> {
    let walled = walled(client)?;
    let mut built = Vec::new();
    for table in TABLES.iter().filter(|table| table.is_of_organizations()) {
        if !walled.contains(table.name) {
            for statement in statements(table.name) {
                client.batch_execute(&statement)?;
            }
            built.push(table.name);
        }
    }
    Ok(built)
}

fn walled(client: &mut Pipeline) -> Result<BTreeSet<String>, Error> {
    let rows = client.query(WALLED, &[&POLICY])?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// The name is a constant of the registry, so it can stand in the text.
///
/// The setting is empty after a transaction that had one. No subquery: Citus takes none in a policy.
fn statements(table: &str) -> [String; 4] {
    let setting = "current_setting('doorward.org', true)";
    [
        format!("drop policy if exists {POLICY} on {table}"),
        format!(
            "create policy {POLICY} on {table} using \
             (org = nullif(nullif({setting}, ''), '{ALL}')::bigint or {setting} = '{ALL}')"
        ),
        format!("alter table {table} enable row level security"),
        format!("alter table {table} force row level security"),
    ]
}

/// Whether the second wall holds, for whoever checks an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Who connects, where policies do not hold this role: a superuser, or one with `BYPASSRLS`.
    pub bypassed_by: Option<String>,
    /// Tables of organizations without the policy.
    pub missing: Vec<&'static str>,
}

/// Looks at the wall as it stands for whoever has connected.
pub(super) fn look(client: &mut Pipeline) -> Result<Wall, Error> {
    const BYPASSES: &str = "select rolname::text from pg_roles
      where rolname = current_user and (rolsuper or rolbypassrls)";
    let bypassed = client.query(BYPASSES, &[])?;
    let bypassed_by = bypassed.first().map(|row| row.try_get(0)).transpose()?;
    let walled = walled(client)?;
    let of_organizations = TABLES.iter().filter(|table| table.is_of_organizations());
    let missing = of_organizations.map(|table| table.name).filter(|name| !walled.contains(*name));
    Ok(Wall { bypassed_by, missing: missing.collect() })
}

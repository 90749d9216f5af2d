//! Spreading the tables over the machines of a distributed PostgreSQL (Citus).
//!
//! The registry of tables says how: what belongs to organizations lies with the other rows of its
//! organization, by `org`; what belongs to the installation, and the ways to organizations, are on
//! every machine. Tables may hold data
//! already. Each table is a statement of its own, so whoever was interrupted goes on where it was.

use std::collections::BTreeMap;

use super::{pipeline::Pipeline, wall};
use crate::{
    error::{Error, Unusable},
    store::tables::{TABLES, Table},
};

/// Where the rows of a table are on a distributed PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// With the other rows of their organization, on one machine.
    ByOrganization,
    /// On every machine.
    Everywhere,
}

impl Placement {
    /// What the registry says of a table.
    fn of(table: &Table) -> Self {
        if table.is_keyed_by_organization() { Self::ByOrganization } else { Self::Everywhere }
    }

    /// As `pg_dist_partition` has it: distributed by a hash, or a reference table.
    fn read(method: &str) -> Option<Self> {
        match method {
            "h" => Some(Self::ByOrganization),
            "n" => Some(Self::Everywhere),
            _ => None,
        }
    }
}

/// How the tables of a store are distributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distributed {
    /// The version of Citus.
    pub citus: String,
    /// How many machines hold rows.
    pub workers: i64,
    /// Tables that are not placed as the registry says, or not yet.
    pub missing: Vec<&'static str>,
}

/// The table that the others lie beside: the first of organizations in the registry.
fn anchor() -> &'static str {
    let first = TABLES.iter().find(|table| table.is_keyed_by_organization());
    first.map_or("organization", |table| table.name)
}

/// The statement that places a table. Names are constants of the registry.
fn statement(table: &Table) -> String {
    let (name, anchor) = (table.name, anchor());
    match Placement::of(table) {
        Placement::Everywhere => format!("select create_reference_table('{name}')"),
        Placement::ByOrganization if name == anchor => {
            format!("select create_distributed_table('{name}', 'org', colocate_with => 'none')")
        }
        Placement::ByOrganization => {
            format!("select create_distributed_table('{name}', 'org', colocate_with => '{anchor}')")
        }
    }
}

/// What the planner of each machine is told of a table of organizations, once it is distributed:
/// Citus passes this form of `alter table` on to no shard.
fn tell_shards(table: &Table) -> String {
    format!(
        "select run_command_on_shards('{}', \
         $shard$alter table %s alter column org set (n_distinct = 1)$shard$)",
        table.name
    )
}

/// Whether PostgreSQL is distributed at all, and how its tables are. `None`: it has no Citus.
pub(super) fn look(client: &mut Pipeline) -> Result<Option<Distributed>, Error> {
    let version = "select extversion::text from pg_extension where extname = 'citus'";
    let Some(row) = client.query(version, &[])?.pop() else { return Ok(None) };
    let workers = "select count(*) from pg_dist_node where shouldhaveshards and isactive";
    let workers = client.query_one(workers, &[])?.try_get(0)?;
    let placed = placed(client)?;
    let is_missing = |table: &&Table| placed.get(table.name) != Some(&Placement::of(table));
    let missing = TABLES.iter().filter(is_missing).map(|table| table.name).collect();
    Ok(Some(Distributed { citus: row.try_get(0)?, workers, missing }))
}

/// The tables of the schema that are distributed already.
pub(super) fn placed(client: &mut Pipeline) -> Result<BTreeMap<String, Placement>, Error> {
    let is_there = "select to_regclass('pg_dist_partition') is not null";
    if !client.query_one(is_there, &[])?.try_get::<_, bool>(0)? {
        return Ok(BTreeMap::new());
    }
    let placed = "select t.relname::text, p.partmethod::text from pg_dist_partition p
      join pg_class t on t.oid = p.logicalrelid
      where t.relnamespace = current_schema()::regnamespace";
    let mut found = BTreeMap::new();
    for row in client.query(placed, &[])? {
        if let Some(placement) = Placement::read(row.try_get(1)?) {
            found.insert(row.try_get(0)?, placement);
        }
    }
    Ok(found)
}

/// Places a table, within a transaction. Citus copies the rows that are there already by `COPY`, which
/// PostgreSQL refuses where row-level security is on: it is off meanwhile, and for no one else.
fn place(client: &mut Pipeline, table: &Table) -> Result<(), Error> {
    let name = table.name;
    let has_wall = table.is_of_organizations();
    if has_wall {
        client.batch_execute(&format!("alter table {name} disable row level security"))?;
    }
    client.batch_execute(&statement(table))?;
    if has_wall {
        client.batch_execute(&format!("alter table {name} enable row level security"))?;
        client.batch_execute(&format!("alter table {name} force row level security"))?;
    }
    if Placement::of(table) == Placement::ByOrganization {
        client.batch_execute(&tell_shards(table))?;
    }
    Ok(())
}

/// Distributes each table that is not yet. Says of each that it is done, and answers their names.
///
/// # Errors
///
/// [`Unusable::NotDistributed`] where PostgreSQL has no Citus.
pub(super) fn distribute(
    client: &mut Pipeline,
    done: &mut dyn FnMut(&'static str, Placement),
) -> Result<Vec<&'static str>, Error> {
    let Some(Distributed { missing, .. }) = look(client)? else {
        return Err(Unusable::NotDistributed.into());
    };
    let (first, others): (Vec<_>, Vec<_>) = TABLES
        .iter()
        .filter(|table| missing.contains(&table.name))
        .partition(|table| table.name == anchor());
    for table in first.into_iter().chain(others) {
        client.batch_execute("begin")?;
        let placed = place(client, table);
        client.batch_execute(if placed.is_ok() { "commit" } else { "rollback" })?;
        placed?;
        done(table.name, Placement::of(table));
    }
    // Distributing copies the policies; what was made in between is made good.
    wall::build(client)?;
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::{Placement, anchor, statement};
    use crate::store::tables::{Rows, TABLES};

    #[test]
    fn every_table_is_placed_as_the_registry_says_and_lies_beside_its_organization() {
        let anchor = anchor();
        for table in TABLES {
            let (name, statement) = (table.name, statement(table));
            let expected = match table.rows {
                Rows::Installation | Rows::Way => {
                    format!("select create_reference_table('{name}')")
                }
                _ if name == anchor => {
                    format!(
                        "select create_distributed_table('{name}', 'org', colocate_with => 'none')"
                    )
                }
                _ => format!(
                    "select create_distributed_table('{name}', 'org', colocate_with => '{anchor}')"
                ),
            };
            assert_eq!(statement, expected);
        }
    }

    #[test]
    fn the_catalogue_of_citus_is_understood() {
        assert_eq!(Placement::read("h"), Some(Placement::ByOrganization));
        assert_eq!(Placement::read("n"), Some(Placement::Everywhere));
        assert_eq!(Placement::read("a"), None);
    }
}

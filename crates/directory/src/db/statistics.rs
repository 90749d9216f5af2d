//! What the planners are told about the tables: a step of its own after the migrations.
//!
//! Both engines begin with a wrong idea. SQLite believes that ten rows share an `org`, and walks
//! through all of an organization rather than use the index that begins with the same column.
//! PostgreSQL, while its tables are empty, makes plans that read whole tables. So SQLite is told
//! fixed numbers and never measures, and PostgreSQL is told how few organizations there are and
//! measures rows that are thrown away at once (docs/decisions/0003).

use super::{distribution, link::Link, pipeline::Pipeline};
use crate::{error::Error, store::tables::TABLES};

/// Tells the planner. May be repeated.
pub(super) fn tell(link: &mut Link) -> Result<(), Error> {
    match link {
        Link::Sqlite(link) => {
            // `analyze` makes the table of statistics.
            link.connection.execute_batch("analyze; delete from sqlite_stat1;")?;
            let mut insert = link
                .connection
                .prepare("insert into sqlite_stat1 (tbl, idx, stat) values (?1, ?2, ?3)")?;
            for table in TABLES {
                for index in table.indexes {
                    insert.execute((table.name, index.name, index.statistics))?;
                }
            }
            drop(insert);
            link.connection.execute_batch("analyze sqlite_schema")?;
        }
        Link::Postgres(link) => {
            // The rows are there for no one else.
            link.client.batch_execute("begin")?;
            let told = tell_postgres(&mut link.client);
            link.client.batch_execute(if told.is_ok() { "commit" } else { "rollback" })?;
            told?;
        }
    }
    Ok(())
}

/// The names are constants of the registry, so they can stand in the text. Statements are sent one
/// by one, as a distributed PostgreSQL wants them.
fn tell_postgres(client: &mut Pipeline) -> Result<(), Error> {
    let is_new = "select not exists (select 1 from organization)";
    let is_new: bool = client.query_one(is_new, &[])?.try_get(0)?;
    let distributed = distribution::placed(client)?;
    let tables = TABLES.iter().filter(|it| it.is_of_organizations() && !it.indexes.is_empty());
    for name in tables.map(|table| table.name) {
        // Every row may be of one organization: the largest is the one that must not get slow.
        // Where a table is distributed, its shards were told when it was.
        if distributed.contains_key(name) {
            client.batch_execute(&format!("analyze {name}"))?;
            continue;
        }
        client
            .batch_execute(&format!("alter table {name} alter column org set (n_distinct = 1)"))?;
        if is_new {
            let (names, values) = some_row(client, name)?;
            client.batch_execute(&format!(
                "insert into {name} ({names}) select {values} from generate_series(1, 200) as n"
            ))?;
        }
        client.batch_execute(&format!("analyze {name}"))?;
        if is_new {
            client.batch_execute(&format!("truncate {name}"))?;
        }
    }
    Ok(())
}

/// The columns of a table, and values for row `n`, whatever they mean.
fn some_row(client: &mut Pipeline, table: &str) -> Result<(String, String), Error> {
    let columns = "select quote_ident(attname), case
        when atttypid = 'bytea'::regtype then '''''::bytea'
        when attname in ('kind', 'path', 'level', 'active') then 'n % 3'
        else 'n' end
      from pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum";
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for row in client.query(columns, &[&table])? {
        names.push(row.try_get::<_, String>(0)?);
        values.push(row.try_get::<_, String>(1)?);
    }
    Ok((names.join(", "), values.join(", ")))
}

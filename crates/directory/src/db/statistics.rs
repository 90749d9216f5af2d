//! What the planners are told about the tables: a step of its own after the migrations.
//!
//! Both engines begin with a wrong idea. SQLite believes that ten rows share an `org`, and walks
//! through all of an organization rather than use the index that begins with the same column.
//! PostgreSQL, while its tables are empty, makes plans that read whole tables. So SQLite is told
//! fixed numbers and never measures, and PostgreSQL is told how few organizations there are and
//! measures rows that are thrown away at once (docs/decisions/0003).

use super::session::Link;
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
            let tables: Vec<&str> = TABLES
                .iter()
                .filter(|table| table.is_of_organizations() && !table.indexes.is_empty())
                .map(|table| table.name)
                .collect();
            link.client.batch_execute(&for_postgres(&tables))?;
        }
    }
    Ok(())
}

/// The names are constants of the registry, so they can stand in the text.
fn for_postgres(tables: &[&str]) -> String {
    format!(
        "do $$
         declare
           is_new boolean := not exists (select 1 from organization);
           t text; names text; texts text;
         begin
           foreach t in array array['{}'] loop
             -- Every row may be of one organization: the largest is the one that must not get slow.
             execute format('alter table %I alter column org set (n_distinct = 1)', t);
             if is_new then
               select string_agg(quote_ident(attname), ', ' order by attnum),
                      string_agg(case
                        when atttypid = 'bytea'::regtype then '''''::bytea'
                        when attname in ('kind', 'path', 'level', 'active') then 'n % 3'
                        else 'n' end, ', ' order by attnum)
                 into names, texts from pg_attribute
                 where attrelid = t::regclass and attnum > 0 and not attisdropped;
               execute format('insert into %I (%s) select %s from generate_series(1, 200) as n',
                              t, names, texts);
             end if;
             execute format('analyze %I', t);
             if is_new then execute format('truncate %I', t); end if;
           end loop;
         end
         $$",
        tables.join("', '")
    )
}

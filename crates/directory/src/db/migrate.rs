//! Migrations: numbered SQL files, one text for both engines; and the version of the schema that a
//! store has.

use refinery::{Migration, Runner};

use super::session::Link;
use crate::error::Error;

mod files {
    refinery::embed_migrations!("migrations");
}

/// The migrations as SQLite reads them.
fn for_sqlite() -> Runner {
    files::migrations::runner().set_abort_missing(false)
}

/// The migrations as PostgreSQL reads them.
fn for_postgres() -> Result<Runner, Error> {
    let migrations = for_sqlite()
        .get_migrations()
        .iter()
        .map(|migration| {
            let name = format!("V{}__{}", migration.version(), migration.name());
            let sql = translated(migration.sql().unwrap_or_default());
            Migration::unapplied(&name, &sql).map_err(|error| Error::Store(Box::new(error)))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Runner::new(&migrations).set_abort_missing(false))
}

/// The text of a migration in PostgreSQL's words: 64-bit numbers, and texts that compare bytewise.
/// Comments stay as they are.
fn translated(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() * 2);
    for line in sql.lines() {
        if line.trim_start().starts_with("--") {
            text.push_str(line);
        } else {
            let line = line
                .replace(" integer", " bigint")
                .replace(" text", " text collate \"C\"")
                .replace(" blob", " bytea")
                .replace(") strict, without rowid;", ");")
                .replace(") strict;", ");");
            text.push_str(&line);
        }
        text.push('\n');
    }
    text
}

/// The version of the schema that this program needs: the number of the newest migration.
pub(crate) fn needed() -> u32 {
    let versions = for_sqlite().get_migrations().iter().map(Migration::version).max();
    versions.and_then(|version| u32::try_from(version).ok()).unwrap_or(0)
}

/// The version of the schema that a database has; `None`: it has none.
pub(super) fn found(link: &mut Link) -> Result<Option<u32>, Error> {
    const HISTORY: &str = "select coalesce(max(version), 0) from refinery_schema_history";
    let version: i64 = match link {
        Link::Sqlite(link) => {
            let table = "select count(*) from sqlite_schema where name = 'refinery_schema_history'";
            if link.connection.query_row(table, [], |row| row.get::<_, i64>(0))? == 0 {
                return Ok(None);
            }
            link.connection.query_row(HISTORY, [], |row| row.get(0))?
        }
        Link::Postgres(link) => {
            let table = "select to_regclass('refinery_schema_history') is not null";
            if !link.client.query_one(table, &[])?.try_get::<_, bool>(0)? {
                return Ok(None);
            }
            link.client.query_one(HISTORY, &[])?.try_get::<_, i32>(0)?.into()
        }
    };
    Ok(u32::try_from(version).ok().filter(|version| *version > 0))
}

/// Applies the migrations that a database lacks. Answers their names.
pub(super) fn run(link: &mut Link) -> Result<Vec<String>, Error> {
    let report = match link {
        Link::Sqlite(link) => for_sqlite().run(&mut link.connection),
        Link::Postgres(link) => for_postgres()?.run(&mut link.client),
    };
    let report = report.map_err(|error| Error::Store(Box::new(error)))?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use refinery::Migration;

    use super::{for_postgres, for_sqlite, translated};

    #[test]
    fn both_engines_have_the_same_migrations_without_a_gap() {
        let names = |runner: &refinery::Runner| -> Vec<String> {
            runner.get_migrations().iter().map(ToString::to_string).collect()
        };
        let sqlite = for_sqlite();
        assert_eq!(names(&sqlite), names(&for_postgres().expect("they can be read")));
        let mut versions: Vec<i32> =
            sqlite.get_migrations().iter().map(Migration::version).collect();
        versions.sort_unstable();
        assert!(!versions.is_empty());
        assert!(versions.iter().zip(1..).all(|(version, number)| *version == number));
    }

    #[test]
    fn postgres_reads_the_same_columns_under_its_own_types() {
        let sql = "-- a text of integers\ncreate table t (\n  a integer primary key, b text not null, \
                   c blob\n) strict, without rowid;\n";
        assert_eq!(
            translated(sql),
            "-- a text of integers\ncreate table t (\n  a bigint primary key, b text collate \"C\" \
             not null, c bytea\n);\n"
        );
    }
}

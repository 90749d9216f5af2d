//! Migrations: numbered SQL files, one text for both engines; and the version of the schema that a
//! store has (docs/decisions/0031).
//!
//! Statements are sent one by one, as a distributed PostgreSQL wants its DDL; all migrations that a
//! store lacks are one transaction, so a store has the old schema or the new one. Whoever migrates
//! [holds a lock](lock): a second `doorward migrate` waits, and finds nothing left to do.

use aws_lc_rs::digest::{SHA256, digest};

use super::link::Link;
use crate::error::{Error, Unusable};

/// Says which migrations were applied. It is no table of the registry: it is there before any.
pub(super) const HISTORY: &str = "schema_history";

/// One file of `crates/directory/migrations`.
struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

/// The migrations in their order; a test compares them with the folder.
const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "store", sql: include_str!("../../migrations/V1__store.sql") }];

impl Migration {
    /// The name of its file, without the ending.
    fn label(&self) -> String {
        format!("V{}__{}", self.version, self.name)
    }

    /// Tells a text from another that was applied under the same number.
    fn checksum(&self) -> Vec<u8> {
        digest(&SHA256, self.sql.as_bytes()).as_ref().to_vec()
    }
}

/// The statements of a file, each without its semicolon. Lines of comments are left out: a comment
/// may hold a semicolon, the texts of our statements hold none.
fn statements(sql: &str) -> Vec<String> {
    let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split(';').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// A statement in PostgreSQL's words: 64-bit numbers, and texts that compare bytewise.
fn translated(statement: &str) -> String {
    let statement = statement
        .replace(" integer", " bigint")
        .replace(" text", " text collate \"C\"")
        .replace(" blob", " bytea");
    let bare = statement.strip_suffix(" strict, without rowid");
    bare.or_else(|| statement.strip_suffix(" strict")).unwrap_or(&statement).to_owned()
}

/// The version of the schema that this program needs: the number of the newest migration.
pub(crate) fn needed() -> u32 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// The version of the schema that a database has; `None`: it has none.
pub(super) fn found(link: &mut Link) -> Result<Option<u32>, Error> {
    let is_there: bool = match link {
        Link::Sqlite(link) => {
            let table = "select count(*) > 0 from sqlite_schema where name = ?1";
            link.connection.query_row(table, [HISTORY], |row| row.get(0))?
        }
        Link::Postgres(link) => {
            let table = "select to_regclass($1) is not null";
            link.client.query_one(table, &[&HISTORY])?.try_get(0)?
        }
    };
    if !is_there {
        return Ok(None);
    }
    let newest = format!("select coalesce(max(version), 0) from {HISTORY}");
    let version: i64 = match link {
        Link::Sqlite(link) => link.connection.query_row(&newest, [], |row| row.get(0))?,
        Link::Postgres(link) => link.client.query_one(&newest, &[])?.try_get(0)?,
    };
    Ok(u32::try_from(version).ok().filter(|version| *version > 0))
}

/// Applies the migrations that a database lacks. Answers their names.
///
/// # Errors
///
/// [`Unusable::NewSchema`] where a newer program was here, [`Unusable::OtherSchema`] where a
/// migration was applied with another text; [`Error::Store`] where one fails: then none was applied.
pub(super) fn run(link: &mut Link) -> Result<Vec<String>, Error> {
    begin(link)?;
    let applied = apply_missing(link);
    let end = if applied.is_ok() { "commit" } else { "rollback" };
    let ended = execute(link, end);
    let applied = applied?;
    ended.map(|()| applied)
}

/// Waits until no one else migrates the PostgreSQL database; no one else does until the connection
/// ends, so that the policies and statistics that follow the migrations are made by one, too. SQLite's
/// transaction does the same.
pub(super) fn lock(link: &mut Link) -> Result<(), Error> {
    // An arbitrary number, of this lock only.
    const LOCK: &str = "select pg_advisory_lock(7236271846)";
    if let Link::Postgres(link) = link {
        link.client.batch_execute(LOCK)?;
    }
    Ok(())
}

/// Begins the one transaction.
fn begin(link: &mut Link) -> Result<(), Error> {
    let begin = if matches!(link, Link::Sqlite(_)) { "begin immediate" } else { "begin" };
    execute(link, begin)
}

fn apply_missing(link: &mut Link) -> Result<Vec<String>, Error> {
    let history = format!(
        "create table if not exists {HISTORY} (version integer primary key, name text not null, \
         checksum blob not null) strict",
    );
    change(link, &history)?;
    let known = needed();
    let mut applied = Vec::new();
    let before = checksums(link)?;
    if let Some(found) = before.iter().map(|(version, _)| *version).max().filter(|it| *it > known) {
        return Err(Unusable::NewSchema { found, known }.into());
    }
    for migration in MIGRATIONS {
        let (version, checksum) = (migration.version, migration.checksum());
        match before.iter().find(|(number, _)| *number == version) {
            Some((_, found)) if *found == checksum => continue,
            Some(_) => return Err(Unusable::OtherSchema { version }.into()),
            None => {}
        }
        for statement in statements(migration.sql) {
            change(link, &statement)?;
        }
        record(link, migration, &checksum)?;
        applied.push(migration.label());
    }
    Ok(applied)
}

/// The versions that were applied, each with the checksum of its text.
fn checksums(link: &mut Link) -> Result<Vec<(u32, Vec<u8>)>, Error> {
    let select = format!("select version, checksum from {HISTORY}");
    match link {
        Link::Sqlite(link) => {
            let mut statement = link.connection.prepare(&select)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        }
        Link::Postgres(link) => {
            let rows = link.client.query(&select, &[])?;
            let read = |row: &tokio_postgres::Row| -> Result<_, Error> {
                let version: i64 = row.try_get(0)?;
                Ok((u32::try_from(version).unwrap_or(u32::MAX), row.try_get(1)?))
            };
            rows.iter().map(read).collect()
        }
    }
}

fn record(link: &mut Link, migration: &Migration, checksum: &[u8]) -> Result<(), Error> {
    let insert = format!("insert into {HISTORY} (version, name, checksum) values ($1, $2, $3)");
    let (version, name) = (i64::from(migration.version), migration.name);
    match link {
        Link::Sqlite(link) => {
            link.connection.execute(&insert, (version, name, checksum)).map(drop)?;
        }
        Link::Postgres(link) => {
            link.client.execute(&insert, &[&version, &name, &checksum]).map(drop)?;
        }
    }
    Ok(())
}

/// Runs a statement that is written in SQLite's words.
fn change(link: &mut Link, statement: &str) -> Result<(), Error> {
    match link {
        Link::Sqlite(_) => execute(link, statement),
        Link::Postgres(_) => execute(link, &translated(statement)),
    }
}

fn execute(link: &mut Link, statement: &str) -> Result<(), Error> {
    match link {
        Link::Sqlite(link) => link.connection.execute_batch(statement)?,
        Link::Postgres(link) => link.client.batch_execute(statement)?,
    }
    Ok(())
}

/// The number under which the history of the schema tells of a copy that is not finished. No
/// migration has it.
const COPYING: i64 = 0;

/// What a copy into the store began with that is not finished, if there is one.
pub(super) fn unfinished(link: &mut Link) -> Result<Option<Vec<u8>>, Error> {
    let rows = checksums(link)?.into_iter();
    let mut unfinished = rows.filter(|(version, _)| i64::from(*version) == COPYING);
    Ok(unfinished.next().map(|(_, state)| state))
}

/// Marks the store as one that a copy is made into. `state` tells what is copied.
pub(super) fn begin_copy(link: &mut Link, state: &[u8]) -> Result<(), Error> {
    match link {
        Link::Sqlite(link) => {
            let insert = format!("insert into {HISTORY} values (?1, 'copying', ?2)");
            link.connection.execute(&insert, (COPYING, state))?;
        }
        Link::Postgres(link) => {
            let insert = format!("insert into {HISTORY} values ($1, 'copying', $2)");
            link.client.execute(&insert, &[&COPYING, &state])?;
        }
    }
    Ok(())
}

/// The copy is whole.
pub(super) fn end_copy(link: &mut Link) -> Result<(), Error> {
    execute(link, &format!("delete from {HISTORY} where version = {COPYING}"))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::{MIGRATIONS, Migration, statements, translated};

    #[test]
    fn each_file_of_the_folder_is_a_migration_and_none_is_left_out() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files: BTreeSet<String> = fs::read_dir(folder)
            .expect("the folder is there")
            .map(|file| file.expect("it can be read").file_name().into_string().expect("a name"))
            .collect();
        let known = MIGRATIONS.iter().map(|migration| format!("{}.sql", migration.label()));
        assert_eq!(files, known.collect());
        let versions = MIGRATIONS.iter().map(|migration| migration.version);
        assert!(versions.eq(1..=u32::try_from(MIGRATIONS.len()).expect("a few")));
    }

    #[test]
    fn what_is_in_a_migration_is_told_by_its_checksum() {
        let one = Migration { version: 1, name: "a", sql: "create table a (b integer) strict;" };
        let other = Migration { version: 1, name: "a", sql: "create table a (c integer) strict;" };
        assert_ne!(one.checksum(), other.checksum());
    }

    #[test]
    fn a_file_is_read_as_its_statements() {
        let sql = "-- one; and its text\ncreate table a (\n  -- of a\n  b text\n) strict;\n\ncreate \
                   index a_b on a (b) where b is not null;\n-- the end\n";
        assert_eq!(
            statements(sql),
            [
                "create table a (\n  b text\n) strict",
                "create index a_b on a (b) where b is not null"
            ]
        );
    }

    #[test]
    fn postgres_reads_the_same_columns_under_its_own_types() {
        let statement = "create table t (\n  a integer primary key, b text not null, c blob\n) \
                         strict, without rowid";
        assert_eq!(
            translated(statement),
            "create table t (\n  a bigint primary key, b text collate \"C\" not null, c bytea\n)"
        );
        assert_eq!(translated("create table t (a integer) strict"), "create table t (a bigint)");
    }
}

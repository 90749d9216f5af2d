//! Migrations: numbered SQL files, the same names and numbers for both engines.

use crate::error::Error;

mod sqlite_files {
    refinery::embed_migrations!("migrations/sqlite");
}

mod postgres_files {
    refinery::embed_migrations!("migrations/postgres");
}

pub(super) fn sqlite(connection: &mut rusqlite::Connection) -> Result<Vec<String>, Error> {
    applied(sqlite_files::migrations::runner().set_abort_missing(false).run(connection))
}

pub(super) fn postgres(client: &mut postgres::Client) -> Result<Vec<String>, Error> {
    applied(postgres_files::migrations::runner().set_abort_missing(false).run(client))
}

/// The number of the newest one: the same for both engines.
pub(crate) fn newest_migration() -> u64 {
    let all = sqlite_files::migrations::runner();
    let versions = all.get_migrations().iter().map(refinery::Migration::version);
    versions.max().map_or(0, |newest| u64::from(newest.unsigned_abs()))
}

fn applied(result: Result<refinery::Report, refinery::Error>) -> Result<Vec<String>, Error> {
    let report = result.map_err(|error| Error::Store(Box::new(error)))?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::{postgres_files, sqlite_files};

    #[test]
    fn both_engines_have_the_same_migrations() {
        let names = |runner: refinery::Runner| -> Vec<String> {
            runner.get_migrations().iter().map(ToString::to_string).collect()
        };
        let sqlite = names(sqlite_files::migrations::runner());
        assert_eq!(sqlite, names(postgres_files::migrations::runner()));
        assert!(!sqlite.is_empty());
    }
}

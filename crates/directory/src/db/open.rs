//! Opening the engines: where the store is, and how each engine is set up.

use std::{collections::HashMap, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::{
    migrate,
    postgres_url::PostgresUrl,
    session::{Link, PostgresLink, Session},
};
use crate::error::Error;

/// The database in the directory of a store.
const FILE: &str = "doorward.db";

/// Where the store is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A directory of this machine's own disk; the database is `doorward.db` in it.
    Directory(PathBuf),
    /// A `postgres://` address. It may hold a password, so it cannot be printed.
    Postgres(SecretString),
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
    Migrate,
}

impl Location {
    pub(super) fn open(&self, purpose: Purpose) -> Result<Session, Error> {
        self.link(purpose).map(Session::new)
    }

    fn link(&self, purpose: Purpose) -> Result<Link, Error> {
        match self {
            Self::Directory(directory) => open_sqlite(directory, purpose).map(Link::Sqlite),
            Self::Postgres(url) => {
                let client = open_postgres(url, purpose)?;
                Ok(Link::Postgres(Box::new(PostgresLink { client, prepared: HashMap::new() })))
            }
        }
    }

    /// Whether there is a store to open. A PostgreSQL database was made by its administrator, so
    /// it counts as one even while it is empty.
    #[must_use]
    pub fn exists(&self) -> bool {
        match self {
            Self::Directory(directory) => directory.join(FILE).exists(),
            Self::Postgres(_) => true,
        }
    }

    /// Brings the schema up to date. Answers the names of the migrations that were applied.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the store cannot be opened; [`Error::Store`] where a migration
    /// fails: it is then not applied at all.
    pub fn migrate(&self) -> Result<Vec<String>, Error> {
        if let Self::Directory(directory) = self {
            create_private(directory)?;
        }
        let applied = match self.link(Purpose::Migrate)? {
            Link::Sqlite(mut connection) => migrate::sqlite(&mut connection)?,
            Link::Postgres(mut link) => migrate::postgres(&mut link.client)?,
        };
        for name in &applied {
            tracing::info!("applied the migration {name}");
        }
        Ok(applied)
    }
}

/// The directory holds people's data: only its owner may look into it.
fn create_private(directory: &std::path::Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| {
        Error::Unavailable(format!("cannot create the directory {}: {error}", directory.display()))
    })
}

/// An empty file is an empty database. `SQLite` would let the umask decide who may read it; it gives
/// the `-wal` and `-shm` beside it the mode of the database itself.
fn create_private_file(path: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        // A strange umask may even have locked out the owner.
        #[cfg(unix)]
        Ok(file) => file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)),
        result => result.map(drop),
    }
}

fn open_sqlite(
    directory: &std::path::Path,
    purpose: Purpose,
) -> Result<rusqlite::Connection, Error> {
    let path = directory.join(FILE);
    if purpose != Purpose::Migrate && !path.exists() {
        return Err(Error::Unavailable(format!("there is no database at {}", path.display())));
    }
    if purpose == Purpose::Migrate {
        create_private_file(&path).map_err(|error| {
            Error::Unavailable(format!("cannot create the database {}: {error}", path.display()))
        })?;
    }
    let connection = rusqlite::Connection::open(&path).map_err(|error| {
        Error::Unavailable(format!("cannot open the database {}: {error}", path.display()))
    })?;
    connection.set_prepared_statement_cache_capacity(256);
    // FULL: what was acknowledged survives a power cut. Group commit pays for it.
    connection.execute_batch(
        "pragma journal_mode = wal;
         pragma synchronous = full;
         pragma foreign_keys = on;
         pragma trusted_schema = off;
         pragma cell_size_check = on;
         pragma busy_timeout = 5000;
         pragma temp_store = memory;
         pragma journal_size_limit = 67108864;",
    )?;
    match purpose {
        Purpose::Read => {
            connection.execute_batch("pragma cache_size = -16384; pragma query_only = on;")?;
        }
        Purpose::Write | Purpose::Migrate => {
            connection.execute_batch("pragma cache_size = -65536;")?;
        }
    }
    Ok(connection)
}

fn open_postgres(url: &SecretString, purpose: Purpose) -> Result<postgres::Client, Error> {
    let url = PostgresUrl::parse(url.expose_secret()).map_err(Error::Unavailable)?;
    let mut client = url.connect().map_err(Error::Unavailable)?;
    let (statement, lock) = match purpose {
        // A migration may rewrite a table, and a second process waits for the first.
        Purpose::Migrate => ("0", "60s"),
        Purpose::Read | Purpose::Write => ("5s", "2s"),
    };
    client.batch_execute(&format!(
        "set statement_timeout = '{statement}'; set lock_timeout = '{lock}';
         set idle_in_transaction_session_timeout = '10s'; set client_min_messages = warning;
         set default_transaction_isolation = 'read committed'"
    ))?;
    Ok(client)
}

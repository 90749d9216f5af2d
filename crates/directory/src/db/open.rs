//! Opening the engines: where the store is, and how each engine is set up.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use rusqlite::config::DbConfig;
use secrecy::{ExposeSecret, SecretString};

use super::{
    distribution::{self, Distributed, Placement},
    link::{Link, PostgresLink, SqliteLink},
    migrate,
    pipeline::{ANSWER_LIMIT, Pipeline},
    postgres_url::PostgresUrl,
    scope::ALL,
    session::Session,
    statistics,
    wall::{self, Wall},
};
use crate::error::{Error, Unusable};

/// The database in the directory of a store.
pub(super) const FILE: &str = "doorward.db";
/// A file that is written to see whether there is space, and removed.
const ROOM: &str = "room";
/// Bytes that many changes need.
const ENOUGH: usize = 1 << 20;

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
pub(crate) enum Purpose {
    Read,
    Write,
    Migrate,
    /// To read for as long as someone takes in what is told.
    Apart,
}

impl Location {
    pub(crate) fn open(&self, purpose: Purpose) -> Result<Session, Error> {
        self.link(purpose).map(Session::new)
    }

    pub(super) fn link(&self, purpose: Purpose) -> Result<Link, Error> {
        match self {
            Self::Directory(directory) => {
                open_sqlite(directory, purpose).map(SqliteLink::new).map(Link::Sqlite)
            }
            Self::Postgres(url) => {
                let client = open_postgres(url, purpose)?;
                Ok(Link::Postgres(Box::new(PostgresLink::new(client))))
            }
        }
    }

    /// Makes sure that the schema is the one that this program needs. `create`: where there is no
    /// store yet, one is made. Answers whether one was made.
    ///
    /// A SQLite store that an older program made is brought up to date here, where no one serves
    /// it at the moment; a PostgreSQL store never is.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] where there is no store, or its schema is an older or a newer one.
    pub(crate) fn prepare(&self, create: bool) -> Result<bool, Error> {
        let is_there = match self {
            Self::Directory(directory) => directory.join(FILE).exists(),
            Self::Postgres(_) => true,
        };
        let mut link = if is_there { Some(self.link(Purpose::Migrate)?) } else { None };
        let found = link.as_mut().map(migrate::found).transpose()?.flatten();
        if found.is_some()
            && let Some(link) = &mut link
            && migrate::unfinished(link)?.is_some()
        {
            return Err(Unusable::Unfinished.into());
        }
        drop(link);
        let needed = migrate::needed();
        match found {
            None if create => self.bring_up_to_date().map(|_| true),
            None => Err(Unusable::Missing.into()),
            Some(found) if found > needed => {
                Err(Unusable::NewSchema { found, known: needed }.into())
            }
            Some(found) if found < needed => {
                let old = Error::from(Unusable::OldSchema { found, needed });
                match self {
                    Self::Postgres(_) => Err(old),
                    Self::Directory(_) => match self.migrate() {
                        Err(Error::Unusable(Unusable::Served { .. })) => Err(old),
                        migrated => migrated.map(|_| false),
                    },
                }
            }
            Some(_) => Ok(false),
        }
    }

    /// Looks whether an address of PostgreSQL can be understood; no server is asked.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that repeat nothing that may be part of a password.
    pub fn check_url(url: &str) -> Result<(), String> {
        PostgresUrl::read(url).map(drop)
    }

    /// Whether there is space for many changes. PostgreSQL does not tell.
    ///
    /// # Errors
    ///
    /// [`Error::Full`], and [`Error::Unavailable`] where the disk says something else.
    pub(crate) fn has_room(&self) -> Result<(), Error> {
        let Self::Directory(directory) = self else { return Ok(()) };
        let path = directory.join(ROOM);
        let written = std::fs::write(&path, vec![0; ENOUGH]);
        let removed = std::fs::remove_file(&path);
        written.and(removed).map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full,
            _ => Error::Unavailable(format!("cannot write {}: {error}", path.display())),
        })
    }

    /// Spreads the tables over the machines of a distributed PostgreSQL (Citus), each that is not yet:
    /// it may be repeated, and goes on where it was interrupted. Says of each that it is done, and
    /// answers their names. Migrations that come later keep the tables where they are.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] where PostgreSQL has no Citus, or the store is on SQLite;
    /// [`Error::Unavailable`] where the database cannot be reached.
    pub fn distribute(
        &self,
        mut done: impl FnMut(&'static str, Placement),
    ) -> Result<Vec<&'static str>, Error> {
        match self {
            Self::Directory(_) => Err(Unusable::NotDistributed.into()),
            Self::Postgres(_) => match self.link(Purpose::Migrate)? {
                Link::Postgres(mut link) => distribution::distribute(&mut link.client, &mut done),
                Link::Sqlite(_) => Err(Unusable::NotDistributed.into()),
            },
        }
    }

    /// How the tables are distributed; `None`: they are on one machine.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the database cannot be reached.
    pub fn distributed(&self) -> Result<Option<Distributed>, Error> {
        match self {
            Self::Directory(_) => Ok(None),
            Self::Postgres(_) => match self.link(Purpose::Read)? {
                Link::Postgres(mut link) => distribution::look(&mut link.client),
                Link::Sqlite(_) => Ok(None),
            },
        }
    }

    /// How the second wall between organizations stands: row-level security, which PostgreSQL has
    /// and SQLite has not (`None`).
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the database cannot be reached.
    pub fn wall(&self) -> Result<Option<Wall>, Error> {
        match self {
            Self::Directory(_) => Ok(None),
            Self::Postgres(_) => match self.link(Purpose::Read)? {
                Link::Postgres(mut link) => wall::look(&mut link.client).map(Some),
                Link::Sqlite(_) => Ok(None),
            },
        }
    }

    /// Brings the schema up to date, and tells the planner about the tables. Answers the names of
    /// the migrations that were applied.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the store cannot be opened; [`Error::Unusable`] where a newer
    /// program made it, or a server uses the directory; [`Error::Store`] where a migration fails: it
    /// is then not applied at all.
    pub fn migrate(&self) -> Result<Vec<String>, Error> {
        self.create_private()?;
        let _lock = self.lock()?;
        self.bring_up_to_date()
    }

    fn bring_up_to_date(&self) -> Result<Vec<String>, Error> {
        self.create_private()?;
        let mut link = self.link(Purpose::Migrate)?;
        migrate::lock(&mut link)?;
        let applied = migrate::run(&mut link)?;
        if let Link::Postgres(link) = &mut link {
            wall::build(&mut link.client)?;
        }
        if !applied.is_empty() {
            statistics::tell(&mut link)?;
        }
        for name in &applied {
            tracing::info!("applied the migration {name}");
        }
        Ok(applied)
    }

    /// The directory holds people's data: only its owner may look into it.
    pub(super) fn create_private(&self) -> Result<(), Error> {
        let Self::Directory(directory) = self else { return Ok(()) };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory).map_err(|error| {
            let directory = directory.display();
            Error::Unavailable(format!("cannot create the directory {directory}: {error}"))
        })
    }
}

/// An empty file is an empty database. `SQLite` would let the umask decide who may read it; it gives
/// the `-wal` and `-shm` next to it the mode of the database itself.
pub(super) fn create_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // A strange umask may even have locked out the owner.
        #[cfg(unix)]
        Ok(file) => file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)),
        result => result.map(drop),
    }
}

fn open_sqlite(directory: &Path, purpose: Purpose) -> Result<rusqlite::Connection, Error> {
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
    // Where opening for changes fails, SQLite opens for reading, and would refuse every change for
    // as long as the connection lives.
    if connection.is_readonly("main")? {
        return Err(Error::Unavailable(format!(
            "the database {} can be read and not changed",
            path.display()
        )));
    }
    connection.set_prepared_statement_cache_capacity(256);
    // Without it, a statement that a partial index serves is planned anew each time that another
    // value is bound to it: a third of the cost of a small read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
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
        Purpose::Read | Purpose::Apart => {
            connection.execute_batch("pragma cache_size = -16384; pragma query_only = on;")?;
        }
        Purpose::Write | Purpose::Migrate => {
            connection.execute_batch("pragma cache_size = -65536;")?;
        }
    }
    Ok(connection)
}

fn open_postgres(url: &SecretString, purpose: Purpose) -> Result<Pipeline, Error> {
    let url = PostgresUrl::parse(url.expose_secret()).map_err(Error::Unavailable)?;
    let mut client = url.connect().map_err(Error::Unavailable)?;
    let (statement, lock, idle) = match purpose {
        // A migration may rewrite a table, and a second process waits for the first. A copy keeps
        // one state of its source while it writes.
        Purpose::Migrate => ("0", "60s", "1h"),
        Purpose::Read | Purpose::Write => ("5s", "2s", "10s"),
        // Between its pieces it waits for whoever is told, whom the server cuts off.
        Purpose::Apart => ("5s", "2s", "10min"),
    };
    client.batch_execute(&format!(
        "set statement_timeout = '{statement}'; set lock_timeout = '{lock}';
         set idle_in_transaction_session_timeout = '{idle}'; set client_min_messages = warning;
         set default_transaction_isolation = 'read committed';
         set citus.propagate_set_commands = 'local'"
    ))?;
    match purpose {
        // It is about the rows of all organizations.
        Purpose::Migrate => client.batch_execute(&format!("set doorward.org = '{ALL}'"))?,
        Purpose::Read | Purpose::Write | Purpose::Apart => client.set_patience(ANSWER_LIMIT),
    }
    Ok(client)
}

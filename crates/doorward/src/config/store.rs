//! `data`, `database_url`, and the table `[store]`.

use std::path::PathBuf;

use directory::Pools;

use super::{
    database_url::DatabaseUrl,
    error::Origin,
    settings::{Settings, text},
    units::count,
};

/// Where the directory is kept.
#[derive(Clone, Debug)]
pub struct Store {
    /// What is used.
    pub chosen: Chosen,
    /// How many connections are kept to PostgreSQL.
    pub pools: Pools,
    /// Where each of the two was written, if it was.
    pub(super) data: Option<Origin>,
    pub(super) database_url: Option<Origin>,
}

/// SQLite or PostgreSQL.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// SQLite, in this directory.
    Data(PathBuf),
    /// PostgreSQL.
    Database(DatabaseUrl),
}

/// Each connection has a thread here and a process of PostgreSQL.
const MOST_CONNECTIONS: u64 = 500;

/// The directory of a store where no one named another.
pub const DEFAULT_DATA: &str = "./doorward-data";

/// Where both are written, the stronger source decides: `--data` on the command line means that
/// directory, whatever the environment says. Where both are equally strong, it is the database.
pub(super) fn read(settings: &mut Settings) -> Store {
    let data = settings.get("data", |raw| match text(raw)? {
        "" => Err("names no directory".to_owned()),
        directory => Ok(PathBuf::from(directory)),
    });
    let database_url = settings.get("database_url", |raw| DatabaseUrl::parse(text(raw)?));
    let strength = |key| settings.origin(key).map(Origin::strength);
    let chosen = match database_url {
        Some(url) if strength("database_url") >= strength("data") => Chosen::Database(url),
        _ => Chosen::Data(data.unwrap_or_else(|| PathBuf::from(DEFAULT_DATA))),
    };
    let mut pools = Pools::default();
    settings.set("store.writers", &mut pools.writers, count(MOST_CONNECTIONS));
    settings.set("store.readers", &mut pools.readers, count(MOST_CONNECTIONS));
    settings.set("store.scanners", &mut pools.scanners, count(MOST_CONNECTIONS));
    Store {
        chosen,
        pools,
        data: settings.origin("data").cloned(),
        database_url: settings.origin("database_url").cloned(),
    }
}

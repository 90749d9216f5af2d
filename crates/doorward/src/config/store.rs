//! `data` and `database_url`.

use std::path::PathBuf;

use super::{
    database_url::DatabaseUrl,
    error::Origin,
    settings::{Settings, text},
};

/// Where the directory is kept.
#[derive(Clone, Debug)]
pub struct Store {
    /// What is used.
    pub chosen: Chosen,
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
    Store {
        chosen,
        data: settings.origin("data").cloned(),
        database_url: settings.origin("database_url").cloned(),
    }
}

//! The store of a command: opened, used, closed.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, bail};
use directory::{Chance, Location, Store, StoreOptions, SystemClock};
use doorward::config::{Chosen, Config, DEFAULT_DATA};
use secrecy::SecretString;

/// What to do where there is no store yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Make one.
    Create,
    /// Say so: a command that only looks must not make an empty store.
    Refuse,
}

/// Where the store is.
pub(crate) fn location(config: &Config) -> Location {
    match &config.store.chosen {
        Chosen::Data(directory) => Location::Directory(directory.clone()),
        Chosen::Database(url) => Location::Postgres(SecretString::from(url.expose())),
    }
}

/// Where the store is, for people.
pub(crate) fn place(config: &Config) -> String {
    match &config.store.chosen {
        Chosen::Data(directory) => directory.display().to_string(),
        Chosen::Database(url) => url.to_string(),
    }
}

/// How a command for this store begins.
pub(crate) fn command(config: &Config) -> String {
    match &config.store.chosen {
        Chosen::Data(directory) if *directory == Path::new(DEFAULT_DATA) => "doorward".to_owned(),
        Chosen::Data(directory) => format!("doorward --data {}", directory.display()),
        Chosen::Database(url) => format!("doorward --database-url {url}"),
    }
}

/// Opens the store for one piece of work.
pub(crate) async fn with<T>(
    config: &Config,
    missing: Missing,
    work: impl AsyncFnOnce(&Store) -> Result<T>,
) -> Result<T> {
    let store = open(config, missing).await?;
    let result = work(&store).await;
    close(store).await?;
    result
}

/// Opens the store and brings its schema up to date.
pub(crate) async fn open(config: &Config, missing: Missing) -> Result<Store> {
    let location = location(config);
    if missing == Missing::Refuse && !location.exists() {
        bail!(
            "there is no store in {} yet; `doorward organization create NAME --slug SLUG` makes \
             one, and `--data DIR` names another",
            place(config)
        );
    }
    let options = StoreOptions {
        location,
        clock: Arc::new(SystemClock),
        chance: Arc::new(Chance::from_system()),
    };
    // Both drivers block.
    tokio::task::spawn_blocking(move || Store::open(options))
        .await
        .context("opening the store was cut off")?
        .with_context(|| format!("cannot open the store in {}", place(config)))
}

/// Closes the store: what is running is finished.
pub(crate) async fn close(store: Store) -> Result<()> {
    tokio::task::spawn_blocking(move || store.close()).await.context("closing the store failed")
}

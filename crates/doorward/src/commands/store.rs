//! The store of a command: opened, used, closed.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow};
use directory::{
    Error, Installation, Location, Lock, Pools, Random, Store, StoreOptions, SystemClock, Unusable,
};
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

/// What a command changes with: one connection to PostgreSQL, of which a server has many.
const ONE_WRITER: usize = 1;

/// Opens the store for one piece of work, done as the installation's operator.
pub(crate) async fn with<T>(
    config: &Config,
    missing: Missing,
    work: impl AsyncFnOnce(&Installation) -> Result<T>,
) -> Result<T> {
    let pools = Pools { writers: ONE_WRITER, ..config.store.pools };
    let store = start(config, location(config), missing, pools, Store::open).await?;
    let result = work(&installation(&store)).await;
    close(store).await?;
    result
}

/// The installation, in the hands of whoever runs a command on its store.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever may run commands on the store is an operator; this is the one place"
)]
pub(crate) fn installation(store: &Store) -> Installation {
    Installation::of_command_line(store)
}

/// Opens the store for a server.
pub(crate) async fn open(config: &Config, missing: Missing) -> Result<Store> {
    start(config, location(config), missing, config.store.pools, Store::open).await
}

/// Opens a copy of a store, which is elsewhere.
pub(crate) async fn open_copy(config: &Config, location: Location) -> Result<Store> {
    start(config, location, Missing::Refuse, config.store.pools, Store::open).await
}

/// Opens the store so that its keys can be made anew.
pub(crate) async fn open_with_any_folding(config: &Config) -> Result<Store> {
    let (pools, open) = (config.store.pools, Store::open_with_any_folding);
    start(config, location(config), Missing::Refuse, pools, open).await
}

async fn start(
    config: &Config,
    location: Location,
    missing: Missing,
    pools: Pools,
    open: fn(StoreOptions) -> Result<Store, Error>,
) -> Result<Store> {
    let options = StoreOptions {
        location,
        clock: Arc::new(SystemClock),
        random: Arc::new(Random::from_system()),
        create: missing == Missing::Create,
        pools,
    };
    // Both drivers block.
    tokio::task::spawn_blocking(move || open(options))
        .await
        .context("opening the store was cut off")?
        .map_err(|error| unopened(config, error))
}

/// Takes the lock of a data directory.
pub(crate) fn lock(config: &Config) -> Result<Lock> {
    location(config).lock().map_err(|error| unopened(config, error))
}

/// Why a store was not opened, and what helps.
pub(crate) fn unopened(config: &Config, error: Error) -> anyhow::Error {
    let (place, doorward) = (place(config), command(config));
    let Error::Unusable(why) = error else {
        return anyhow::Error::from(error).context(format!("cannot open the store in {place}"));
    };
    let help = match why {
        Unusable::Missing => {
            return anyhow!(
                "there is no store in {place} yet; `doorward organization create NAME --slug SLUG` \
                 makes one, and `--data DIR` names another"
            );
        }
        Unusable::Served { process } => {
            let process = process.map(|number| format!(" ({number})")).unwrap_or_default();
            return anyhow!(
                "another process{process} serves {place} already; stop it first, or choose another \
                 directory with `--data`"
            );
        }
        Unusable::Unfinished => {
            return anyhow!(
                "not all of the store in {place} is there: the copy into it is not finished; \
                 `doorward copy` goes on with it"
            );
        }
        Unusable::Occupied => {
            return anyhow!(
                "there is a store in {place} already; move its files away, or choose another \
                 directory with `--data`"
            );
        }
        Unusable::OldSchema { .. } => {
            format!("stop the servers on it, and bring it up to date with `{doorward} migrate`")
        }
        Unusable::NewSchema { .. } => "use that program, or a newer one".to_owned(),
        Unusable::OtherSchema { .. } => {
            "use the program that made it; versions between two releases are not migrated"
                .to_owned()
        }
        Unusable::NotDistributed => {
            "`--distribute` is for a database in which `create extension citus` was run".to_owned()
        }
        Unusable::OtherFolding { .. } => {
            format!("stop the servers on it, and make its keys anew with `{doorward} rekey`")
        }
        _ => return anyhow!("cannot use the store in {place}: {why}"),
    };
    anyhow!("cannot use the store in {place}: {why}; {help}")
}

/// Closes the store: what is running is finished.
pub(crate) async fn close(store: Store) -> Result<()> {
    tokio::task::spawn_blocking(move || store.close()).await.context("closing the store failed")
}

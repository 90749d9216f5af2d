//! [`Fresh`]: an empty store of one test, with the schema that the program makes.

use std::sync::Arc;

use tempfile::TempDir;
use testkit::Database;

use crate::{
    clock::{ManualClock, Time},
    db::{Location, Purpose, link::Link},
    random::Random,
    store::{Pools, Store, StoreOptions},
};

/// An empty store, which goes away with this value.
pub(crate) struct Fresh {
    location: Location,
    _directory: Option<TempDir>,
    _database: Option<Database>,
}

impl Fresh {
    pub(crate) fn sqlite() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let location = Location::Directory(directory.path().to_owned());
        Self { location, _directory: Some(directory), _database: None }.migrated()
    }

    /// `None`: PostgreSQL was left out.
    pub(crate) fn postgres() -> Option<Self> {
        let database = Database::create()?;
        let location = Location::Postgres(database.url().into());
        Some(Self { location, _directory: None, _database: Some(database) }.migrated())
    }

    /// One on each engine.
    pub(crate) fn on_each_engine() -> Vec<Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres()).collect()
    }

    fn migrated(self) -> Self {
        self.location.migrate().expect("the migrations apply");
        self
    }

    /// Where it is.
    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    /// A connection to its engine, about the rows of all organizations.
    pub(in crate::db) fn link(&self) -> Link {
        self.location.link(Purpose::Migrate).expect("it opens")
    }

    /// The store as the program opens it.
    pub(crate) fn open(&self) -> Store {
        let options = StoreOptions {
            location: self.location.clone(),
            clock: Arc::new(ManualClock::new(Time::from_micros(1))),
            random: Arc::new(Random::from_seed(1)),
            create: false,
            pools: Pools::default(),
        };
        Store::open(options).expect("it opens")
    }
}

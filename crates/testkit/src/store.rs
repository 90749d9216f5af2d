//! [`TestStore`]: a fresh store of one test.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use directory::{
    Access, Clock as _, Installation, Location, ManualClock, Pools, Random, Store, StoreOptions,
    Time,
    connection::{Protocol, Provider},
    maintenance::verify,
    organization::{self, Slug},
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::{
    Engine, TestOrganization,
    engines::postgres_url,
    schema::{Schema, on_plain_thread},
};

/// Enough for a test; each connection to PostgreSQL is a process.
const POOLS: Pools = Pools { writers: 3, readers: 5, scanners: 1 };

/// 2026-01-01T00:00:00Z in microseconds: where the clock of a test stands at first.
const START: i64 = 1_767_225_600_000_000;

/// A fresh store of one test, with a clock that stands still and ids that come from a seed.
#[derive(Debug)]
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// The engine it is on.
    pub engine: Engine,
    seed: AtomicU64,
    runtime: Runtime,
    // Last: the place goes away after the store is closed.
    place: Place,
}

#[derive(Debug)]
enum Place {
    Directory(TempDir),
    Schema(Schema),
}

impl Place {
    fn location(&self) -> Location {
        match self {
            Self::Directory(directory) => Location::Directory(directory.path().to_owned()),
            Self::Schema(schema) => Location::Postgres(schema.url().into()),
        }
    }
}

impl TestStore {
    /// Opens a fresh store. It may be called inside or outside of a runtime.
    #[must_use]
    pub fn open(engine: Engine) -> Self {
        let place = match engine {
            Engine::Sqlite => Place::Directory(TempDir::new().expect("a temporary directory")),
            Engine::Postgres => {
                let cluster = postgres_url().expect("DOORWARD_TEST_POSTGRES names a cluster");
                Place::Schema(Schema::take(cluster))
            }
        };
        let clock = Arc::new(ManualClock::new(Time::from_micros(START)));
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be started");
        let store = open(place.location(), &clock, 0);
        Self { store, clock, engine, seed: AtomicU64::new(1), runtime, place }
    }

    /// The store once more, as a second process would open it.
    #[must_use]
    pub fn another(&self) -> Store {
        open(self.place.location(), &self.clock, self.seed.fetch_add(1, Ordering::Relaxed))
    }

    /// Where the store is, for a test that comes to it in a way of its own.
    #[must_use]
    pub fn location(&self) -> Location {
        if let Place::Schema(schema) = &self.place {
            schema.expose();
        }
        self.place.location()
    }

    /// Waits for something in a runtime of this test. Not to be called inside of one.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let future: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(future);
        self.runtime.block_on(future)
    }

    /// The installation, in the hands of its operator.
    #[must_use]
    pub fn installation(&self) -> Installation {
        installation(&self.store)
    }

    /// Makes an organization whose name is its slug.
    pub async fn organization(&self, slug: &str) -> TestOrganization {
        let slug = Slug::parse(slug).expect("a slug");
        let (access, _) = organization::create(&self.installation(), &slug, slug.as_str(), None)
            .await
            .expect("the slug is free");
        TestOrganization::new(self.store.clone(), access, slug)
    }

    /// Makes a connection of an organization, Okta's with SCIM 2.0.
    pub async fn connection(&self, organization: &TestOrganization) -> crate::TestConnection {
        organization.connection(Provider::Okta, Protocol::Scim2).await
    }

    /// What is wrong in an organization, as `I1: sentence`.
    pub async fn violations(&self, access: &Access) -> Vec<String> {
        told(&verify::organization(&self.store, access).await.expect("it can be read"))
    }

    /// Asserts that nothing is wrong in any organization, nor in the installation.
    pub async fn assert_clean(&self) {
        let installation = self.installation();
        for (access, organization) in organization::list(&installation).await.expect("a list") {
            let violations = self.violations(&access).await;
            assert!(violations.is_empty(), "{}: {violations:#?}", organization.slug);
        }
        let findings = verify::installation(&installation).await.expect("it can be read");
        assert!(findings.violations.is_empty(), "{:#?}", told(&findings));
    }

    /// What time it is in this test.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

/// The installation of a store, in the hands of its operator.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tests act as operators, as the commands do")]
pub fn installation(store: &Store) -> Installation {
    Installation::of_command_line(store)
}

impl Drop for TestStore {
    fn drop(&mut self) {
        self.store.close();
    }
}

fn told(findings: &verify::Findings) -> Vec<String> {
    let violations = findings.violations.iter();
    violations.map(|violation| format!("{}: {}", violation.invariant, violation.detail)).collect()
}

fn open(location: Location, clock: &Arc<ManualClock>, seed: u64) -> Store {
    let clock = Arc::clone(clock);
    let random = Arc::new(Random::from_seed(seed));
    let options = StoreOptions { location, clock, random, create: true, pools: POOLS };
    on_plain_thread(|| Store::open(options).expect("a fresh store opens"))
}

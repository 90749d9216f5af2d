//! [`Engine`]: which engines a test runs on.

/// One of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Always there.
    Sqlite,
    /// There when `DOORWARD_TEST_POSTGRES` names a cluster.
    Postgres,
}

impl Engine {
    /// Whether tests can run on it here.
    #[must_use]
    pub fn is_there(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => postgres_url().is_some(),
        }
    }
}

/// The engines that are there.
#[must_use]
pub fn engines() -> Vec<Engine> {
    [Engine::Sqlite, Engine::Postgres].into_iter().filter(|engine| engine.is_there()).collect()
}

/// The address of the private cluster, for a user who may create schemas.
pub(crate) fn postgres_url() -> Option<String> {
    variable("DOORWARD_TEST_POSTGRES")
}

/// Whether the randomised tests should do many more rounds.
#[must_use]
pub fn long() -> bool {
    variable("DOORWARD_TEST_LONG").is_some()
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration but these variables")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

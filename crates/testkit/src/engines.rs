//! [`Engine`]: which engines a test runs on.

/// The address of the private cluster, or [`LEFT_OUT`].
const VARIABLE: &str = "DOORWARD_TEST_POSTGRES";

/// What someone without PostgreSQL says in place of an address.
const LEFT_OUT: &str = "none";

/// One of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Always there.
    Sqlite,
    /// In the cluster that `DOORWARD_TEST_POSTGRES` names.
    Postgres,
}

impl Engine {
    /// Whether tests run on it. Where they do not, that is printed.
    ///
    /// # Panics
    ///
    /// As [`postgres_url`].
    #[must_use]
    pub fn takes_part(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => postgres_url().is_some(),
        }
    }
}

/// The engines that tests run on.
///
/// # Panics
///
/// As [`postgres_url`].
#[must_use]
pub fn engines() -> Vec<Engine> {
    [Engine::Sqlite, Engine::Postgres].into_iter().filter(|engine| engine.takes_part()).collect()
}

/// The address of the private cluster, for a user who may create schemas. None, and a line that
/// says so, where PostgreSQL was left out on purpose.
///
/// # Panics
///
/// Where no one said which of the two: a test that passes without having run proves nothing.
#[must_use]
pub fn postgres_url() -> Option<String> {
    match choose(variable(VARIABLE)) {
        Ok(url) => {
            if url.is_none() {
                eprintln!("skipped: {VARIABLE}={LEFT_OUT}");
            }
            url
        }
        Err(sentence) => panic!("{sentence}"),
    }
}

fn choose(variable: Option<String>) -> Result<Option<String>, String> {
    match variable {
        None => Err(format!(
            "this test needs PostgreSQL, and {VARIABLE} is not set: run `cargo xtask test`, or \
             `cargo xtask postgres` and set the variable to the address it prints. \
             {VARIABLE}={LEFT_OUT} leaves PostgreSQL out."
        )),
        Some(text) if text == LEFT_OUT => Ok(None),
        Some(url) => Ok(Some(url)),
    }
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

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn postgres_is_left_out_only_on_purpose() {
        let sentence = choose(None).expect_err("nobody said so");
        for part in ["cargo xtask test", "cargo xtask postgres", "DOORWARD_TEST_POSTGRES=none"] {
            assert!(sentence.contains(part), "{sentence}");
        }
        assert_eq!(choose(Some("none".to_owned())), Ok(None));
        let url = Some("postgres://postgres@127.0.0.1/postgres".to_owned());
        assert_eq!(choose(url.clone()), Ok(url));
    }
}

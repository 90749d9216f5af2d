//! [`DatabaseUrl`]: the address of a PostgreSQL store, which may hold a password.

use std::fmt;

use directory::Location;
use secrecy::{ExposeSecret, SecretString};

/// The address of a PostgreSQL store. Printing it, in any way, leaves the password out.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// # Errors
    ///
    /// What is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "must be an address such as \"postgres://doorward@localhost/doorward\"";
        let (scheme, rest) = text.split_once("://").ok_or(example)?;
        if !["postgres", "postgresql"].contains(&scheme) || rest.is_empty() {
            return Err(example.to_owned());
        }
        Location::check_url(text)?;
        Ok(Self(text.into()))
    }

    /// The whole address, for the driver.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether it holds a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        let parts = self.parts();
        parts.password || parts.query.is_some_and(|query| query.contains("password="))
    }

    fn parts(&self) -> Parts<'_> {
        let (scheme, rest) = self.expose().split_once("://").unwrap_or_default();
        let (rest, query) =
            rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        // Nothing left of the `@` is shown but the user.
        let (user, rest) =
            rest.rsplit_once('@').map_or((None, rest), |(user, rest)| (Some(user), rest));
        let (user, password) = match user.map(|user| user.split_once(':')) {
            Some(Some((user, _))) => (Some(user), true),
            Some(None) => (user, false),
            None => (None, false),
        };
        Parts { scheme, user, password, rest, query }
    }
}

/// An address taken apart, without its password.
struct Parts<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    password: bool,
    /// Host, port and database.
    rest: &'a str,
    query: Option<&'a str>,
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { scheme, user, password, rest, query } = self.parts();
        write!(f, "{scheme}://")?;
        if let Some(user) = user {
            write!(f, "{user}{}@", if password { ":***" } else { "" })?;
        }
        // A password may stand in the query too.
        write!(f, "{rest}{}", if query.is_some() { "?***" } else { "" })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn the_password_is_never_printed() {
        for (written, printed, has_password) in [
            ("postgres://me:hunter2@db:5432/door", "postgres://me:***@db:5432/door", true),
            ("postgresql://me:hun/t%40er2@db/door", "postgresql://me:***@db/door", true),
            ("postgres://db/door?user=me&password=hunter2", "postgres://db/door?***", true),
            ("postgres://me@db/door", "postgres://me@db/door", false),
            ("postgres://db/door?sslmode=require", "postgres://db/door?***", false),
        ] {
            let url = DatabaseUrl::parse(written).expect(written);
            assert_eq!(url.to_string(), printed);
            assert_eq!(format!("{url:?}"), format!("\"{printed}\""));
            assert_eq!(url.has_password(), has_password, "{written}");
            assert_eq!(url.expose(), written);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for written in ["", "hunter2", "mysql://me:hunter2@db", "postgres://", "sqlite://hunter2"] {
            let error = DatabaseUrl::parse(written).expect_err(written);
            assert!(error.contains("postgres://") && !error.contains("hunter2"), "{error}");
        }
        for (written, says) in [
            ("postgres://me:hunter2@db/door?sslmode=on", "`sslmode` must be one of disable, "),
            ("postgres://me:hunter@2@db/door", "must be written as %40"),
            ("postgres:///door?password=hunter2", "it names no host"),
        ] {
            let error = DatabaseUrl::parse(written).expect_err(written);
            assert!(error.contains(says) && !error.contains("hunter"), "{error}");
        }
    }
}

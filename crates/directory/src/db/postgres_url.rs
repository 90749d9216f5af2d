//! [`PostgresUrl`]: what a `postgres://` address says, with the parameters of TLS apart.
//!
//! The driver reads such an address, too, but knows only three of the six values of `sslmode` and
//! no certificates. So what is about TLS is taken out before the driver reads the rest.

use std::{fmt, net::IpAddr};

use percent_encoding::percent_decode_str;
use tokio_postgres::{Config, config::Host};

use super::tls::Tls;

/// Where a PostgreSQL database is, who connects to it, and how it is encrypted.
///
/// It may hold a password: what it prints is the place alone.
#[derive(Clone)]
pub(super) struct PostgresUrl {
    /// What the driver needs to know. It says nothing about TLS.
    pub(super) config: Config,
    /// The rest.
    pub(super) tls: Tls,
}

impl PostgresUrl {
    /// Reads an address such as `postgres://user:password@host:5432/database?sslmode=require`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as a sentence that repeats nothing that may be part of a password.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        Self::read(url).map_err(|reason| format!("the database URL cannot be read: {reason}"))
    }

    /// As [`PostgresUrl::parse`], for whoever says what it is that cannot be read.
    pub(super) fn read(url: &str) -> Result<Self, String> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("it does not begin with postgres://".to_owned());
        }
        let (address, query) = split(url);
        // The driver takes the first for the end of the password, and the rest for a host.
        if address.matches('@').count() > 1 {
            return Err(
                "an @ in a user, a password or a database must be written as %40".to_owned()
            );
        }
        let mut of_tls = Vec::new();
        let mut of_driver = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair
                .split_once('=')
                .ok_or("a parameter after the question mark has no value (name=value)")?;
            let name = decode(name)?;
            if Tls::takes(&name) {
                of_tls.push((name, decode(value)?));
            } else {
                of_driver.push(pair);
            }
        }
        let tls = Tls::read(&of_tls)?;
        let separator = if of_driver.is_empty() { "" } else { "?" };
        let rest = format!("{address}{separator}{}", of_driver.join("&"));
        let mut config: Config = rest.parse().map_err(|error| chain(&error))?;
        if config.get_hosts().is_empty() {
            if config.get_hostaddrs().is_empty() {
                return Err("it names no host".to_owned());
            }
            // The driver has no name for the handshake otherwise, and refuses.
            for address in config.get_hostaddrs().to_owned() {
                config.host(address.to_string());
            }
        }
        Ok(Self { config, tls })
    }

    /// Whether every host is a socket of this machine: such a connection is never encrypted.
    pub(super) fn is_local_socket(&self) -> bool {
        self.config.get_hosts().iter().all(is_socket)
    }

    /// Whether a connection leaves this machine, as far as the address tells.
    pub(super) fn leaves_machine(&self) -> bool {
        let addresses = self.config.get_hostaddrs();
        if !addresses.is_empty() {
            return !addresses.iter().all(IpAddr::is_loopback);
        }
        !self.config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => is_loopback(name),
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
    }

    /// The user that it names, for a sentence.
    pub(super) fn user(&self) -> String {
        match self.config.get_user() {
            Some(user) => format!("the user {user:?}"),
            None => "the user who runs this program".to_owned(),
        }
    }

    /// The name of its database. PostgreSQL takes that of the user where none is named.
    pub(super) fn database(&self) -> Option<&str> {
        self.config.get_dbname().or(self.config.get_user())
    }
}

/// The hosts with their ports, and nothing else.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.config.get_ports();
        for (position, host) in self.config.get_hosts().iter().enumerate() {
            let separator = if position == 0 { "" } else { "," };
            let port = ports.get(position).or_else(|| ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) if name.contains(':') => write!(f, "{separator}[{name}]:{port}")?,
                Host::Tcp(name) => write!(f, "{separator}{name}:{port}")?,
                #[cfg(unix)]
                Host::Unix(path) => {
                    write!(f, "{separator}{}/.s.PGSQL.{port}", path.display())?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresUrl").field("place", &self.to_string()).finish_non_exhaustive()
    }
}

/// The part before the parameters, and the parameters. As for the driver, a user and a password
/// end at the first `@`, so a question mark before it is theirs.
fn split(url: &str) -> (&str, &str) {
    let host = url.find('@').unwrap_or(0);
    match url[host..].find('?') {
        Some(at) => (&url[..host + at], &url[host + at + 1..]),
        None => (url, ""),
    }
}

fn decode(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| "a parameter is not UTF-8".to_owned())
}

fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        // RFC 6761 §6.3.
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// An error of the driver with its causes: what it prints by itself is the kind alone.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        // Some errors print their cause themselves.
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::tls::Mode;

    fn url(text: &str) -> PostgresUrl {
        PostgresUrl::parse(text).expect(text)
    }

    fn refused(text: &str) -> String {
        PostgresUrl::parse(text).expect_err(text)
    }

    #[test]
    fn what_is_about_tls_is_kept_from_the_driver() {
        for (text, mode) in [
            ("postgres://me@db/door", Mode::Prefer),
            ("postgres://me@db/door?sslmode=", Mode::Prefer),
            ("postgres://me@db/door?sslmode=verify-full", Mode::VerifyFull),
            ("postgresql://me@db/door?sslmode=allow", Mode::Allow),
            ("postgres://db?user=me&sslmode=require&dbname=door", Mode::Require),
            ("postgres://me@db/door?ssl%6dode=verif%79%2Dfull", Mode::VerifyFull),
            ("postgres://me@db/door?sslmode=require&&sslmode=disable", Mode::Disable),
            ("postgres://me:wh%3Fat@db/door?sslmode=disable", Mode::Disable),
            ("postgres://me:wh?sslmode=at@db/door?sslmode=disable", Mode::Disable),
        ] {
            let url = url(text);
            assert_eq!(url.tls.mode, mode, "{text}");
            assert_eq!(url.config.get_user(), Some("me"), "{text}");
            assert_eq!(url.to_string(), "db:5432", "{text}");
            // The driver's own default.
            assert_eq!(
                url.config.get_ssl_mode(),
                tokio_postgres::config::SslMode::Prefer,
                "{text}"
            );
        }
        let url = url("postgres://db/door?application_name=a%26b&sslmode=require");
        assert_eq!(url.config.get_application_name(), Some("a&b"));
        assert_eq!(url.config.get_dbname(), Some("door"));
    }

    #[test]
    fn what_cannot_be_read_is_named_and_no_password_is_repeated() {
        for (text, says) in [
            ("host=db password=hunter2", "it does not begin with postgres://"),
            ("postgres://me:hunter2@db/door?sslmode=on", "and is \"on\""),
            ("postgres://me:hunter2@db/door?sslmode", "has no value"),
            ("postgres://me:hunter2@db/door?sslmode=%ff", "is not UTF-8"),
            ("postgres://me:hunter2@db/door?sslcrl=a.pem", "`sslcrl`"),
            ("postgres://me:hunter2@db/door?sslpassword=hunter2", "`sslpassword`"),
            ("postgres://me:hunter2@db/door?gssencmode=hunter2", "unknown option `gssencmode`"),
            ("postgres://me:x@hunter2@db/door", "must be written as %40"),
            ("postgres://me:x@hunt/er2@db:5432/door", "must be written as %40"),
            ("postgres://me:hunter2@db:port/door", "invalid value for option `port`"),
            ("postgres:///door?password=hunter2", "it names no host"),
        ] {
            let error = refused(text);
            assert!(error.starts_with("the database URL cannot be read: "), "{text}: {error}");
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.contains("hunter2") && !error.contains("er2"), "{text}: {error}");
        }
    }

    #[test]
    fn the_place_is_printed_without_anything_else() {
        for (text, place) in [
            ("postgres://me:hunter2@db/door", "db:5432"),
            ("postgres://me@[::1]:6000/door", "[::1]:6000"),
            ("postgres://me@a:1,b:2/door?sslmode=disable", "a:1,b:2"),
            ("postgres://me@%2Fvar%2Frun/door", "/var/run/.s.PGSQL.5432"),
            ("postgres:///door?host=/var/run&port=1", "/var/run/.s.PGSQL.1"),
            ("postgres:///door?hostaddr=192.0.2.1&user=me", "192.0.2.1:5432"),
        ] {
            let url = url(text);
            assert_eq!(url.to_string(), place);
            assert_eq!(format!("{url:?}"), format!("PostgresUrl {{ place: \"{place}\", .. }}"));
        }
    }

    #[test]
    fn a_network_is_whatever_is_not_this_machine() {
        for (text, leaves) in [
            ("postgres://db.example/door", true),
            ("postgres://db/door", true),
            ("postgres://localhost,db/door", true),
            ("postgres://localhost/door?hostaddr=192.0.2.1", true),
            ("postgres://127.0.0.1/door", false),
            ("postgres://127.9.9.9/door", false),
            ("postgres://[::1]/door", false),
            ("postgres://localhost/door", false),
            ("postgres://db.example/door?hostaddr=127.0.0.1", false),
            ("postgres://%2Fvar%2Frun/door", false),
        ] {
            assert_eq!(url(text).leaves_machine(), leaves, "{text}");
        }
        assert!(url("postgres://%2Fvar%2Frun/door").is_local_socket());
        assert!(!url("postgres://%2Fvar%2Frun,db/door").is_local_socket());
    }

    #[test]
    fn what_is_not_named_is_what_postgres_takes() {
        for (text, user, database) in [
            ("postgres://me@db/door", "the user \"me\"", Some("door")),
            ("postgres://me@db", "the user \"me\"", Some("me")),
            ("postgres://db/door", "the user who runs this program", Some("door")),
            ("postgres://db", "the user who runs this program", None),
        ] {
            let url = url(text);
            assert_eq!((url.user().as_str(), url.database()), (user, database), "{text}");
        }
    }
}

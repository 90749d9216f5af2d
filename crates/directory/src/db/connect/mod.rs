//! Connecting to PostgreSQL as a [`PostgresUrl`] says.

mod failure;

#[cfg(test)]
mod tests;

use std::{sync::Once, time::Duration};

use tokio_postgres::{
    Config, NoTls,
    config::SslMode,
    error::{Error, SqlState},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{pipeline::Pipeline, postgres_url::PostgresUrl, tls::Mode};

/// How long a host may take to answer, unless the address says so itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a connection lives whose host no longer answers, unless the address says so itself.
const GONE: Duration = Duration::from_secs(10);
/// After how much quiet the driver would ask whether the host is still there.
const KEEPALIVE_OF_DRIVER: Duration = Duration::from_hours(2);

impl PostgresUrl {
    /// Connects. The first connection over a network on which the server is not verified is a
    /// warning in the log.
    ///
    /// # Errors
    ///
    /// Why it cannot be done and what to do about it, as a sentence that names the place, the user
    /// and the database, and never the password.
    pub(super) fn connect(&self) -> Result<Pipeline, String> {
        let client = self.attempt()?;
        if let Some(warning) = self.unverified() {
            static SAID: Once = Once::new();
            SAID.call_once(|| tracing::warn!("{warning}"));
        }
        Ok(client)
    }

    /// libpq's order of attempts. A second one is made where TLS failed, or where the server lets
    /// this user in from this address only with the other kind of connection.
    fn attempt(&self) -> Result<Pipeline, String> {
        let mut config = self.config.clone();
        config.application_name("doorward");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        // A host that is gone without a word must not hold a connection for hours. One that hangs
        // and whose system still answers is not found out by this: requests have deadlines.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(GONE);
        }
        if config.get_keepalives_idle() == KEEPALIVE_OF_DRIVER {
            config.keepalives_idle(GONE);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(PATIENCE);
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(3);
        }
        let explained = |result: Result<Pipeline, Error>| {
            result.map_err(|error| failure::sentence(self, &error))
        };
        if self.is_local_socket() || self.tls.mode == Mode::Disable {
            return explained(plain(&config));
        }
        let tls = MakeRustlsConnect::new(self.tls.client()?);
        match self.tls.mode {
            Mode::Allow => match plain(&config) {
                Err(error) if is_refused(&error) => {
                    explained(encrypted(&config, SslMode::Require, tls))
                }
                result => explained(result),
            },
            Mode::Prefer => match encrypted(&config, SslMode::Prefer, tls) {
                Err(error) if is_refused(&error) || failure::is_tls(&error) => {
                    // What TLS failed of is the better reason where both ways fail.
                    plain(&config).or_else(|_| explained(Err(error)))
                }
                result => explained(result),
            },
            _ => explained(encrypted(&config, SslMode::Require, tls)),
        }
    }

    /// What is to be said of a server that may be someone else's.
    fn unverified(&self) -> Option<String> {
        if self.tls.verifies() || !self.leaves_machine() {
            return None;
        }
        Some(format!(
            "PostgreSQL at {self} is not verified (sslmode={}): whoever is between it and this \
             machine can read and change everything. Use sslmode=verify-full, and sslrootcert=FILE \
             where this machine does not trust the certificate of the server already",
            self.tls.mode.name()
        ))
    }
}

fn plain(config: &Config) -> Result<Pipeline, Error> {
    Pipeline::connect(config.clone().ssl_mode(SslMode::Disable), NoTls)
}

fn encrypted(config: &Config, mode: SslMode, tls: MakeRustlsConnect) -> Result<Pipeline, Error> {
    Pipeline::connect(config.clone().ssl_mode(mode), tls)
}

/// Whether `pg_hba.conf` has no line for this connection.
fn is_refused(error: &Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

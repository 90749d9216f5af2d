//! Why a connection to PostgreSQL did not come about, and what to do about it.

use std::{error::Error as _, io};

use rustls::CertificateError;
use tokio_postgres::error::{DbError, Error, SqlState};

use crate::db::{
    postgres_url::{PostgresUrl, chain},
    tls::Roots,
};

/// What the driver says where the server wants a password.
const NO_PASSWORD: &str = "password missing";

/// What the driver says where the server has no TLS.
const NO_TLS: &str = "server does not support TLS";

/// What the driver says where the handshake failed.
const TLS_FAILED: &str = "error performing TLS handshake";

/// Why the connection did not come about, and what to do about it.
pub(super) fn sentence(url: &PostgresUrl, error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return refusal(url, error);
    }
    if let Some(error) = handshake(error) {
        return distrust(url, error);
    }
    match cause(error).as_deref() {
        Some(NO_PASSWORD) => {
            let user = url.user();
            format!("PostgreSQL at {url} wants a password of {user}: add it to the database URL")
        }
        Some(NO_TLS) => {
            let mode = url.tls.mode.name();
            format!(
                "PostgreSQL at {url} has no TLS, which sslmode={mode} asks for: set `ssl = on` in \
                 its postgresql.conf, or use another sslmode"
            )
        }
        _ => {
            let reason = chain(error);
            format!(
                "cannot reach PostgreSQL at {url}: {reason}. Is it running, and are host and port \
                 of the database URL right?"
            )
        }
    }
}

/// Whether TLS is what failed.
pub(super) fn is_tls(error: &Error) -> bool {
    // The kind of an error is private to the driver, but for its words.
    error.to_string() == TLS_FAILED
}

/// What the server said.
fn refusal(url: &PostgresUrl, error: &DbError) -> String {
    let (user, said) = (url.user(), error.message());
    let database = url.database().map_or_else(
        || "the database of the same name".to_owned(),
        |database| format!("the database {database:?}"),
    );
    match *error.code() {
        SqlState::INVALID_CATALOG_NAME => format!(
            "PostgreSQL at {url} does not have {database}: create it (createdb), or correct the \
             database URL"
        ),
        SqlState::INVALID_PASSWORD => format!(
            "PostgreSQL at {url} refuses the password of {user} for {database}: correct the user \
             or the password in the database URL"
        ),
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => format!(
            "PostgreSQL at {url} does not let {user} in to {database} ({said}): the user must \
             exist and pg_hba.conf allow it, or correct the database URL"
        ),
        SqlState::INSUFFICIENT_PRIVILEGE => format!(
            "PostgreSQL at {url} does not let {user} in to {database} ({said}): grant it the right \
             to connect, or correct the database URL"
        ),
        _ => format!("PostgreSQL at {url} does not let {user} in to {database}: {said}"),
    }
}

/// Why the certificate of the server is not believed.
fn distrust(url: &PostgresUrl, error: &rustls::Error) -> String {
    let advice = match error {
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "connect to the name that stands in it, or use sslmode=verify-ca".to_owned(),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            match &url.tls.roots {
                Some(Roots::File(path)) => {
                    format!("{} does not hold the certificate that signed it", path.display())
                }
                _ => "this machine does not trust who signed it; name the certificate of the \
                      signer with sslrootcert=FILE"
                    .to_owned(),
            }
        }
        rustls::Error::InvalidCertificate(_) => {
            "look at its certificate, or use a weaker sslmode".to_owned()
        }
        _ => return format!("cannot agree on TLS with PostgreSQL at {url}: {error}"),
    };
    format!("the certificate of PostgreSQL at {url} is not accepted ({error}): {advice}")
}

/// What TLS failed of, if it did.
fn handshake(error: &Error) -> Option<&rustls::Error> {
    error.source()?.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

fn cause(error: &Error) -> Option<String> {
    error.source().map(ToString::to_string)
}

//! [`RequestKey`]: the key that signs the requests of a connection to its provider.
//!
//! It is made when an administrator wants requests signed, and forgotten when none are: the provider gets a
//! new certificate then. It is kept sealed.

use std::time::Duration;

use ::saml::{SigningError, SigningKey};

use super::{certificate::hexadecimal, changed};
use crate::{
    access::{Access, Verb},
    audit::{self, kinds},
    connection,
    db::statements,
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo},
    store::{Reader, Store, Writer},
};

statements! {
    GET = Sql {
        "select sealed, certificate from saml_request_key where org = $1 and connection = $2"
    };
    INSERT = Sql {
        "insert into saml_request_key (org, connection, sealed, certificate, created) \
         values ($1, $2, $3, $4, $5) on conflict (org, connection) do nothing returning connection"
    };
    DELETE = Sql { "delete from saml_request_key where org = $1 and connection = $2" };
}

/// So long its certificate is good. For SAML a certificate only carries a key.
const LIVES: Duration = Duration::from_hours(10 * 365 * 24);

/// The key that signs the requests of a connection, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    sealed: String,
    /// The certificate that the provider verifies with, in DER.
    pub certificate: Vec<u8>,
}

impl RequestKey {
    /// A new key for a connection, which is in use once [`set`] took it.
    ///
    /// # Errors
    ///
    /// Those of the store, and of the cryptographic library.
    pub async fn make(store: &Store, id: ConnectionId) -> Result<Self, Error> {
        let now = store.clock().now();
        let life = (now.timestamp(), now.plus(LIVES).timestamp());
        let serial = store.random().bytes();
        // An RSA key takes a while.
        let made = tokio::task::spawn_blocking(move || {
            let key = SigningKey::generate()?;
            let certificate = key.self_signed(&format!("Doorward {id}"), serial, life)?;
            Ok((key.reveal_pkcs8()?, certificate))
        });
        let made: Result<_, SigningError> =
            made.await.map_err(|error| Error::Store(Box::new(error)))?;
        let (key, certificate) = made.map_err(|error| Error::Store(Box::new(error)))?;
        let seal = store.key_seal().await?;
        let sealed = seal.seal(store.random(), id.to_string().as_bytes(), &key);
        Ok(Self { sealed, certificate: certificate.der().to_vec() })
    }

    /// What [`set`] is to be told so that requests are signed, or are not: a new key is made only where
    /// there is none, and only for whoever may change sign-in.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`]; those of [`RequestKey::make`].
    pub async fn wanted(
        store: &Store,
        access: &Access,
        id: ConnectionId,
        signs: bool,
    ) -> Result<Option<Self>, Error> {
        if !signs {
            return Ok(None);
        }
        let known = move |reader: &mut Reader<'_>| {
            reader.permit(Verb::ChangeSignIn)?;
            get(reader, id)
        };
        match store.read(access, known).await? {
            Some(key) => Ok(Some(key)),
            None => Self::make(store, id).await.map(Some),
        }
    }

    /// The key itself.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] where it was not sealed by this installation for this connection.
    pub async fn open(&self, store: &Store, id: ConnectionId) -> Result<SigningKey, Error> {
        let seal = store.key_seal().await?;
        let key = seal.open(id.to_string().as_bytes(), &self.sealed);
        let key = key.and_then(|key| SigningKey::from_pkcs8(&key).ok());
        key.ok_or_else(|| Error::damaged("saml_request_key", id, "it cannot be opened"))
    }
}

/// The key that signs the requests of a connection; `None`: they are not signed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Option<RequestKey>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let found = connection::by_id(reader, id)?;
    let connection = found.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))?;
    of(reader, connection.no())
}

pub(crate) fn of(reader: &mut Reader<'_>, no: ConnectionNo) -> Result<Option<RequestKey>, Error> {
    let Some(mut row) = reader.query_one(GET, &[no.into()])? else { return Ok(None) };
    Ok(Some(RequestKey { sealed: row.get("sealed")?, certificate: row.get("certificate")? }))
}

/// Has requests signed by a key, or by none. Where they are signed already, the key stays the one that the
/// provider knows.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn set(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    key: Option<&RequestKey>,
) -> Result<(), Error> {
    let (no, now) = (changed(writer, id)?.no(), writer.now());
    let (has_changed, sha256) = match key {
        Some(RequestKey { sealed, certificate }) => {
            let params = [no.into(), sealed.into(), certificate.as_slice().into(), now.into()];
            let made = ::saml::Certificate::from_der(certificate);
            let made = made.map_err(|error| Error::Store(Box::new(error)))?;
            let sha256 = hexadecimal(made.fingerprint().as_bytes());
            (!writer.change(INSERT, &params)?.is_empty(), Some(sha256))
        }
        None => (forget(writer, no)?, None),
    };
    if has_changed {
        let payload = kinds::SamlRequestsSigned { sha256 };
        audit::record(writer, &id.to_string(), payload)?;
    }
    Ok(())
}

pub(super) fn forget(writer: &mut Writer<'_>, no: ConnectionNo) -> Result<bool, Error> {
    Ok(writer.execute(DELETE, &[no.into()])? > 0)
}

//! The keys that sign ID tokens and logout tokens.
//!
//! A key is made when it is first needed. It signs for [`SIGNS`]; its successor is published [`AHEAD`] of
//! its first signature, so that who keeps our keys for a while knows it already. An old key stays published for
//! as long as something that it signed may be shown to us.

use std::time::Duration;

use ::oauth::jose::{Algorithm, PrivateKey, SigningError, SigningKey};

use crate::{
    clock::Time,
    db::{Row, statements},
    error::Error,
    seal::Seal,
    store::Store,
};

statements! {
    ALL = Sql { "select id, algorithm, sealed, created from signing_key order by id" };
    INSERT = Sql {
        "insert into signing_key (id, algorithm, sealed, created) values ($1, $2, $3, $4) \
         on conflict (id) do nothing"
    };
    FORGET = Sql { "delete from signing_key where id = $1" };
}

/// So long a key signs.
pub const SIGNS: Duration = Duration::from_hours(90 * 24);
/// So long a successor is published before it signs.
pub const AHEAD: Duration = Duration::from_hours(24);
/// So long after its last signature a key is kept: an ID token is taken as a hint long after it expired.
pub const KEPT: Duration = Duration::from_hours(90 * 24);

/// A key of the installation.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub signing: SigningKey,
    created: Time,
}

impl Key {
    fn from_row(mut row: Row, seal: &Seal) -> Result<Self, Error> {
        let algorithm: String = row.get("algorithm")?;
        let algorithm = Algorithm::parse(&algorithm)
            .ok_or_else(|| row.damaged("algorithm", "it is unknown"))?;
        let (id, sealed): (String, String) = (row.get("id")?, row.get("sealed")?);
        let key = seal.open(id.as_bytes(), &sealed);
        let key = key.ok_or_else(|| row.damaged("sealed", "it cannot be opened"))?;
        let signing = SigningKey::new(algorithm, &PrivateKey::from_pkcs8(key));
        let signing = signing.map_err(|error| row.damaged("sealed", error.to_string()))?;
        Ok(Self { signing, created: row.get("created")? })
    }
}

/// All keys that are published: those that sign, those that will, and those that did.
///
/// # Errors
///
/// Those of the store.
pub async fn all(store: &Store) -> Result<Vec<Key>, Error> {
    let rows = store.read_catalog(|catalog| catalog.query(ALL, &[])).await?;
    let seal = store.key_seal().await?;
    rows.into_iter().map(|row| Key::from_row(row, &seal)).collect()
}

/// The key that signs by an algorithm now. The first is made here.
///
/// # Errors
///
/// Those of the store, and of the cryptographic library.
pub async fn signing(store: &Store, algorithm: Algorithm) -> Result<Key, Error> {
    let now = store.clock().now();
    if let Some(key) = choose(all(store).await?, algorithm, now) {
        return Ok(key);
    }
    make(store, algorithm).await?;
    let made = choose(all(store).await?, algorithm, now);
    made.ok_or_else(|| Error::damaged("signing_key", algorithm, "a key that was made is not there"))
}

/// The newest that was published long enough, or else the oldest.
fn choose(keys: Vec<Key>, algorithm: Algorithm, now: Time) -> Option<Key> {
    let mut fitting: Vec<Key> =
        keys.into_iter().filter(|key| key.signing.algorithm() == algorithm).collect();
    fitting.sort_by_key(|key| key.created);
    let known = fitting.iter().rposition(|key| key.created.plus(AHEAD) <= now).unwrap_or(0);
    (known < fitting.len()).then(|| fitting.swap_remove(known))
}

async fn make(store: &Store, algorithm: Algorithm) -> Result<(), Error> {
    // An RSA key takes a while.
    let made = tokio::task::spawn_blocking(move || {
        let key = SigningKey::generate(algorithm)?;
        let id = SigningKey::new(algorithm, &key)?.id().to_owned();
        Ok((id, key))
    });
    let made: Result<(String, PrivateKey), SigningError> =
        made.await.map_err(|error| Error::Store(Box::new(error)))?;
    let (id, key) = made.map_err(|error| Error::Store(Box::new(error)))?;
    let seal = store.key_seal().await?;
    let sealed = seal.seal(store.random(), id.as_bytes(), key.reveal());
    store
        .write_catalog(move |catalog| {
            let params =
                [(&id).into(), algorithm.as_str().into(), (&sealed).into(), catalog.now.into()];
            catalog.execute(INSERT, &params).map(drop)
        })
        .await
}

/// Makes the successor of each key that has signed for long, and forgets those that signed long ago.
///
/// # Errors
///
/// Those of the store, and of the cryptographic library.
pub async fn rotate(store: &Store) -> Result<(), Error> {
    let now = store.clock().now();
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let mut keys = all(store).await?;
        keys.retain(|key| key.signing.algorithm() == algorithm);
        let newest = keys.iter().map(|key| key.created).max();
        if newest.is_some_and(|newest| newest.plus(SIGNS) <= now) {
            make(store, algorithm).await?;
        }
        let is_old = |key: &&Key| key.created.plus(SIGNS + AHEAD + KEPT) <= now;
        for old in keys.iter().filter(is_old).filter(|key| Some(key.created) != newest) {
            let id = old.signing.id().to_owned();
            store
                .write_catalog(move |catalog| catalog.execute(FORGET, &[(&id).into()]).map(drop))
                .await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ::oauth::jose::{Algorithm, SigningKey};

    use super::{AHEAD, Key, choose};
    use crate::clock::Time;

    #[test]
    fn a_new_key_signs_once_it_has_been_published_for_a_while() {
        let keys = || {
            [0, 100].map(|hours| {
                let made = SigningKey::generate(Algorithm::Es256).expect("a key");
                let signing = SigningKey::new(Algorithm::Es256, &made).expect("the key");
                Key { signing, created: at(hours) }
            })
        };
        for (hours, expected) in [(0, 0), (100, 0), (123, 0), (124, 100), (5_000, 100)] {
            let chosen = choose(keys().into(), Algorithm::Es256, at(hours)).expect("a key");
            assert_eq!(chosen.created, at(expected), "after {hours} hours");
        }
        assert_eq!(AHEAD.as_secs(), 24 * 3_600);
        assert!(choose(keys().into(), Algorithm::Rs256, at(0)).is_none());
    }

    fn at(hours: u64) -> Time {
        Time::from_micros(0).plus(std::time::Duration::from_hours(hours))
    }
}

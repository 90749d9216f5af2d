//! Public keys that clients publish at addresses, as they were read last.
//!
//! Each server keeps its own: what is read is public, and nothing but the address vouches for it, so there is
//! nothing that servers would have to agree on. Who shows an assertion may be anyone: so an address is
//! asked at most once in a minute, whatever is shown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ::oauth::{
    ClientRefusal, Credentials, client::Authenticated, jose::KeySet, limit::LARGEST_KEY_SET,
};
use directory::{Time, oauth::Client};
use http::StatusCode;
use tokio::sync::Mutex as Turn;

use super::issuer;
use crate::{
    App,
    outbound::{Limits, Outbound},
};

/// After so long keys are read again, so that one which its owner takes back does not work for ever.
const FRESH: Duration = Duration::from_mins(10);
/// Where none of the keys fits, they may be new ones; they are asked for at most this often.
const PAUSE: Duration = Duration::from_mins(1);
/// So long keys are used that cannot be read again.
const STALE: Duration = Duration::from_hours(24);
/// So many addresses are kept in memory.
const MOST_KEPT: usize = 1_000;
/// What one reading may cost.
const LIMITS: Limits = Limits { time: Duration::from_secs(5), body: LARGEST_KEY_SET };

/// The keys at each address that was asked for.
#[derive(Debug, Default)]
pub(crate) struct ClientKeys(Mutex<HashMap<String, Arc<Published>>>);

/// The keys at one address.
#[derive(Debug, Default)]
struct Published {
    kept: Mutex<Kept>,
    /// One reads, and whoever else needs what is read waits.
    turn: Arc<Turn<()>>,
}

/// What an address had when it was asked last.
#[derive(Debug, Default)]
struct Kept {
    keys: KeySet,
    /// When it answered.
    read: Option<Time>,
    /// When it was asked, whether it answered or not.
    asked: Option<Time>,
}

impl ClientKeys {
    fn at(&self, url: &str) -> Arc<Published> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_KEPT && !all.contains_key(url) {
            all.clear();
        }
        Arc::clone(all.entry(url.to_owned()).or_default())
    }

    /// The keys at an address, which was asked at most so long ago. Whoever is content with those that are kept
    /// does not wait for anyone who is not.
    async fn keys(&self, outbound: &Outbound, url: &str, (now, age): (Time, Duration)) -> KeySet {
        let at = self.at(url);
        if let Some(keys) = at.asked_within(now, age) {
            return keys;
        }
        let turn = Arc::clone(&at.turn).lock_owned().await;
        if let Some(keys) = at.asked_within(now, age) {
            return keys;
        }
        // The reading goes on where its asker goes away: otherwise whoever hangs up would have the address
        // asked again.
        let (reading, outbound, url) = (Arc::clone(&at), outbound.clone(), url.to_owned());
        let reading = tokio::spawn(async move {
            let _turn = turn;
            let found = read(&outbound, &url).await;
            reading.note(&url, found, now);
        });
        if let Err(error) = reading.await {
            tracing::error!(%error, "the keys of a client were not read");
        }
        at.lock().keys.clone()
    }
}

impl Published {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept, where the address was asked at most so long ago.
    fn asked_within(&self, now: Time, age: Duration) -> Option<KeySet> {
        let kept = self.lock();
        let is_recent = kept.asked.is_some_and(|asked| now < asked.plus(age));
        is_recent.then(|| kept.keys.clone())
    }

    /// The address was asked.
    fn note(&self, url: &str, found: Result<KeySet, String>, now: Time) {
        let mut kept = self.lock();
        kept.asked = Some(now);
        match found {
            Ok(keys) => (kept.keys, kept.read) = (keys, Some(now)),
            Err(why) => {
                tracing::warn!(url, why, "the keys of a client could not be read");
                if kept.read.is_none_or(|read| read.plus(STALE) <= now) {
                    kept.keys = KeySet::default();
                }
            }
        }
    }
}

/// Reads the keys at an address.
///
/// # Errors
///
/// Why they cannot be used, in words.
pub async fn read(outbound: &Outbound, url: &str) -> Result<KeySet, String> {
    let answer = outbound.get(url, LIMITS).await.map_err(|failure| failure.to_string())?;
    match answer.status {
        StatusCode::OK => KeySet::parse(&answer.body).map_err(|fault| fault.to_string()),
        status => Err(format!("the answer was {status}")),
    }
}

/// Judges what a client shows: where its keys are at an address, by those that were read lately; and where
/// none of them fits, by those that are there now.
pub(super) async fn judge(
    app: &App,
    credentials: &Credentials,
    client: &mut Client,
) -> Result<Authenticated, ClientRefusal> {
    let (now, issuer) = (app.store().clock().now(), issuer(app));
    let judged =
        |client: &Client| credentials.authenticate(&client.registered, &issuer, now.timestamp());
    let Some(url) = client.jwks_uri.clone().filter(|_| credentials.is_assertion()) else {
        return judged(client);
    };
    let keys = async |age| app.client_keys().keys(app.outbound(), &url, (now, age)).await;
    client.registered.set_keys(keys(FRESH).await);
    match judged(client) {
        Err(refusal) if refusal.wants_new_keys() => {
            client.registered.set_keys(keys(PAUSE).await);
            judged(client)
        }
        judged => judged,
    }
}

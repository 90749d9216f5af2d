//! Public keys that clients publish at addresses, as they were read last.
//!
//! Each server keeps its own: what is read is public, and nothing but the address vouches for it, so there is
//! nothing that servers would have to agree on. Who shows an assertion may be anyone: so an address is
//! asked at most once in a minute, whatever is shown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
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
pub(crate) struct ClientKeys(Mutex<HashMap<String, Arc<Turn<Kept>>>>);

/// The keys at one address.
#[derive(Debug, Default)]
struct Kept {
    keys: KeySet,
    read: Option<Time>,
    asked: Option<Time>,
}

impl ClientKeys {
    fn at(&self, url: &str) -> Arc<Turn<Kept>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_KEPT && !all.contains_key(url) {
            all.clear();
        }
        Arc::clone(all.entry(url.to_owned()).or_default())
    }

    /// The keys at an address, as they were at most so long ago where they can be read.
    async fn keys(&self, outbound: &Outbound, url: &str, (now, age): (Time, Duration)) -> KeySet {
        let kept = self.at(url);
        // Whoever else wants them waits, and finds them read.
        let mut kept = kept.lock().await;
        if kept.asked.is_none_or(|asked| asked.plus(age) <= now) {
            kept.asked = Some(now);
            match read(outbound, url).await {
                Ok(keys) => (kept.keys, kept.read) = (keys, Some(now)),
                Err(why) => {
                    tracing::warn!(url, why, "the keys of a client could not be read");
                    if kept.read.is_none_or(|read| read.plus(STALE) <= now) {
                        kept.keys = KeySet::default();
                    }
                }
            }
        }
        kept.keys.clone()
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

//! Sending: one message, or what a turn holds.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use directory::{
    Error, Store, WebhookId,
    webhook::{
        Attempt, Webhooks,
        work::{Health, Key, LEASE, Message, Outcome, Turn},
    },
};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, header};
use tokio::time::Instant;

use super::message::{self, Signed};
use crate::{
    App,
    http::KB,
    outbound::{Limits, Outbound},
};

/// So long a receiver may take to accept a message.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(15);
/// So much of what it answers is read.
pub(crate) const LARGEST: usize = 64 * KB;
/// So many messages are sent to one webhook at a time, where the order allows it.
const ABREAST: usize = 8;
/// After so long a turn begins with no further message, so that it is over before someone else may have
/// the webhook.
const LONGEST_TURN: Duration = Duration::from_secs(30);
const _: () = assert!(LONGEST_TURN.as_secs() + TIMEOUT.as_secs() < LEASE.as_secs());

/// Sends what a turn holds. Answers what came of each message that was sent.
///
/// Where nothing is accepted no further message is begun with, and a receiver that failed before is sent
/// one at a time.
pub(super) async fn turn(app: &App, turn: &Turn) -> Vec<(Key, Outcome)> {
    let until = Instant::now() + LONGEST_TURN;
    let (accepted, failed) = (AtomicBool::new(false), AtomicBool::new(false));
    let goes_on = || {
        let works = accepted.load(Ordering::Relaxed) || !failed.load(Ordering::Relaxed);
        works && Instant::now() < until && !app.drain().has_started()
    };
    let chain = async |messages: &Vec<Message>| {
        let mut outcomes = Vec::new();
        for message in messages {
            if !goes_on() {
                break;
            }
            let outcome = one(app, turn, message).await;
            let is_accepted = outcome.is_accepted();
            outcomes.push((message.key, outcome));
            if !is_accepted {
                failed.store(true, Ordering::Relaxed);
                break;
            }
            accepted.store(true, Ordering::Relaxed);
        }
        outcomes
    };
    let abreast = match turn.health {
        Health::Good => ABREAST,
        Health::Failing => 1,
    };
    let sent = stream::iter(&turn.chains).map(chain).buffer_unordered(abreast);
    sent.concat().await
}

async fn one(app: &App, turn: &Turn, message: &Message) -> Outcome {
    let signed = message::event(message, (app.store().clock().now(), &turn.secrets));
    post(app.outbound(), app.store(), &turn.url, signed).await
}

/// Sends a message to a webhook that says nothing but that it is a test, also where the webhook is
/// paused.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`]. That it was not accepted is told by the attempt.
pub async fn test(
    outbound: &Outbound,
    store: &Store,
    webhooks: &Webhooks,
    id: WebhookId,
) -> Result<(String, Attempt), Error> {
    let (webhook, secrets) = webhooks.test(id).await?;
    let sent = format!("msg_test_{}", store.random().uuid().simple());
    let signed = message::test(&sent, id, (store.clock().now(), &secrets));
    let outcome = post(outbound, store, &webhook.url, signed).await;
    Ok((sent, outcome.attempt))
}

async fn post(outbound: &Outbound, store: &Store, url: &str, signed: Signed) -> Outcome {
    const LIMITS: Limits = Limits { time: TIMEOUT, body: LARGEST };
    let (at, began) = (store.clock().now().to_string(), Instant::now());
    let answer = outbound.post(url, signed.headers, signed.body, LIMITS).await;
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match answer {
        Ok(answer) => {
            let status = Some(answer.status.as_u16());
            let asked = retry_after(&answer.headers);
            Outcome { attempt: Attempt { at, status, error: None, took }, asked }
        }
        Err(failure) => {
            let error = Some(failure.to_string());
            Outcome { attempt: Attempt { at, status: None, error, took }, asked: None }
        }
    }
}

/// How many seconds a receiver asks to be left alone (RFC 9110 §10.2.3). A date is passed over.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

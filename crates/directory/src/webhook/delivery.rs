//! [`Delivery`]: an event that was sent to a webhook, or waits to be.
//!
//! What was accepted and what was given up is kept for a while, so that someone can look. Of a webhook the last
//! `KEPT` are, and none for longer than `KEPT_FOR`; what waits stays until it is accepted or
//! given up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::home::Home;
use crate::{
    access::Verb,
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    feed::Position,
    id::{DeliveryNo, EventNo, OrgNo, OrganizationId, WebhookId},
    keyword::keyword,
    store::{Reader, Store},
};

statements! {
    PAGE = Sql {
        "select no, organization, event, kind, state, attempts, due, created, log \
         from webhook_delivery where org = $1 and webhook = $2 and no < $3 order by no desc limit $4"
    };
    PAGE_OF = Sql {
        "select no, organization, event, kind, state, attempts, due, created, log \
         from webhook_delivery where org = $1 and webhook = $2 and state = $3 and no < $4 \
         order by no desc limit $5"
    };
    COUNT = Sql {
        "select count(*) as deliveries from webhook_delivery \
         where org = $1 and webhook = $2 and state = $3"
    };
    SKIP = Sql {
        "update webhook_delivery set state = 'dead', due = null \
         where org = $1 and webhook = $2 and state = 'waiting' and attempts >= $3 returning no"
    };
    TRY_NOW = Sql {
        "update webhook_delivery set attempts = 0, due = $3 \
         where org = $1 and webhook = $2 and state = 'waiting'"
    };
    FORGET_LATER = Sql {
        "delete from webhook_delivery \
         where org = $1 and webhook = $2 and state = 'waiting' and place > $3"
    };
    FORGET_REST = Sql {
        "delete from webhook_delivery \
         where org = $1 and webhook = $2 and state = 'waiting' and place = $3 and event > $4"
    };
    REVIVE = Sql {
        "update webhook_delivery set state = 'waiting', attempts = 0, due = $4 \
         where org = $1 and webhook = $2 and no = $3 and state = 'dead' returning no"
    };
    FORGET = Sql { "delete from webhook_delivery where org = $1 and webhook = $2" };
    PRUNE = Sql {
        "delete from webhook_delivery where org = $1 and created < $2 and state <> 'waiting' \
         and created <= (select max(created) from (select created from webhook_delivery \
         where org = $1 and state <> 'waiting' order by created limit 5000) as piece)"
    };
}

/// So many deliveries of a webhook are kept for someone to look at.
pub(crate) const KEPT: i64 = 1_000;
/// So long they are.
pub(crate) const KEPT_FOR: Duration = Duration::from_hours(30 * 24);

keyword! {
    /// What became of an event that was taken to be sent.
    State {
        /// It was not accepted yet, or has not been sent.
        Waiting = "waiting",
        /// It was accepted.
        Delivered = "delivered",
        /// It was given up.
        Dead = "dead",
    }
}

/// An event that was sent to a webhook, or waits to be.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number at the webhook.
    pub no: DeliveryNo,
    /// Where the event happened.
    pub organization: OrganizationId,
    /// The event.
    pub event: EventNo,
    /// The kind of the event.
    pub kind: String,
    /// What became of it.
    pub state: State,
    /// How often it was sent, since someone had it tried anew.
    pub attempts: i64,
    /// When it is sent next.
    pub due: Option<Time>,
    /// When it was taken.
    pub created: Time,
    /// What came of each attempt, oldest first: the last `MOST_LOGGED`.
    pub log: Vec<Attempt>,
}

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, in RFC 3339.
    pub at: String,
    /// The status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Milliseconds that it took.
    pub took: u64,
}

/// So many attempts of one delivery are told of.
pub(crate) const MOST_LOGGED: usize = 20;

impl Delivery {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let log: String = row.get("log")?;
        let log = parse_log(&log).map_err(|error| row.damaged("log", error.to_string()))?;
        Ok(Self {
            no: row.get("no")?,
            organization: row.get("organization")?,
            event: row.get("event")?,
            kind: row.get("kind")?,
            state: row.get("state")?,
            attempts: row.get("attempts")?,
            due: row.get("due")?,
            created: row.get("created")?,
            log,
        })
    }
}

fn parse_log(text: &str) -> serde_json::Result<Vec<Attempt>> {
    if text.is_empty() { Ok(Vec::new()) } else { serde_json::from_str(text) }
}

/// A log with one attempt more.
pub(super) fn logged(before: &str, attempt: &Attempt) -> String {
    let mut log = parse_log(before).unwrap_or_default();
    log.push(attempt.clone());
    let surplus = log.len().saturating_sub(MOST_LOGGED);
    log.drain(..surplus);
    serde_json::to_string(&log).expect("texts and numbers are JSON")
}

/// Deliveries before one, newest first, at most `limit`; of all states, or of one.
pub(super) fn page(
    reader: &mut Reader<'_>,
    id: WebhookId,
    state: Option<State>,
    (before, limit): (Option<DeliveryNo>, u32),
) -> Result<Vec<Delivery>, Error> {
    reader.permit(Verb::ReadWebhooks)?;
    let (id, before) = (id.to_string(), before.map_or(i64::MAX, |no| no.0));
    let limit = i64::from(limit);
    let rows = match state {
        None => reader.query(PAGE, &[(&id).into(), before.into(), limit.into()])?,
        Some(state) => {
            let state = state.as_str();
            reader.query(PAGE_OF, &[(&id).into(), state.into(), before.into(), limit.into()])?
        }
    };
    rows.into_iter().map(Delivery::from_row).collect()
}

/// How many are in a state.
pub(super) fn count(reader: &mut Reader<'_>, id: WebhookId, state: State) -> Result<i64, Error> {
    let row = reader.query_one(COUNT, &[(&id.to_string()).into(), state.as_str().into()])?;
    row.map_or(Ok(0), |mut row| row.get("deliveries"))
}

/// Gives up what was sent so often. Answers how many there were.
pub(super) fn skip(home: &mut dyn Home, id: WebhookId, attempts: i64) -> Result<u64, Error> {
    let skipped = home.change(SKIP, &[(&id.to_string()).into(), attempts.into()])?;
    Ok(skipped.len() as u64)
}

/// What waits is sent now, as if it had not been sent yet.
pub(super) fn try_now(home: &mut dyn Home, id: WebhookId, now: Time) -> Result<(), Error> {
    home.send(TRY_NOW, &[(&id.to_string()).into(), now.into()])
}

/// What waits after a position does so no longer: it is taken again.
pub(super) fn forget_after(
    home: &mut dyn Home,
    id: WebhookId,
    Position { place, last }: Position,
) -> Result<(), Error> {
    let id = id.to_string();
    home.send(FORGET_LATER, &[(&id).into(), place.into()])?;
    home.send(FORGET_REST, &[(&id).into(), place.into(), last.into()])
}

/// What was given up waits again.
pub(super) fn revive(home: &mut dyn Home, id: WebhookId, no: DeliveryNo) -> Result<(), Error> {
    let (id, now) = (id.to_string(), home.at_once());
    if home.change(REVIVE, &[(&id).into(), no.0.into(), now.into()])?.is_empty() {
        return Err(Error::no_such(Noun::Delivery, no.to_string()));
    }
    Ok(())
}

pub(super) fn forget(home: &mut dyn Home, id: WebhookId) -> Result<(), Error> {
    home.send(FORGET, &[(&id.to_string()).into()])
}

/// Removes what is old: a piece of it. Answers whether there may be more.
pub(crate) async fn prune(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let before = store.clock().now().minus(KEPT_FOR);
    let pruned = store.append(org, move |appender| appender.execute(PRUNE, &[before.into()]));
    Ok(pruned.await? > 0)
}

#[cfg(test)]
mod tests {
    use super::{Attempt, MOST_LOGGED, logged, parse_log};

    #[test]
    fn a_log_keeps_the_last_attempts() {
        let mut log = String::new();
        for took in 0..30 {
            let attempt = Attempt { at: String::new(), status: Some(500), error: None, took };
            log = logged(&log, &attempt);
        }
        let kept = parse_log(&log).expect("it was just written");
        assert_eq!((kept.len(), kept[0].took, kept[19].took), (MOST_LOGGED, 10, 29));
    }
}

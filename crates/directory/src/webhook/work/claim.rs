//! [`Turn`]: what one webhook has to send now, claimed for whoever sends it.

use std::time::Duration;

use super::{
    everywhere,
    gather::{Gathered, gather},
};
use crate::{
    clock::Time,
    db::{Row, statements},
    error::Error,
    event::Event,
    feed::Position,
    id::{DeliveryNo, EventNo, OrgNo, OrganizationId, WebhookId},
    store::Store,
    webhook::{Webhooks, endpoint::Order, filter::Filter, secret::Secret},
};

statements! {
    CLAIM = Sql {
        "update webhook set due = $4 where org = $1 and id = $2 and due = $3 and paused is null \
         returning url, kinds, ordering, place, last, next_delivery, wake, failing, failing_since, \
         accepted"
    };
}

/// So long a webhook belongs to whoever claimed it. Whoever sends must be done by then.
pub const LEASE: Duration = Duration::from_mins(1);
/// So many events are sent in one turn at the most.
pub const BATCH: usize = 50;

/// How a webhook did when it was sent to last. Each kind has places of its own with whoever sends, so that
/// receivers which do not answer keep no place from those that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// What it was sent was accepted.
    Good,
    /// Something was not.
    Failing,
}

/// A webhook that has something to send.
#[derive(Clone, Debug)]
pub struct Due {
    pub(super) org: OrgNo,
    pub(super) id: WebhookId,
    pub(super) at: Time,
}

/// Webhooks that have something to send, those that wait longest first.
///
/// # Errors
///
/// Those of the store.
pub async fn due(store: &Store, health: Health, limit: usize) -> Result<Vec<Due>, Error> {
    let (now, limit) = (store.clock().now(), i64::try_from(limit).unwrap_or(i64::MAX));
    store
        .read_catalog(move |catalog| {
            let is_failing = health == Health::Failing;
            let params = [is_failing.into(), now.into(), limit.into()];
            let read = |mut row: Row| {
                Ok(Due { org: row.get("org")?, id: row.get("id")?, at: row.get("due")? })
            };
            catalog.query(everywhere::DUE, &params)?.into_iter().map(read).collect()
        })
        .await
}

/// Which message of a turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(pub(super) Place);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Waiting(usize),
    Taken(usize),
}

/// An event that is to be sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// By which what comes of it is told.
    pub key: Key,
    /// Where it happened.
    pub organization: OrganizationId,
    /// The event.
    pub event: Event,
}

impl Message {
    /// By which the receiver knows it: the same whenever this event is sent.
    #[must_use]
    pub fn id(&self) -> String {
        format!("msg_{}_{}", self.organization.to_string().replace('-', ""), self.event.no)
    }
}

/// What a webhook has to send now.
#[derive(Debug)]
pub struct Turn {
    /// The webhook.
    pub id: WebhookId,
    /// Where to.
    pub url: String,
    /// What messages are signed with.
    pub secrets: Vec<Secret>,
    /// How it did last.
    pub health: Health,
    /// What is to be sent. The messages of a chain are sent one after the other, each once the one
    /// before was accepted; chains are independent of each other.
    pub chains: Vec<Vec<Message>>,
    pub(super) org: OrgNo,
    pub(super) lease: Time,
    pub(super) order: Order,
    pub(super) position: Position,
    pub(super) next_delivery: i64,
    pub(super) wake: i64,
    pub(super) failing_since: Option<Time>,
    pub(super) accepted: Option<Time>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) taken: Vec<Taken>,
    /// After all that was taken.
    pub(super) next: Position,
    /// Whether there is more to take.
    pub(super) is_full: bool,
}

/// An event that was taken before.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) no: DeliveryNo,
    pub(super) source: OrgNo,
    pub(super) organization: OrganizationId,
    pub(super) event: EventNo,
    pub(super) attempts: i64,
    pub(super) due: Time,
    pub(super) created: Time,
    pub(super) log: String,
    /// The organization in which it happened was deleted, or it is not kept any more: there is nothing to
    /// tell.
    pub(super) is_lost: bool,
}

/// An event that is taken now.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) source: OrgNo,
    pub(super) organization: OrganizationId,
    pub(super) event: EventNo,
    pub(super) kind: &'static str,
    pub(super) after: Position,
    pub(super) fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The filter lets it not pass.
    Passed,
    /// One before it was not accepted: it waits, too.
    Behind,
    /// It is sent in this turn.
    Sent,
}

impl Waiting {
    pub(super) fn from_row(mut row: Row) -> Result<Self, Error> {
        let due: Option<Time> = row.get("due")?;
        Ok(Self {
            no: row.get("no")?,
            source: row.get("source")?,
            organization: row.get("organization")?,
            event: row.get("event")?,
            attempts: row.get("attempts")?,
            due: due.unwrap_or(Time::from_micros(0)),
            created: row.get("created")?,
            log: row.get("log")?,
            is_lost: false,
        })
    }
}

/// A webhook as it was claimed.
#[derive(Clone)]
pub(super) struct Claimed {
    pub(super) org: OrgNo,
    pub(super) id: WebhookId,
    pub(super) filter: Filter,
    pub(super) order: Order,
    pub(super) position: Position,
}

/// Claims a webhook. `None`: someone else has it, or it has nothing to send any more.
///
/// # Errors
///
/// Those of the store.
pub async fn claim(store: &Store, due: &Due) -> Result<Option<Turn>, Error> {
    let seal = store.webhook_seal().await?;
    let (org, id, at) = (due.org, due.id, due.at);
    let lease = store.clock().now().plus(LEASE);
    let row = store.append(org, move |appender| {
        let id = id.to_string();
        Ok(appender.change(CLAIM, &[(&id).into(), at.into(), lease.into()])?.pop())
    });
    let Some(mut row) = row.await? else { return Ok(None) };
    let kinds: String = row.get("kinds")?;
    let position = Position { place: row.get("place")?, last: row.get("last")? };
    let order = row.get("ordering")?;
    let claimed = Claimed { org, id, filter: Filter::stored(&kinds), order, position };
    let health = if row.get("failing")? { Health::Failing } else { Health::Good };
    let gathered = gather(store, &claimed, &seal).await?;
    let Gathered { secrets, waiting, taken, chains, next, is_full, missing } = gathered;
    if let Some(missing) = missing
        && chains.is_empty()
    {
        Webhooks::of_upkeep(store, org).miss(id, missing).await?;
        return Ok(None);
    }
    Ok(Some(Turn {
        id,
        url: row.get("url")?,
        secrets,
        health,
        chains,
        org,
        lease,
        order,
        position,
        next_delivery: row.get("next_delivery")?,
        wake: row.get("wake")?,
        failing_since: row.get("failing_since")?,
        accepted: row.get("accepted")?,
        waiting,
        taken,
        next,
        is_full,
    }))
}

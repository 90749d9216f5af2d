//! Recording what came of a [`Turn`].

use std::{collections::BTreeSet, time::Duration};

use super::claim::{Due, Fate, Health, Key, Place, Turn};
use crate::{
    audit::INSTALLATION,
    clock::Time,
    db::{Param, statements},
    error::Error,
    feed::Position,
    id::OrgNo,
    store::{Appender, Store},
    webhook::{
        Webhooks,
        delivery::{Attempt, KEPT, State, logged},
        endpoint::{Order, Reason},
        schedule,
    },
};

statements! {
    RECORD = Sql {
        "update webhook set place = $4, last = $5, next_delivery = $6, due = $7, failing = $8, \
         failing_since = $9, accepted = $10 where org = $1 and id = $2 and due = $3 returning wake"
    };
    LOOK = Sql { "update webhook set due = $3 where org = $1 and id = $2" };
    INSERT = ListSql {
        "insert into webhook_delivery (org, webhook, no, source, organization, place, event, kind, \
         state, attempts, due, created, log) values ",
        "($1, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
        ""
    };
    UPDATE = Sql {
        "update webhook_delivery set state = $4, attempts = $5, due = $6, log = $7 \
         where org = $1 and webhook = $2 and no = $3"
    };
    TRIM = Sql {
        "delete from webhook_delivery \
         where org = $1 and webhook = $2 and no > $3 and no <= $4 and state = 'delivered'"
    };
}

/// A receiver that accepts nothing is sent something new once in a while all the same: whether it is
/// there again.
const PROBE_EVERY: Duration = Duration::from_mins(5);
/// So long something stays that was given up by no one yet, because the whole webhook is.
const UNTIL_PAUSED: Duration = Duration::from_hours(24);

/// What came of sending a message.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is told of it.
    pub attempt: Attempt,
    /// So long the receiver asks to be left alone.
    pub asked: Option<Duration>,
}

impl Outcome {
    /// Whether the receiver has it.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.attempt.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the receiver wants nothing any more.
    fn is_gone(&self) -> bool {
        self.attempt.status == Some(410)
    }

    /// Why it was not accepted.
    fn complaint(&self) -> String {
        match (self.attempt.status, &self.attempt.error) {
            (Some(status), _) => format!("it was answered with {status}"),
            (None, Some(error)) => error.clone(),
            (None, None) => "it was not answered".to_owned(),
        }
    }
}

/// When the webhook has something to send again.
#[derive(Clone, Debug)]
pub enum Then {
    /// At once.
    Again(Due),
    /// Later, or when something happens.
    Later,
    /// Someone else has it now: what was sent counts for nothing, and comes again.
    Lost,
}

/// What becomes of one delivery.
#[derive(Clone)]
struct Judged {
    state: State,
    attempts: i64,
    due: Option<Time>,
    log: String,
}

/// A row to be added.
#[derive(Clone)]
struct New {
    source: OrgNo,
    organization: String,
    place: i64,
    event: i64,
    kind: &'static str,
    judged: Judged,
}

/// All that is to be written.
#[derive(Clone)]
struct Entries {
    id: String,
    lease: Time,
    wake: i64,
    now: Time,
    position: Position,
    next_delivery: i64,
    due: Option<Time>,
    failing: bool,
    failing_since: Option<Time>,
    accepted: Option<Time>,
    updated: Vec<(i64, Judged)>,
    added: Vec<New>,
}

/// What the turn looks like as a whole.
struct Sum<'t> {
    turn: &'t Turn,
    store: &'t Store,
    now: Time,
    /// Whether something was accepted, and whether something was not.
    accepted: bool,
    failed: bool,
    /// Why the webhook is to be paused.
    pause: Option<(Reason, String)>,
}

impl Turn {
    /// Writes down what came of sending. Messages of which nothing is told were not sent.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn record(self, store: &Store, outcomes: &[(Key, Outcome)]) -> Result<Then, Error> {
        let now = store.clock().now();
        let mut sum = Sum {
            turn: &self,
            store,
            now,
            accepted: outcomes.iter().any(|(_, outcome)| outcome.is_accepted()),
            failed: outcomes.iter().any(|(_, outcome)| !outcome.is_accepted()),
            pause: None,
        };
        let entries = sum.entries(outcomes);
        let pause = sum.pause.take();
        let due = entries.due;
        let is_ours = store.append(self.org, move |appender| write(appender, &entries)).await?;
        if !is_ours {
            return Ok(Then::Lost);
        }
        if let Some((reason, detail)) = pause {
            tracing::warn!(webhook = %self.id, url = self.url, detail, "a webhook is paused");
            Webhooks::of_upkeep(store, self.org).give_up(self.id, (reason, detail)).await?;
            return Ok(Then::Later);
        }
        Ok(match due {
            Some(at) if at <= now => Then::Again(Due { org: self.org, id: self.id, at }),
            _ => Then::Later,
        })
    }
}

impl Sum<'_> {
    fn entries(&mut self, outcomes: &[(Key, Outcome)]) -> Entries {
        let turn = self.turn;
        let of =
            |place| outcomes.iter().find(|(key, _)| key.0 == place).map(|(_, outcome)| outcome);
        let mut updated = Vec::new();
        // What waits after this turn: of which organization, and until when.
        let mut waits: Vec<(OrgNo, Time)> = Vec::new();
        for (at, waiting) in turn.waiting.iter().enumerate() {
            let judged = match of(Place::Waiting(at)) {
                Some(outcome) => {
                    self.judge((waiting.attempts, waiting.created), &waiting.log, outcome)
                }
                None if waiting.is_lost => {
                    let (attempts, log) = (waiting.attempts, waiting.log.clone());
                    Judged { state: State::Dead, attempts, due: None, log }
                }
                None => {
                    waits.push((waiting.source, waiting.due));
                    continue;
                }
            };
            waits.extend(judged.due.map(|due| (waiting.source, due)));
            updated.push((waiting.no.0, judged));
        }
        let cut = self.cut(|at| of(Place::Taken(at)).is_some());
        let mut added = Vec::new();
        for (at, taken) in turn.taken[..cut].iter().enumerate() {
            if taken.fate == Fate::Passed {
                continue;
            }
            let judged = if let Some(outcome) = of(Place::Taken(at)) {
                self.judge((0, self.now), "", outcome)
            } else {
                let (due, log) = (Some(self.now), String::new());
                Judged { state: State::Waiting, attempts: 0, due, log }
            };
            waits.extend(judged.due.map(|due| (taken.source, due)));
            added.push(New {
                source: taken.source,
                organization: taken.organization.to_string(),
                place: taken.after.place,
                event: taken.event.0,
                kind: taken.kind,
                judged,
            });
        }
        let position = match cut {
            cut if cut == turn.taken.len() => turn.next,
            0 => turn.position,
            cut => turn.taken[cut - 1].after,
        };
        let is_more = turn.is_full || cut < turn.taken.len();
        let count = i64::try_from(added.len()).unwrap_or(i64::MAX);
        Entries {
            id: turn.id.to_string(),
            lease: turn.lease,
            wake: turn.wake,
            now: self.now,
            position,
            next_delivery: turn.next_delivery + count,
            due: self.due(&waits, is_more),
            failing: if outcomes.is_empty() { turn.health == Health::Failing } else { self.failed },
            failing_since: match (self.accepted, self.failed) {
                (true, _) => None,
                (false, true) => turn.failing_since.or(Some(self.now)),
                (false, false) => turn.failing_since,
            },
            accepted: if self.accepted { Some(self.now) } else { turn.accepted },
            updated,
            added,
        }
    }

    /// What becomes of a delivery that was sent so often before.
    fn judge(&mut self, (attempts, created): (i64, Time), log: &str, outcome: &Outcome) -> Judged {
        let (attempts, log) = (attempts + 1, logged(log, &outcome.attempt));
        let judged = |state, due| Judged { state, attempts, due, log };
        if outcome.is_accepted() {
            return judged(State::Delivered, None);
        }
        let complaint = outcome.complaint();
        if outcome.is_gone() {
            self.pause = Some((Reason::Gone, "the receiver answered 410: it is gone".to_owned()));
        }
        let clock = (self.now, self.store.random());
        if let Some(due) = schedule::again(attempts, outcome.asked, clock) {
            return judged(State::Waiting, Some(due));
        }
        if self.turn.accepted.is_some_and(|accepted| accepted > created) {
            let webhook = self.turn.id;
            tracing::warn!(%webhook, complaint, "an event was given up: others were accepted");
            return judged(State::Dead, None);
        }
        let detail =
            format!("nothing was accepted while an event was sent {attempts} times: {complaint}");
        self.pause.get_or_insert((Reason::Failing, detail));
        judged(State::Waiting, Some(self.now.plus(UNTIL_PAUSED)))
    }

    /// How many of the events that were taken count as taken: those after the last that was sent, and
    /// of which one could not be sent any more, are taken again.
    fn cut(&self, was_sent: impl Fn(usize) -> bool) -> usize {
        let taken = &self.turn.taken;
        let last = (0..taken.len()).rev().find(|at| was_sent(*at));
        let from = last.map_or(0, |last| last + 1);
        (from..taken.len()).find(|at| taken[*at].fate == Fate::Sent).unwrap_or(taken.len())
    }

    /// When someone has to look at it next. `None`: when something happens.
    fn due(&self, waits: &[(OrgNo, Time)], is_more: bool) -> Option<Time> {
        let turn = self.turn;
        let earliest = match turn.order {
            Order::Unordered => waits.iter().map(|(_, due)| *due).min(),
            Order::Organization => {
                let mut seen = BTreeSet::new();
                waits.iter().filter(|(org, _)| seen.insert(*org)).map(|(_, due)| *due).min()
            }
        };
        if self.failed && !self.accepted {
            let may_take = turn.order == Order::Unordered || turn.org == INSTALLATION;
            let probe = may_take.then(|| self.now.plus(PROBE_EVERY));
            let next = [earliest, probe].into_iter().flatten().min();
            return next.map(|next| next.max(self.now.plus(schedule::AGAIN_AFTER[0])));
        }
        if is_more { Some(self.now) } else { earliest }
    }
}

/// Writes it all down, if the webhook is still that of whoever claimed it.
fn write(appender: &mut Appender<'_>, entries: &Entries) -> Result<bool, Error> {
    let id = &entries.id;
    let recorded = appender.change(
        RECORD,
        &[
            id.into(),
            entries.lease.into(),
            entries.position.place.into(),
            entries.position.last.into(),
            entries.next_delivery.into(),
            entries.due.into(),
            entries.failing.into(),
            entries.failing_since.into(),
            entries.accepted.into(),
        ],
    )?;
    let Some(mut row) = recorded.into_iter().next() else { return Ok(false) };
    // Something happened since it was claimed, and perhaps after its events were read.
    if entries.due.is_none() && row.get::<i64>("wake")? != entries.wake {
        appender.execute(LOOK, &[id.into(), entries.now.into()])?;
    }
    for (no, judged) in &entries.updated {
        appender.execute(
            UPDATE,
            &[
                id.into(),
                (*no).into(),
                judged.state.as_str().into(),
                judged.attempts.into(),
                judged.due.into(),
                (&judged.log).into(),
            ],
        )?;
    }
    let first = entries.next_delivery - i64::try_from(entries.added.len()).unwrap_or(i64::MAX);
    let rows: Vec<[Param<'_>; 12]> =
        (first..).zip(&entries.added).map(|(no, new)| new.columns(id, no, entries.now)).collect();
    appender.send_list(&INSERT, &rows)?;
    let (from, to) = (first - KEPT - 1, entries.next_delivery - KEPT - 1);
    if to > 0 && from < to {
        appender.execute(TRIM, &[id.into(), from.into(), to.into()])?;
    }
    Ok(true)
}

impl New {
    fn columns<'n>(&'n self, id: &'n String, no: i64, now: Time) -> [Param<'n>; 12] {
        let judged = &self.judged;
        [
            id.into(),
            no.into(),
            self.source.into(),
            (&self.organization).into(),
            self.place.into(),
            self.event.into(),
            self.kind.into(),
            judged.state.as_str().into(),
            judged.attempts.into(),
            judged.due.into(),
            now.into(),
            (&judged.log).into(),
        ]
    }
}

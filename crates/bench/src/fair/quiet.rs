//! The quiet customer: a few requests in a second, whatever the others do.
//!
//! Requests are due at fixed times, and a request's time counts from when it was due. So one that
//! could not be sent because those before it were still on their way counts with its whole wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};

use super::noise::{Tally, is_served};
use crate::{
    chance::Chance,
    crowd::{self, Crowd},
    http::{Connection, Request},
    people,
    series::Series,
};

/// Each kind of request is due this often.
const PERIOD: Duration = Duration::from_millis(25);
/// On so many connections, in turn.
const CONNECTIONS: u32 = 8;
/// What is not answered so long after the last request was due is given up and counts as broken,
/// with the time that it has waited until then; and so does what could not even be sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the quiet customer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wish {
    Get,
    LookUp,
    Create,
    Patch,
}

impl Wish {
    pub(crate) const ALL: [Self; 4] = [Self::Get, Self::LookUp, Self::Create, Self::Patch];

    /// As the tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "read",
            Self::LookUp => "look up",
            Self::Create => "create",
            Self::Patch => "change",
        }
    }

    fn request(self, crowd: &Crowd, next: &AtomicUsize, chance: &mut Chance) -> Request {
        let (number, id) = crowd.somebody(chance);
        match self {
            Self::Get => crowd.caller.get(&format!("/Users/{id}")),
            Self::LookUp => crowd.caller.get(&crowd::look_up(number)),
            Self::Create => {
                let body = people::whole(next.fetch_add(1, Ordering::Relaxed)).to_string();
                crowd.caller.send("POST", "/Users", &body)
            }
            Self::Patch => {
                let body = crowd::new_profile(chance).to_string();
                crowd.caller.send("PATCH", &format!("/Users/{id}"), &body)
            }
        }
    }
}

/// How a wish was served.
#[derive(Clone, Debug, Default)]
pub(crate) struct Service {
    /// The times of those that were, or that were given up.
    pub(crate) times: Series,
    pub(crate) tally: Tally,
}

impl Service {
    pub(crate) fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.tally.add(other.tally);
    }
}

/// Asks for everything for some time, and waits for all answers.
pub(crate) async fn live(
    crowd: &Arc<Crowd>,
    next: &Arc<AtomicUsize>,
    time: Duration,
) -> Result<[Service; 4]> {
    let begin = Instant::now() + Duration::from_millis(50);
    let mut tasks = JoinSet::new();
    for (kind, wish) in Wish::ALL.into_iter().enumerate() {
        for number in 0..CONNECTIONS {
            let (crowd, next) = (Arc::clone(crowd), Arc::clone(next));
            // The kinds come between each other.
            let shift = PERIOD * u32::try_from(kind).unwrap_or(0) / 4;
            let first = begin + PERIOD * number + shift;
            tasks.spawn(async move {
                (kind, ask(wish, &crowd, &next, number, first, begin + time).await)
            });
        }
    }
    let mut services: [Service; 4] = Default::default();
    while let Some(ended) = tasks.join_next().await {
        let (kind, service) = ended.context("a quiet client failed")?;
        services[kind].add(service);
    }
    Ok(services)
}

async fn ask(
    wish: Wish,
    crowd: &Crowd,
    next: &AtomicUsize,
    number: u32,
    first: Instant,
    end: Instant,
) -> Service {
    let mut chance = Chance::new(u64::from(number) + 1_000);
    let mut connection = Connection::new(crowd.caller.address);
    let mut tally = Tally::default();
    let mut times = Series::default();
    let mut due = first;
    while due < end {
        sleep_until(due).await;
        let request = wish.request(crowd, next, &mut chance);
        let answer = timeout_at(end + PATIENCE, connection.exchange(&request)).await;
        let status = answer.ok().and_then(Result::ok).map(|answer| answer.status);
        tally.count(status);
        if is_served(status) || status.is_none() {
            times.push(due.elapsed());
        }
        due += PERIOD * CONNECTIONS;
    }
    Service { times, tally }
}

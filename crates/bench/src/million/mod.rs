//! What things cost in organizations of a thousand to a million users, and with groups of a hundred to a
//! million members: over sockets, all in one run.
//!
//! All organizations are in one store, so every request meets the tables and indexes of all of
//! them: what differs is the size of the organization, or of the group. A round does each operation once
//! at each size, forwards and backwards in turn.

mod drawing;
mod groups;
mod report;
mod users;

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

pub(crate) use self::report::report;
use crate::{
    chance::Chance,
    crowd::Crowd,
    http::{Connection, Request},
    process::Memory,
    series::Series,
    site::Site,
};

/// How much is measured.
struct Plan {
    /// Users of the organizations; one caller each.
    users: &'static [usize],
    /// Members of the groups, which are in the largest organization.
    members: &'static [usize],
    rounds: usize,
    /// Members of the group whose members are replaced.
    replaced: usize,
    /// How long the server is left alone.
    rest: Duration,
}

const QUICK: Plan = Plan {
    users: &[1_000, 10_000],
    members: &[100, 10_000],
    rounds: 30,
    replaced: 5_000,
    rest: Duration::from_secs(10),
};

const FULL: Plan = Plan {
    users: &[1_000, 10_000, 100_000, 1_000_000],
    members: &[100, 1_000, 10_000, 100_000, 1_000_000],
    rounds: 200,
    replaced: 100_000,
    rest: Duration::from_mins(1),
};

/// An operation and its times, by size.
#[derive(Debug)]
struct Row {
    name: &'static str,
    times: Vec<Series>,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    sizes: &'static [usize],
    members: &'static [usize],
    rounds: usize,
    /// Users that came in a second, by size.
    loaded: Vec<f64>,
    users: Vec<Row>,
    groups: Vec<Row>,
    wholes: groups::Wholes,
    memory: Vec<(String, Memory)>,
    rest: Duration,
    /// The processor time of the server and of the database while no one asked for anything.
    idle: Duration,
}

/// Loads everything by bulk requests and PATCHes, then measures.
pub(crate) fn measure(site: &Site) -> Result<Measured> {
    let plan = if site.quick { QUICK } else { FULL };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(site, &plan))
}

async fn run(site: &Site, plan: &Plan) -> Result<Measured> {
    let server = site.server();
    let mut memory = vec![("just started".to_owned(), server.memory()?)];
    let (mut crowds, mut loaded) = (Vec::new(), Vec::new());
    for (caller, size) in site.callers.iter().zip(plan.users) {
        let mut crowd = Crowd::make(caller, 0).await?;
        loaded.push(crowd.grow(*size).await?);
        crowds.push(crowd);
    }
    memory.push(("users loaded".to_owned(), server.memory()?));
    let users = users::measure(&mut crowds, plan.rounds).await?;
    let largest = crowds.last().context("there is no organization")?;
    let made = groups::make(largest, plan.members).await?;
    let groups = groups::measure(largest, &made, plan.rounds).await?;
    memory.push(("after the mixed load".to_owned(), server.memory()?));
    let wholes = groups::wholes(site, largest, &made, plan.replaced).await?;
    memory.push(("after whole groups".to_owned(), server.memory()?));
    thread::sleep(plan.rest);
    memory.push((format!("{} s later", plan.rest.as_secs()), server.memory()?));
    let before = site.usage();
    thread::sleep(plan.rest);
    let used = site.usage().since(before);
    Ok(Measured {
        sizes: plan.users,
        members: plan.members,
        rounds: plan.rounds,
        loaded,
        users,
        groups,
        wholes,
        memory,
        rest: plan.rest,
        idle: used.server + used.database.unwrap_or_default(),
    })
}

/// One operation that is measured: its name, the status of a good answer, and the request for some
/// size.
type Operation<S> = (&'static str, u16, fn(&mut S, &mut Chance) -> Request);

/// Does each operation once at each size, so many times.
async fn rounds<S>(
    operations: &[Operation<S>],
    sizes: &mut [(S, Connection)],
    count: usize,
) -> Result<Vec<Row>> {
    let mut chance = Chance::new(11);
    let empty = || vec![Series::default(); sizes.len()];
    let mut rows: Vec<Row> =
        operations.iter().map(|(name, ..)| Row { name, times: empty() }).collect();
    // The first round is not counted: it meets empty caches.
    for round in 0..=count {
        for ((name, status, make), row) in operations.iter().zip(&mut rows) {
            for at in 0..sizes.len() {
                let at = if round % 2 == 0 { at } else { sizes.len() - 1 - at };
                let (state, connection) = &mut sizes[at];
                let request = make(state, &mut chance);
                let begun = Instant::now();
                let answer = connection.exchange(&request).await?;
                let time = begun.elapsed();
                let told = || String::from_utf8_lossy(answer.body).into_owned();
                ensure!(answer.status == *status, "{name}: {}: {}", answer.status, told());
                if round > 0 {
                    row.times[at].push(time);
                }
            }
        }
    }
    Ok(rows)
}

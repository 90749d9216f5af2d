//! How much gets done in a second, beside what the machine could do at most.

mod clients;
mod report;
mod subject;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

pub(crate) use self::report::report;
use self::{
    clients::World,
    subject::{CLIENTS, Subject},
};
use crate::{
    chance::Chance,
    crowd::{self, Crowd},
    disk,
    http::Connection,
    limit::{
        constant::Constant,
        sqlite::{Pattern, Rows},
    },
    people,
    process::Memory,
    rate::{self, Client, Spurt},
    series::Series,
    site::{Site, Usage},
};

/// Where the numbers of people begin who come while it is measured: of seven digits to the end.
const NEW: usize = 1_000_000;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Plan {
    users: usize,
    rounds: usize,
    time: Duration,
}

impl Plan {
    fn of(site: &Site) -> Self {
        if site.quick {
            Self { users: 2_000, rounds: 2, time: Duration::from_millis(500) }
        } else {
            Self { users: 10_000, rounds: 5, time: Duration::from_secs(2) }
        }
    }
}

/// What was measured of a subject with so many clients.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// How many in a second, round by round.
    rates: Vec<f64>,
    times: Series,
    done: usize,
    usage: Usage,
}

impl Cell {
    fn add(&mut self, spurt: Spurt) {
        self.rates.push(spurt.rate());
        self.done += spurt.done;
        self.usage = self.usage.plus(spurt.usage);
        self.times.extend(spurt.times);
    }
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    users: usize,
    rounds: usize,
    time: Duration,
    /// Bytes of the answer that is a user.
    answer: usize,
    cells: HashMap<(Subject, usize), Cell>,
    disk: Series,
    memory: Memory,
}

/// Measures all of them, round by round, forwards and backwards in turn.
pub(crate) fn measure(site: &Site) -> Result<Measured> {
    let plan = Plan::of(site);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let crowd = runtime.block_on(Crowd::make(site.caller()?, plan.users))?;
    let group = runtime.block_on(crowd::make_group(&crowd.caller, "Everybody", &crowd.ids))?;
    let pattern = runtime.block_on(pattern(&crowd))?;
    let answer = runtime.block_on(one_user(&crowd))?;
    let constant = Constant::start(&site.folder, &answer)?;
    let mut limits = Limits::new(site, &pattern)?;
    let world = World { crowd: Arc::new(crowd), group, next: Arc::new(AtomicUsize::new(NEW + 1)) };
    let subjects = Subject::of(site.engine);
    let mut clients: HashMap<Subject, Vec<Client>> = subjects
        .iter()
        .map(|subject| (*subject, clients::of(*subject, site, &world, &constant)))
        .collect();
    let mut measured = Measured {
        users: plan.users,
        rounds: plan.rounds,
        time: plan.time,
        answer: answer.len(),
        cells: HashMap::new(),
        disk: Series::default(),
        memory: Memory::default(),
    };
    for round in 0..plan.rounds {
        eprintln!("round {} of {}", round + 1, plan.rounds);
        for _ in 0..20 {
            measured.disk.push(disk::durable_write(&site.folder)?);
        }
        for count in CLIENTS {
            for at in 0..subjects.len() {
                let subject =
                    subjects[if round.is_multiple_of(2) { at } else { subjects.len() - 1 - at }];
                let clients = clients.entry(subject).or_default();
                let spurt = match subject {
                    Subject::Rows(_) | Subject::Pgbench => {
                        limits.spurt(subject, site, count, plan.time)
                    }
                    Subject::Constant => {
                        let usage = || site.usage_with(constant.process());
                        rate::spurt(&runtime, clients, count, plan.time, usage)
                    }
                    _ => rate::spurt(&runtime, clients, count, plan.time, || site.usage()),
                };
                let spurt =
                    spurt.with_context(|| format!("{}, {count} at once", subject.name()))?;
                measured.cells.entry((subject, count)).or_default().add(spurt);
            }
        }
    }
    measured.memory = site.server().memory()?;
    Ok(measured)
}

/// The limits that are no servers of ours.
struct Limits {
    rows: Option<Rows>,
}

impl Limits {
    fn new(site: &Site, pattern: &Pattern) -> Result<Self> {
        if let Some(pgbench) = &site.pgbench {
            pgbench.prepare(&site.folder)?;
        }
        let stores = site.store.as_ref().zip(site.empty.as_ref());
        let rows = stores.map(|(served, empty)| Rows::new(served, empty, pattern));
        Ok(Self { rows: rows.transpose()? })
    }

    fn spurt(
        &mut self,
        subject: Subject,
        site: &Site,
        count: usize,
        time: Duration,
    ) -> Result<Spurt> {
        if let Subject::Rows(piece) = subject {
            let rows = self.rows.as_mut().context("there is no store of SQLite")?;
            return rows.spurt(piece, count, time);
        }
        let pgbench = site.pgbench.as_ref().context("there is no pgbench")?;
        pgbench.spurt(&site.folder, count, time)
    }
}

/// A user who is created, changed and made a member by a request each.
async fn pattern(crowd: &Crowd) -> Result<Pattern> {
    let caller = &crowd.caller;
    let body = people::whole(NEW).to_string();
    let user = crowd::ask(caller, "POST", "/Users", &body, 201).await?;
    let user = user["id"].as_str().context("a user without an id")?.to_owned();
    let body = crowd::new_profile(&mut Chance::new(1)).to_string();
    crowd::ask(caller, "PATCH", &format!("/Users/{user}"), &body, 200).await?;
    let group = crowd::make_group(caller, "Pattern", &[]).await?;
    let adding = json!({"op": "add", "path": "members", "value": [{"value": user}]});
    let body = crowd::patch(&adding).to_string();
    crowd::ask(caller, "PATCH", &format!("/Groups/{group}"), &body, 204).await?;
    Ok(Pattern { user, number: NEW, group })
}

/// The answer that is a user.
async fn one_user(crowd: &Crowd) -> Result<Vec<u8>> {
    let mut connection = Connection::new(crowd.caller.address);
    let id = crowd.ids.last().context("there are no users")?;
    let request = crowd.caller.get(&format!("/Users/{id}"));
    let answer = connection.exchange(&request).await?;
    ensure!(answer.status == 200, "a user cannot be read: {}", answer.status);
    Ok(answer.body.to_vec())
}

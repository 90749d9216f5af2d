//! [`Scene`]: a server under load that is struck, and audited afterwards.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use workload::{Client, Random, Tenant, Unacknowledged};

use super::LIMIT;
use crate::postgres::Cluster;
use crate::server::Server;

/// Organizations at once.
const ORGANIZATIONS: usize = 3;
/// Workers in each of them.
const WORKERS: usize = 4;

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// The server.
    Server,
    /// PostgreSQL and all of its processes; the server has to recover by itself.
    Database,
    /// Both, as when a machine fails.
    Both,
}

impl Blow {
    pub(super) const ALL: [Self; 3] = [Self::Server, Self::Database, Self::Both];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Server => "the server was killed",
            Self::Database => "PostgreSQL was killed",
            Self::Both => "both were killed",
        }
    }
}

/// A server with organizations that are changed, and its cluster where it is on PostgreSQL.
pub(super) struct Scene {
    server: Server,
    cluster: Option<Cluster>,
    tenants: Vec<Tenant>,
    generation: u64,
    random: Random,
}

/// What a blow does to the scene while the workers go on.
pub(super) struct Stage<'s> {
    server: &'s mut Server,
    cluster: &'s mut Option<Cluster>,
    random: &'s mut Random,
    progress: &'s AtomicU64,
}

/// What the workers were told in a cycle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Struck {
    pub(super) acknowledged: u64,
}

/// What became of the requests that were not acknowledged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Audited {
    pub(super) unacknowledged: u64,
    pub(super) done: u64,
}

impl Scene {
    pub(super) fn new(server: Server, cluster: Option<Cluster>, random: Random) -> Self {
        Self { server, cluster, tenants: Vec::new(), generation: 0, random }
    }

    /// Deletes the organizations, and makes others.
    pub(super) fn next_generation(&mut self) -> Result<()> {
        for tenant in self.tenants.drain(..) {
            self.server.ask(&["organization", "delete", &tenant.slug, "--yes"])?;
        }
        self.generation += 1;
        for number in 1..=ORGANIZATIONS {
            let slug = format!("customer-{}-{number}", self.generation);
            let connection = self.server.connect(&slug, "okta", "scim2")?;
            let address = self.server.address().to_string();
            self.tenants.push(Tenant::begin(
                &address,
                &slug,
                &connection.token,
                WORKERS,
                &mut self.random,
            )?);
        }
        let verified = self.server.ask(&["verify"])?;
        for tenant in &mut self.tenants {
            tenant.count_from(events(&verified, &tenant.slug)?);
        }
        Ok(())
    }

    /// What is to be killed: mostly the server, on PostgreSQL in turns.
    pub(super) fn next_blow(&mut self, cycle: u64) -> Blow {
        match (&self.cluster, cycle % 4) {
            (Some(_), 1) => Blow::Database,
            (Some(_), 3) => Blow::Both,
            _ => Blow::Server,
        }
    }

    /// Lets the workers work until `blow` has happened.
    pub(super) fn under_load(
        &mut self,
        blow: impl FnOnce(&mut Stage<'_>) -> Result<()>,
    ) -> Result<Struck> {
        let before = self.acknowledged();
        let stop = AtomicBool::new(false);
        let progress = AtomicU64::new(0);
        let address = self.server.address().to_string();
        let Self { server, cluster, tenants, random, .. } = self;
        thread::scope(|scope| -> Result<()> {
            let mut threads = Vec::new();
            for tenant in tenants {
                let Tenant { token, everybody, workers, .. } = tenant;
                for worker in workers {
                    let mut client = Client::new(&address, token);
                    let (stop, progress, everybody) = (&stop, &progress, &*everybody);
                    threads.push(scope.spawn(move || -> Result<()> {
                        while !stop.load(Ordering::Relaxed) {
                            let acknowledged = worker.acknowledged();
                            if !worker.step(&mut client, everybody)? {
                                // No one listens. It may be about to begin.
                                thread::sleep(Duration::from_millis(5));
                            } else if worker.acknowledged() > acknowledged {
                                progress.fetch_add(1, Ordering::Relaxed);
                            } else {
                                // Refused. Most will be, for a while.
                                thread::sleep(Duration::from_millis(20));
                            }
                        }
                        Ok(())
                    }));
                }
            }
            let struck = blow(&mut Stage { server, cluster, random, progress: &progress });
            stop.store(true, Ordering::Relaxed);
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a worker panicked"))??;
            }
            struck
        })?;
        Ok(Struck { acknowledged: self.acknowledged() - before })
    }

    fn acknowledged(&self) -> u64 {
        self.tenants.iter().map(Tenant::acknowledged).sum()
    }

    /// Starts the server again.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.server.restart()
    }

    /// Compares what is there with what was acknowledged, and checks every row of the store. Every
    /// change has left one event.
    pub(super) fn check(&mut self) -> Result<Audited> {
        let mut audited = Audited::default();
        let address = self.server.address().to_string();
        for tenant in &mut self.tenants {
            let workers = tenant.workers.iter();
            let doubts = workers.map(|worker| worker.unacknowledged().count() as u64);
            audited.unacknowledged += doubts.sum::<u64>();
            let before = tenant.events();
            let found = tenant.read(&address)?;
            tenant.audit(&found, Unacknowledged::DoneOrNot)?;
            audited.done += tenant.events() - before;
        }
        let verified = self.server.ask(&["verify"])?;
        for tenant in &self.tenants {
            let events = events(&verified, &tenant.slug)?;
            if events != tenant.events() {
                bail!("{} has {events} events, and must have {}", tenant.slug, tenant.events());
            }
        }
        Ok(audited)
    }

    /// Passes the outcome on; prints the end of the server's log when it is a failure.
    pub(super) fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        self.server.explain(outcome)
    }

    /// Tells the server to end.
    pub(super) fn end(self) -> Result<()> {
        self.server.stop()
    }
}

/// How many events an organization has, as `verify` tells it.
fn events(verified: &Value, slug: &str) -> Result<u64> {
    let mut organizations = verified["organizations"].as_array().into_iter().flatten();
    let found = organizations.find(|organization| organization["slug"] == slug);
    let found = found.with_context(|| format!("`verify` does not name {slug}"))?;
    found["events"].as_u64().context("`verify` tells no number of events")
}

impl Stage<'_> {
    /// Waits for some acknowledgements, and then for a moment within a commit; then it strikes.
    pub(super) fn strike(&mut self, blow: Blow) -> Result<()> {
        let some = 10 + self.random.below(150);
        self.wait_for(some)?;
        thread::sleep(Duration::from_micros(self.random.below(4000)));
        if blow != Blow::Database {
            self.server.kill()?;
        }
        if blow == Blow::Server {
            return Ok(());
        }
        let cluster = self.cluster.as_mut().context("there is no PostgreSQL to kill")?;
        cluster.kill()?;
        cluster.restart()?;
        if blow == Blow::Database {
            // The server takes changes again by itself.
            self.wait_for(1)?;
        }
        Ok(())
    }

    fn wait_for(&self, acknowledgements: u64) -> Result<()> {
        let begun = Instant::now();
        let before = self.progress.load(Ordering::Relaxed);
        while self.progress.load(Ordering::Relaxed) < before + acknowledgements {
            if begun.elapsed() > LIMIT {
                bail!("no {acknowledgements} requests were acknowledged in {} s", LIMIT.as_secs());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

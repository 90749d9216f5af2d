//! [`Scene`]: a server on SQLite whose disk is watched, with organizations that are changed.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use workload::{Client, Journal, Outcome, Random, Tenant, Unacknowledged, Worker};

use super::preload::{Control, Preload};
use crate::command::TICK;
use crate::server::{Server, Setup};
use crate::workspace::Workspace;

/// How a scene is set.
#[derive(Debug)]
pub(super) struct Setting {
    /// Names its folder and log.
    pub(super) name: &'static str,
    /// The program.
    pub(super) binary: PathBuf,
    /// An empty PostgreSQL database; without one the store is on a watched disk.
    pub(super) database: Option<String>,
    pub(super) organizations: usize,
    /// In each of them.
    pub(super) workers: usize,
    pub(super) seed: u64,
    /// The deadline of requests. A short one, where a test waits for it.
    pub(super) deadline: &'static str,
}

/// A server with organizations, and its disk where that is watched.
pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) tenants: Vec<Tenant>,
    pub(super) control: Control,
    preload: Option<Preload>,
    journal: Option<PathBuf>,
    environment: Vec<(String, String)>,
}

impl Scene {
    /// A server on a new store with organizations. It has ended; its disk is watched from the next
    /// start on.
    pub(super) fn new(workspace: &Workspace, setting: Setting) -> Result<Self> {
        let Setting { name, binary, database, organizations, workers, seed, deadline } = setting;
        let preload = match database {
            None => Some(Preload::build(workspace)?),
            Some(_) => None,
        };
        let environment = vec![
            ("DOORWARD_LOG".to_owned(), "error".to_owned()),
            ("DOORWARD_LIMITS_REQUEST_DEADLINE".to_owned(), deadline.to_owned()),
        ];
        let mut server = Server::open(Setup {
            binary,
            scratch: workspace.scratch(),
            name: name.to_owned(),
            database,
            environment: environment.clone(),
        })?;
        let mut random = Random::new(seed);
        let mut tenants = Vec::new();
        for number in 1..=organizations {
            let slug = format!("customer-{number}");
            let connection = server.connect(&slug, "okta", "scim2")?;
            let address = server.address().to_string();
            tenants.push(Tenant::begin(&address, &slug, &connection.token, workers, &mut random)?);
        }
        let verified = server.ask(&["verify"])?;
        for tenant in &mut tenants {
            tenant.count_from(events(&verified, &tenant.slug)?);
        }
        server.end()?;
        let control = Control::create(server.folder().join("control"))?;
        let mut scene = Self { server, tenants, control, preload, journal: None, environment };
        scene.watch()?;
        Ok(scene)
    }

    fn watch(&mut self) -> Result<()> {
        let mut environment = self.environment.clone();
        if let Some(preload) = &self.preload {
            let (data, journal) = (self.server.data(), self.journal.as_deref());
            environment.extend(preload.environment(&data, journal, &self.control)?);
        }
        self.server.set_environment(environment);
        Ok(())
    }

    /// Writes down from the next start on what the disk is told and what is acknowledged.
    pub(super) fn record(&mut self) -> Result<PathBuf> {
        let path = self.server.folder().join("journal");
        let journal = Journal::append_to(&path).context("cannot make the journal")?;
        for worker in self.tenants.iter_mut().flat_map(|tenant| &mut tenant.workers) {
            worker.write_to(Some(journal.clone()));
        }
        self.journal = Some(path.clone());
        self.watch()?;
        Ok(path)
    }

    /// Copies the store as it is.
    pub(super) fn copy(&self, name: &str) -> Result<PathBuf> {
        let folder = self.server.folder().join(name);
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(self.server.data())? {
            let entry = entry?;
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        Ok(folder)
    }

    /// Lets all workers work until so many requests were acknowledged in all.
    pub(super) fn until_acknowledged(&mut self, requests: u64) -> Result<()> {
        let done = AtomicU64::new(0);
        let address = self.server.address().to_string();
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for tenant in &mut self.tenants {
                let Tenant { token, everybody, workers, .. } = tenant;
                for worker in workers {
                    let mut client = Client::new(&address, token);
                    let (done, everybody) = (&done, &*everybody);
                    threads.push(scope.spawn(move || -> Result<()> {
                        while done.load(Ordering::Relaxed) < requests {
                            let before = worker.acknowledged();
                            if !worker.step(&mut client, everybody)? {
                                bail!("the server is gone");
                            }
                            done.fetch_add(worker.acknowledged() - before, Ordering::Relaxed);
                        }
                        Ok(())
                    }));
                }
            }
            for thread in threads {
                thread.join().map_err(|_| anyhow!("a worker panicked"))??;
            }
            Ok(())
        })
    }

    /// Lets each worker make so many steps, one after the other. `false`: no one listens.
    pub(super) fn steps(&mut self, steps: u64) -> Result<bool> {
        let address = self.server.address().to_string();
        for _ in 0..steps {
            for tenant in &mut self.tenants {
                let Tenant { token, everybody, workers, .. } = tenant;
                for worker in workers {
                    // A connection each, so that a fault that ends one ends no other.
                    if !worker.step(&mut Client::new(&address, token), everybody)? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// What `GET` of a path is answered with, by the first organization.
    pub(super) fn get(&self, path: &str) -> Outcome {
        Client::new(&self.server.address().to_string(), &self.tenants[0].token)
            .send("GET", path, "")
    }

    /// Compares what is there with what was acknowledged.
    pub(super) fn audit(&mut self, unacknowledged: Unacknowledged) -> Result<()> {
        let address = self.server.address().to_string();
        for tenant in &mut self.tenants {
            let found = tenant.read(&address)?;
            tenant.audit(&found, unacknowledged)?;
        }
        Ok(())
    }

    /// Checks every row of the store, and that each change has left one event.
    pub(super) fn verify(&self) -> Result<()> {
        let verified = self.server.ask(&["verify"])?;
        for tenant in &self.tenants {
            let (there, wanted) = (events(&verified, &tenant.slug)?, tenant.events());
            if there != wanted {
                bail!("{} has {there} events, and must have {wanted}", tenant.slug);
            }
        }
        Ok(())
    }

    /// What became of the requests that were not acknowledged since the last audit.
    pub(super) fn unacknowledged(&self) -> impl Iterator<Item = &Outcome> {
        let workers = self.tenants.iter().flat_map(|tenant| &tenant.workers);
        workers.flat_map(Worker::unacknowledged)
    }

    /// How many requests were acknowledged.
    pub(super) fn acknowledged(&self) -> u64 {
        self.tenants.iter().map(Tenant::acknowledged).sum()
    }

    /// Waits until the server says that it is ready, and takes a change.
    pub(super) fn recovers(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let answer = self.get("/readyz");
            if matches!(answer, Outcome::Answered { status: 200, .. }) {
                break;
            }
            if begun.elapsed() > PATIENCE {
                bail!("GET /readyz in {} s: {answer:?}", PATIENCE.as_secs());
            }
            thread::sleep(TICK);
        }
        let before = self.acknowledged();
        self.steps(1)?;
        if self.acknowledged() == before {
            let last = self.unacknowledged().last();
            bail!("the server says that it is ready, and takes no change: {last:?}");
        }
        Ok(())
    }
}

/// How long a server may need to recover.
const PATIENCE: Duration = Duration::from_secs(30);

fn events(verified: &Value, slug: &str) -> Result<u64> {
    let mut organizations = verified["organizations"].as_array().into_iter().flatten();
    let found = organizations.find(|organization| organization["slug"] == slug);
    let found = found.with_context(|| format!("`verify` does not name {slug}"))?;
    found["events"].as_u64().context("`verify` tells no number of events")
}

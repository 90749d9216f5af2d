//! `cargo xtask hang`: a store that does not answer at all, and gives no error either.
//!
//! PostgreSQL is stopped where it is (SIGSTOP to each of its processes); the disk of SQLite keeps
//! writes and syncs waiting. Every request is answered within its deadline; without one it would
//! wait for as long as the store hangs, which here is until all requests have been answered.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use workload::{Client, Outcome, Unacknowledged};

use super::preload::Fault;
use super::scene::{Scene, Setting};
use crate::postgres::{Cluster, Durability};
use crate::server::Engine;
use crate::step::{Run, Tally};
use crate::workspace::{Profile, Workspace};

/// `cargo xtask hang`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only on this engine
    #[arg(long)]
    engine: Option<Engine>,
    /// How often the store hangs
    #[arg(long, default_value_t = 5)]
    times: u64,
}

/// Whether a request needs the part of the store that hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    Reading,
    Writing,
}

/// What is asked while the store hangs.
const REQUESTS: &[(&str, &str, &str, Needs)] = &[
    ("GET", "/healthz", "", Needs::Nothing),
    ("GET", "/scim/v2/Users?count=10", "", Needs::Reading),
    ("GET", "/scim/v2/Users?filter=userName%20eq%20%22nobody%22", "", Needs::Reading),
    ("GET", "/scim/v2/Groups", "", Needs::Reading),
    ("GET", "/scim/v2/ServiceProviderConfig", "", Needs::Reading),
    ("POST", "/scim/v2/Groups", r#"{"displayName":"Late"}"#, Needs::Writing),
    ("POST", "/scim/v2/Bulk", BULK, Needs::Writing),
];

const BULK: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
    {"method":"POST","path":"/Groups","bulkId":"1","data":{"displayName":"Late in bulk"}}]}"#;

/// Lets the store hang on the engines.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let binary = workspace.build(Profile::Dev, "doorward")?;
    for engine in Engine::chosen(options.engine) {
        on(&workspace, &binary, engine, options.times, "10s")?;
    }
    Ok(())
}

/// The short form, within a step of `cargo xtask test`.
pub(super) fn short(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let binary = run.doorward()?;
    for engine in run.engines.clone() {
        on(&run.workspace, &binary, engine, 1, "2s")?;
        tally.add(Tally { passed: REQUESTS.len() as u64, ..Tally::default() });
    }
    Ok(())
}

fn on(
    workspace: &Workspace,
    binary: &Path,
    engine: Engine,
    times: u64,
    deadline: &'static str,
) -> Result<()> {
    let mut cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start(workspace, Durability::Durable)?),
    };
    let database = cluster.as_mut().map(Cluster::create_database).transpose()?;
    let setting = Setting {
        name: "hang",
        binary: binary.to_owned(),
        database,
        organizations: 1,
        workers: 2,
        seed: 1,
        deadline,
    };
    let mut scene = Scene::new(workspace, setting)?;
    scene.server.restart()?;
    scene.steps(5)?;
    let mut slowest = Duration::ZERO;
    for _ in 0..times {
        match &cluster {
            None => scene.control.always(Fault::Hangs)?,
            Some(cluster) => cluster.freeze()?,
        }
        let answered = ask_all(&scene, engine);
        // In any case, or nothing that we started would ever end.
        match &cluster {
            None => scene.control.nothing()?,
            Some(cluster) => cluster.thaw()?,
        }
        let answered = scene.server.explain(answered).context(engine.name())?;
        slowest = slowest.max(answered);
        scene.recovers().context(engine.name())?;
        scene.audit(Unacknowledged::DoneOrNot).context(engine.name())?;
    }
    // The requests that were late may have been done: each has left its event, and no worker knows.
    scene.server.ask(&["verify"])?;
    println!(
        "{} hung {times} times: {} requests each, deadline {deadline}, slowest answer {:.2} s",
        engine.name(),
        REQUESTS.len() + 1,
        slowest.as_secs_f64()
    );
    Ok(())
}

/// Sends all requests at once; how long the slowest answer took.
fn ask_all(scene: &Scene, engine: Engine) -> Result<Duration> {
    let address = scene.server.address().to_string();
    let token = &scene.tenants[0].token;
    let slowest = thread::scope(|scope| -> Result<Duration> {
        let threads: Vec<_> = REQUESTS
            .iter()
            .map(|&(method, path, body, needs)| {
                let mut client = Client::new(&address, token);
                scope.spawn(move || {
                    let begun = Instant::now();
                    let answer = client.send(method, path, body);
                    let hangs = match engine {
                        // SQLite's readers need nothing of its writer.
                        Engine::Sqlite => needs == Needs::Writing,
                        Engine::Postgres => needs != Needs::Nothing,
                    };
                    let is_right = match answer {
                        Outcome::Answered { status: 503, retry_after: Some(_), .. } => hangs,
                        Outcome::Answered { status: 200, .. } => !hangs,
                        _ => false,
                    };
                    if !is_right {
                        bail!("{method} {path}: {answer:?}");
                    }
                    Ok(begun.elapsed())
                })
            })
            .collect();
        let mut slowest = Duration::ZERO;
        for thread in threads {
            let took = thread.join().map_err(|_| anyhow!("a client panicked"))??;
            slowest = slowest.max(took);
        }
        Ok(slowest)
    })?;
    // After the first that waited in vain.
    match scene.get("/readyz") {
        Outcome::Answered { status: 503, .. } => Ok(slowest),
        answer => bail!("GET /readyz: {answer:?}"),
    }
}

//! `cargo xtask crash`: what was acknowledged is kept, whenever the server or PostgreSQL is killed.
//!
//! Each cycle puts several organizations under load, kills something with SIGKILL, starts it again
//! on the same store, compares everything that is there with what was acknowledged ([`workload`]),
//! and lets `doorward verify` check every row. When it strikes is a number of acknowledgements and a
//! moment within a commit, not a time: the test is as strong on a slow machine.

mod scene;
mod table;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use workload::Random;

use self::{
    scene::{Blow, Scene},
    table::Figures,
};
use crate::postgres::{Cluster, Durability};
use crate::server::{Engine, Server, Setup};
use crate::step::{Run, Tally};
use crate::workspace::{Profile, Workspace};

/// Cycles of the short form.
const SHORT: u64 = 10;

/// After so many cycles the organizations are deleted and others made: a store that only grows
/// would make the audits slow, and what is deleted is cleared away under blows, too.
const GENERATION: u64 = 25;

/// `cargo xtask crash`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often to kill and restart, on each engine
    #[arg(long, default_value_t = 500)]
    cycles: u64,
    /// Only on this engine
    #[arg(long)]
    engine: Option<Engine>,
    /// Repeats a run: the load and the moments come from it
    #[arg(long)]
    seed: Option<u64>,
    /// Test the program that `cargo build --release` makes
    #[arg(long)]
    release: bool,
}

/// Runs the cycles on the engines.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    let binary = workspace.build(profile, "doorward")?;
    let seed = options.seed.unwrap_or_else(|| u64::from(std::process::id()));
    for engine in Engine::chosen(options.engine) {
        let setup = Setup {
            binary: binary.clone(),
            scratch: workspace.scratch(),
            name: format!("crash-{}", engine.name().to_lowercase()),
            database: None,
            environment: vec![("DOORWARD_LOG".to_owned(), "warn".to_owned())],
        };
        let figures = on(&workspace, engine, setup, options.cycles, seed)?;
        println!("\n{figures}");
    }
    Ok(())
}

/// The short form, a step of `cargo xtask test`.
pub(crate) fn step(run: &mut Run, tally: &mut Tally) -> Result<()> {
    for engine in run.engines.clone() {
        let setup = Setup {
            binary: run.doorward()?,
            scratch: run.workspace.scratch(),
            name: format!("crash-{}", engine.name().to_lowercase()),
            database: None,
            environment: vec![("DOORWARD_LOG".to_owned(), "warn".to_owned())],
        };
        let figures = on(&run.workspace, engine, setup, SHORT, 1)?;
        tally.add(Tally { passed: figures.cycles(), ..Tally::default() });
        println!("{figures}");
    }
    Ok(())
}

/// Runs so many cycles on an engine.
fn on(
    workspace: &Workspace,
    engine: Engine,
    mut setup: Setup,
    cycles: u64,
    seed: u64,
) -> Result<Figures> {
    println!("{}: {cycles} cycles, --seed {seed}", engine.name());
    let mut cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start(workspace, Durability::Durable)?),
    };
    if let Some(cluster) = &mut cluster {
        setup.database = Some(cluster.create_database()?);
    }
    let server = Server::open(setup)?;
    let mut scene = Scene::new(server, cluster, Random::new(seed));
    let outcome = play(&mut scene, engine, cycles);
    if outcome.is_err() {
        println!("repeat it with `cargo xtask crash --engine {} --seed {seed}`", engine.word());
    }
    let figures = scene.explain(outcome).context(engine.name())?;
    scene.end()?;
    Ok(figures)
}

fn play(scene: &mut Scene, engine: Engine, cycles: u64) -> Result<Figures> {
    let mut figures = Figures::new(engine);
    for cycle in 0..cycles {
        if cycle % GENERATION == 0 {
            scene.next_generation()?;
        }
        let blow = scene.next_blow(cycle);
        let struck = scene.under_load(|scene_of| scene_of.strike(blow));
        let struck = struck.with_context(|| format!("cycle {cycle}, {}", blow.name()))?;
        let begun = Instant::now();
        if blow != Blow::Database {
            scene.restart()?;
        }
        let ready = begun.elapsed();
        let audited = scene.check().with_context(|| format!("cycle {cycle}, {}", blow.name()))?;
        figures.add(blow, ready, struck, audited);
        if (cycle + 1) % 10 == 0 {
            println!("{}", figures.line(cycles));
        }
    }
    Ok(figures)
}

/// How long the slowest step of a cycle may take.
const LIMIT: Duration = Duration::from_mins(1);

//! The step `examples`: the programs of `examples/`, as whoever copies them runs them.
//!
//! Both applications sign people in in Chromium, through identity providers that others wrote; the
//! receivers are killed while an organization changes, and have the same people in the end.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{self, Captured, TICK};
use crate::guard::{Guarded, Signal};
use crate::server::{Engine, Server};
use crate::step::{Run, Tally};
use crate::workspace::Workspace;
use crate::{install, machine, node, python, spoken};

/// Each check takes half a minute.
const LIMIT: Duration = Duration::from_mins(5);
const LIMIT_LONG: Duration = Duration::from_mins(30);

/// Changes that the receivers follow.
const CHANGES: u32 = 400;
const CHANGES_LONG: u32 = 20_000;

/// How long a check may take to end what it started.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs both checks: the sign-in on SQLite, since what a person sees does not depend on the engine; the
/// receivers with a server on each engine of the run.
pub(crate) fn run(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let programs = Programs::install(&run.workspace)?;
    sign_in(run, &programs, tally).context("the sign-in")?;
    for engine in run.engines.clone() {
        receivers(run, &programs, engine, tally).context(engine.name())?;
    }
    Ok(())
}

/// What the checks run, with all that it stands on.
#[derive(Debug)]
struct Programs {
    chromium: PathBuf,
    node: PathBuf,
    python: PathBuf,
    /// The checks themselves.
    checks: PathBuf,
    /// The application in Rust.
    app: PathBuf,
    /// Copies of the examples in Node with their packages.
    app_node: PathBuf,
    receiver: PathBuf,
}

impl Programs {
    fn install(workspace: &Workspace) -> Result<Self> {
        install::openssl()?;
        install::xml_judges()?;
        let receiver =
            node::modules(workspace, "examples/receiver-node", "examples/receiver-node")?;
        let compiler = receiver.join("node_modules/typescript/bin/tsc");
        let node = node::program()?;
        command::run(Command::new(&node).arg(compiler).current_dir(&receiver))?;
        Ok(Self {
            chromium: install::chromium()?,
            python: python::environment(workspace)?.join("python3"),
            checks: node::modules(workspace, "xtask/examples", "examples/checks")?,
            app: build_app(workspace)?,
            app_node: node::modules(workspace, "examples/app-node", "examples/app-node")?,
            node,
            receiver,
        })
    }

    /// A check, on the store that a command line of the program names.
    fn check(&self, script: &str, url: &str, doorward: &[String]) -> Result<Command> {
        let mut check = Command::new(&self.node);
        check
            .arg(script)
            .current_dir(&self.checks)
            .env("DOORWARD_URL", url)
            .env("DOORWARD", serde_json::to_string(doorward)?)
            .env("CHROMIUM", &self.chromium)
            .env("PYTHON", &self.python);
        Ok(check)
    }
}

/// The application in Rust, which is a workspace of its own: it is built as whoever copies it builds it, into a
/// folder of its own.
fn build_app(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.scratch().join("examples/app");
    let mut cargo = workspace.cargo();
    cargo
        .current_dir(workspace.root.join("examples/app"))
        .args(["build", "--quiet", "--locked", "--target-dir"])
        .arg(&target);
    command::run(&mut cargo)?;
    Ok(target.join("debug/doorward-example-app"))
}

fn sign_in(run: &mut Run, programs: &Programs, tally: &mut Tally) -> Result<()> {
    let server = Server::start(run, Engine::Sqlite, "examples")?;
    let folder = scratch(&run.workspace, "sign-in")?;
    let url = format!("http://{}", server.address());
    let mut check = programs.check("sign_in.mjs", &url, &server.command_line())?;
    check.env("APP", &programs.app).env("APP_NODE", &programs.app_node).env("SCRATCH", &folder);
    server.explain(finish(&mut check, &folder, LIMIT, tally))?;
    server.stop()
}

/// The check starts and kills the server itself.
fn receivers(run: &mut Run, programs: &Programs, engine: Engine, tally: &mut Tally) -> Result<()> {
    println!("receivers ({})", engine.name());
    let folder = scratch(&run.workspace, &format!("receivers-{}", engine.word()))?;
    let url = format!("http://127.0.0.1:{}", machine::free_port()?);
    let [flag, store] = match engine {
        Engine::Sqlite => ["--data".to_owned(), folder.join("data").display().to_string()],
        Engine::Postgres => ["--database-url".to_owned(), run.postgres()?.create_database()?],
    };
    let program = run.doorward()?.display().to_string();
    let doorward = [program, flag, store, "--public-url".to_owned(), url.clone()];
    let (changes, limit) = if run.long { (CHANGES_LONG, LIMIT_LONG) } else { (CHANGES, LIMIT) };
    let mut check = programs.check("keep_in_step.mjs", &url, &doorward)?;
    check
        .env("RECEIVER_PYTHON", run.workspace.root.join("examples/receiver-python/receiver.py"))
        .env("RECEIVER_NODE", programs.receiver.join("receiver.js"))
        .env("DATABASE_URL", run.postgres()?.create_database()?)
        .env("SCRATCH", &folder)
        .env("CHANGES", changes.to_string());
    finish(&mut check, &folder, limit, tally)
}

/// A folder that a check may fill; it is deleted when the check has ended.
fn scratch(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let folder = workspace.scratch().join(format!("{name}-{}", process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// Runs a check to its end, and counts what it says. Whatever it started ends with it.
fn finish(check: &mut Command, folder: &Path, limit: Duration, tally: &mut Tally) -> Result<()> {
    let spoken = folder.join("spoken.txt");
    let file = File::create(&spoken).context("cannot write what the check says")?;
    let mut guard = Guarded::start(check.stdout(file), folder, Signal::Terminate, PATIENCE)?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = guard.ended()? {
            break status;
        }
        if start.elapsed() > limit {
            bail!("{}", command::tail(&spoken, 30));
        }
        thread::sleep(TICK);
    };
    let output = fs::read_to_string(&spoken).context("cannot read what the check says")?;
    let counted = spoken::checks(&Captured { status, output });
    if !counted.as_ref().is_ok_and(|counted| counted.failed == 0) {
        println!("{}", command::tail(&folder.join("server.log"), 30));
    }
    tally.add(counted?);
    Ok(())
}

//! The suites that measure the running program: what they are given.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Suite;
use crate::command;
use crate::server::{Engine, Server};
use crate::step::Run;

/// Starts the program on a fresh store, and gives it and what else the suite needs to `measure`:
/// as the path of a file that tells of it.
pub(crate) fn with_site(
    run: &mut Run,
    suite: Suite,
    engine: Engine,
    quick: bool,
    measure: impl FnOnce(&Run, &str) -> Result<()>,
) -> Result<()> {
    let server = Server::start(run, engine, suite.word())?;
    let outcome = site(run, &server, suite, engine, quick).and_then(|site| {
        let file = server.folder().join("site.json");
        fs::write(&file, site.to_string()).context("cannot tell of the site")?;
        measure(run, &file.display().to_string())
    });
    server.explain(outcome).with_context(|| format!("{} on {}", suite.word(), engine.name()))?;
    server.stop()
}

fn site(
    run: &mut Run,
    server: &Server,
    suite: Suite,
    engine: Engine,
    quick: bool,
) -> Result<Value> {
    let version = command::read(Command::new(run.doorward()?).arg("--version"))?;
    let mut callers = Vec::new();
    for number in 0..organizations(suite, engine) {
        let slug = format!("{}-{number}", suite.word());
        let connection = server.connect(&slug, "okta", "scim2")?;
        callers.push(json!({"address": server.address().to_string(), "token": connection.token}));
    }
    let mut told = json!({
        "suite": suite.word(),
        "engine": engine.word(),
        "quick": quick,
        "command": command_line(suite, engine, quick),
        "version": version.lines().next().unwrap_or_default(),
        "server": server.process(),
        "callers": callers,
        "folder": server.folder().display().to_string(),
    });
    match engine {
        Engine::Sqlite => {
            let text = |path: std::path::PathBuf| path.display().to_string();
            told["store"] = json!(server.file().map(text));
            told["empty"] = json!(text(server.empty_file()?));
        }
        Engine::Postgres => {
            let cluster = run.postgres()?;
            told["database"] = json!(cluster.process());
            let programs = cluster.programs().display().to_string();
            told["pgbench"] = json!({"programs": programs, "url": cluster.create_database()?});
        }
    }
    Ok(told)
}

/// How many organizations a suite wants.
fn organizations(suite: Suite, engine: Engine) -> usize {
    match (suite, engine) {
        // One, and one for each of 32 clients.
        (Suite::Load, Engine::Postgres) => 33,
        (Suite::Fair, _) => 2,
        // One of each size; the quick form leaves some alone.
        (Suite::Million, _) => 4,
        _ => 1,
    }
}

fn command_line(suite: Suite, engine: Engine, quick: bool) -> String {
    let quick = if quick { " --quick" } else { "" };
    format!("cargo xtask bench --suite {} --engine {}{quick}", suite.word(), engine.word())
}

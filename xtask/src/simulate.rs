//! The step `simulator`: each provider's client, as `doorward simulate` plays it, on each engine.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::server::{Engine, Server};
use crate::step::{Run, Tally};

/// One life of a connection takes seconds.
const LIFE_LIMIT: Duration = Duration::from_mins(5);

/// The volume takes minutes.
const VOLUME_LIMIT: Duration = Duration::from_mins(20);

/// How long the store may take to check itself.
const VERIFY_LIMIT: Duration = Duration::from_mins(5);

/// A client that `doorward simulate` plays.
struct Flavour {
    /// Slug of its organization.
    slug: &'static str,
    provider: &'static str,
    protocol: &'static str,
    /// Further arguments.
    arguments: &'static [&'static str],
}

const FLAVOURS: &[Flavour] = &[
    okta("custom", "scim2", &["--app", "custom"]),
    okta("catalog", "scim2", &["--app", "catalog"]),
    okta("header", "scim1", &[]),
    entra("entra", &[]),
    entra("entra-flagged", &["--flag"]),
];

/// As many people as a large customer pushes on the first day; they are kept, so that a full store
/// checks itself after. What differs in Entra's volume is seen with fewer, which are removed.
#[rustfmt::skip]
const VOLUMES: &[Flavour] = &[
    okta("volume", "scim2", &[
        "--app", "catalog",
        "--users", "10000", "--groups", "200", "--concurrency", "8", "--seed", "7", "--keep",
    ]),
    entra("entra-volume", &[
        "--users", "1000", "--groups", "40", "--concurrency", "8", "--seed", "7",
    ]),
];

const fn okta(
    slug: &'static str,
    protocol: &'static str,
    arguments: &'static [&'static str],
) -> Flavour {
    Flavour { slug, provider: "okta", protocol, arguments }
}

const fn entra(slug: &'static str, arguments: &'static [&'static str]) -> Flavour {
    Flavour { slug, provider: "entra", protocol: "scim2", arguments }
}

/// All flavours and the volume on each engine of the run.
pub(crate) fn run(run: &mut Run, tally: &mut Tally) -> Result<()> {
    for engine in run.engines.clone() {
        let server = Server::start(run, engine, "simulator")?;
        let outcome = on(&server, engine, tally);
        server.explain(outcome).context(engine.name())?;
        server.stop().context(engine.name())?;
    }
    Ok(())
}

fn on(server: &Server, engine: Engine, tally: &mut Tally) -> Result<()> {
    // Each has an organization of its own: two connections would fight over the same people.
    for flavour in FLAVOURS {
        simulate(server, engine, flavour, LIFE_LIMIT, tally)?;
    }
    verify(server, tally)?;
    for flavour in VOLUMES {
        simulate(server, engine, flavour, VOLUME_LIMIT, tally)?;
    }
    verify(server, tally)
}

fn simulate(
    server: &Server,
    engine: Engine,
    flavour: &Flavour,
    limit: Duration,
    tally: &mut Tally,
) -> Result<()> {
    let &Flavour { slug, provider, protocol, arguments } = flavour;
    let connection = server.connect(slug, provider, protocol)?;
    let arguments = [&["simulate", provider, "--protocol", protocol], arguments].concat();
    let shown = format!("doorward {}", arguments.join(" "));
    println!("$ {shown} ({})", engine.name());
    let access = ["--base-url", &connection.base_url, "--token", &connection.token];
    let start = Instant::now();
    let captured = server.run(&[&arguments[..], &access].concat(), limit)?;
    let report: Value = serde_json::from_str(&captured.output)
        .with_context(|| format!("the simulator gave no report: {}", captured.output))?;
    let report = Report::read(&report)?;
    let (passed, failed) = (report.passed, report.failed);
    tally.add(Tally { passed, failed, ignored: 0 });
    println!("  {passed} passed, {failed} failed ({:.1} s)", start.elapsed().as_secs_f64());
    if failed > 0 {
        bail!("`{shown}`:\n{}", report.complaints.join("\n"));
    }
    if !captured.status.success() {
        bail!("`{shown}` failed no step, and yet ended with {}", captured.status);
    }
    if passed == 0 {
        bail!("`{shown}` made no step");
    }
    Ok(())
}

/// What we read of the simulator's report.
struct Report {
    passed: u64,
    failed: u64,
    /// Each failed step, as the simulator told it.
    complaints: Vec<String>,
}

impl Report {
    /// `{"passed": 31, "failed": 0, "not_kept": [], "steps": [{"result": "pass", ...}, ...]}`
    fn read(report: &Value) -> Result<Self> {
        let number = |key: &str| {
            report[key].as_u64().with_context(|| format!("the report has no number `{key}`"))
        };
        let steps = report["steps"].as_array().context("the report has no list `steps`")?;
        let failed = steps.iter().filter(|step| step["result"] != "pass");
        let mut complaints: Vec<String> = failed.map(Value::to_string).collect();
        let mut failures = number("failed")?;
        // The simulator accepts a server that does not keep an optional attribute. We do not.
        if report["not_kept"].as_array().is_none_or(|names| !names.is_empty()) {
            failures += 1;
            complaints.push(format!("attributes that were not kept: {}", report["not_kept"]));
        }
        // Nor one that does not let everything go that was made. With `--keep` nothing was removed.
        let removed = &report["removed"];
        if !removed.is_null() && (removed["left"] != 0 || removed["deactivated"] != 0) {
            failures += 1;
            complaints.push(format!("what was made was not removed: {removed}"));
        }
        Ok(Self { passed: number("passed")?, failed: failures, complaints })
    }
}

/// The store checks itself: counters, indexes, events and audit chain against the records.
fn verify(server: &Server, tally: &mut Tally) -> Result<()> {
    println!("$ doorward verify");
    let captured = server.run(&["verify"], VERIFY_LIMIT)?;
    if !captured.status.success() {
        bail!("`doorward verify` failed ({}): {}", captured.status, captured.output);
    }
    tally.add(Tally { passed: 1, ..Tally::default() });
    Ok(())
}

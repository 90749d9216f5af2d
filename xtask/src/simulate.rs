//! The step `simulator`: Okta's client, as `doorward simulate okta` plays it, on each engine.

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

/// A kind of app in Okta: slug of its organization, protocol, further arguments.
const FLAVOURS: &[(&str, &str, &[&str])] = &[
    ("custom", "scim2", &["--app", "custom"]),
    ("catalog", "scim2", &["--app", "catalog"]),
    ("header", "scim1", &[]),
];

/// As many people as a large customer pushes on the first day.
const VOLUME: &[&str] =
    &["--users", "10000", "--groups", "200", "--concurrency", "8", "--seed", "7"];

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
    for (slug, protocol, arguments) in FLAVOURS {
        simulate(server, engine, slug, protocol, arguments, LIFE_LIMIT, tally)?;
    }
    verify(server, tally)?;
    let volume = [&["--app", "catalog"], VOLUME].concat();
    simulate(server, engine, "volume", "scim2", &volume, VOLUME_LIMIT, tally)?;
    verify(server, tally)
}

fn simulate(
    server: &Server,
    engine: Engine,
    slug: &str,
    protocol: &str,
    arguments: &[&str],
    limit: Duration,
    tally: &mut Tally,
) -> Result<()> {
    let connection = server.connect(slug, protocol)?;
    let shown = format!("doorward simulate okta --protocol {protocol} {}", arguments.join(" "));
    println!("$ {} ({})", shown.trim_end(), engine.name());
    let access = [
        "simulate",
        "okta",
        "--base-url",
        &connection.base_url,
        "--token",
        &connection.token,
        "--protocol",
        protocol,
    ];
    let start = Instant::now();
    let captured = server.run(&[&access, arguments].concat(), limit)?;
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
        // The simulator forgives a server that does not keep an optional attribute. We do not.
        if report["not_kept"].as_array().is_none_or(|names| !names.is_empty()) {
            failures += 1;
            complaints.push(format!("attributes that were not kept: {}", report["not_kept"]));
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

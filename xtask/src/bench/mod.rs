//! `cargo xtask bench`: what things cost, written into the documentation.

mod document;
mod outside;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::ValueEnum as _;

use self::document::Document;
use crate::command;
use crate::server::Engine;
use crate::step::Run;
use crate::workspace::Workspace;

/// `cargo xtask bench`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What is measured; may be given more than once.
    #[arg(long, default_value = "all")]
    suite: Vec<Suites>,
    /// On this engine only.
    #[arg(long)]
    engine: Option<Engine>,
    /// Smaller sizes and fewer rounds: minutes, and the document stays as it is.
    #[arg(long)]
    quick: bool,
    /// Measure this program, in place of one that is built from the present sources.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Build with this profile, in place of the one that packages are built with.
    #[arg(long)]
    profile: Option<String>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Suite {
    /// How costs grow with the size of an organization and of a group.
    Growth,
    /// How much gets done in a second, beside the machine's own limits.
    Load,
    /// What one organization feels of another.
    Fair,
    /// Searches that no index helps.
    Scan,
    /// Resident memory, before, during and after a burst.
    Memory,
    /// Organizations of a thousand to a million users, groups of a hundred to a million members.
    Million,
}

impl Suite {
    /// On the command line, and in the names of files and marks.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Growth => "growth",
            Self::Load => "load",
            Self::Fair => "fair",
            Self::Scan => "scan",
            Self::Memory => "memory",
            Self::Million => "million",
        }
    }

    /// The parts of the document that it renews.
    fn parts(self, engines: &[Engine]) -> Vec<String> {
        match self {
            // Its tables hold both engines.
            Self::Growth if engines.len() < Engine::value_variants().len() => Vec::new(),
            Self::Growth => vec![self.word().to_owned()],
            _ => engines.iter().map(|engine| self.part(*engine)).collect(),
        }
    }

    fn part(self, engine: Engine) -> String {
        format!("{}-{}", self.word(), engine.word())
    }
}

/// What `--suite` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Suites(Option<Suite>);

impl clap::ValueEnum for Suites {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [Suites; 7] = [
            Suites(Some(Suite::Growth)),
            Suites(Some(Suite::Load)),
            Suites(Some(Suite::Fair)),
            Suites(Some(Suite::Scan)),
            Suites(Some(Suite::Memory)),
            Suites(Some(Suite::Million)),
            Suites(None),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        match self.0 {
            Some(suite) => suite.to_possible_value(),
            None => Some(clap::builder::PossibleValue::new("all").help("All of them")),
        }
    }
}

/// Measures, with durable commits, and renews `docs/benchmarks.md` unless it is quick.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let wanted = |suite: &&Suite| {
        options.suite.iter().any(|Suites(named)| named.is_none_or(|named| named == **suite))
    };
    let suites: Vec<Suite> = Suite::value_variants().iter().filter(wanted).copied().collect();
    let engines =
        options.engine.map_or_else(|| Engine::value_variants().to_vec(), |engine| vec![engine]);
    let parts: Vec<String> = suites.iter().flat_map(|suite| suite.parts(&engines)).collect();
    let document = Document::open(&workspace.root, &parts)?;
    let doorward = match &options.binary {
        Some(binary) => std::path::absolute(binary)?,
        None if suites == [Suite::Growth] => PathBuf::new(),
        None => workspace.build_doorward_as(options.profile.as_deref().unwrap_or("dist"))?,
    };
    let mut run = Run::measuring(workspace, engines.clone(), doorward);
    for suite in suites {
        if suite == Suite::Growth {
            growth(&mut run, options, &document)?;
            continue;
        }
        for engine in &engines {
            outside::with_site(&mut run, suite, *engine, options.quick, |run, site| {
                let measured = measure(benchmark(run, options, "bench", "outside").arg(site))?;
                if options.quick {
                    return Ok(());
                }
                document.renew(&suite.part(*engine), &measured)
            })?;
        }
    }
    Ok(())
}

/// The one that runs inside, without sockets. It fails where a cost grew by more than it may.
fn growth(run: &mut Run, options: &Options, document: &Document) -> Result<()> {
    let postgres = run.postgres_or_none()?;
    let mut cargo = benchmark(run, options, "testkit", "growth");
    cargo.env("DOORWARD_TEST_POSTGRES", postgres);
    if options.quick {
        cargo.arg("--quick");
    }
    let measured = measure(&mut cargo)?;
    if options.quick || Suite::Growth.parts(&run.engines).is_empty() {
        return Ok(());
    }
    document.renew(Suite::Growth.word(), &measured)
}

/// The benchmark of a package, up to its own arguments.
fn benchmark(run: &Run, options: &Options, package: &str, name: &str) -> Command {
    let mut cargo = run.workspace.cargo();
    cargo.args(["bench", "--package", package, "--bench", name]);
    if let Some(profile) = &options.profile {
        cargo.args(["--profile", profile]);
    }
    cargo.arg("--");
    cargo
}

/// Runs a benchmark, and shows and answers what it prints.
fn measure(cargo: &mut Command) -> Result<String> {
    cargo.stdout(Stdio::piped());
    println!("$ {}", command::line(cargo));
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo has no standard output")?;
    let mut measured = String::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        writeln!(std::io::stdout(), "{line}")?;
        measured.push_str(&line);
        measured.push('\n');
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the benchmark failed ({status})");
    }
    Ok(measured)
}

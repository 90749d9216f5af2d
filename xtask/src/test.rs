//! `cargo xtask test`: everything that must hold, cheapest first.

use anyhow::Result;
use clap::builder::PossibleValuesParser;

use crate::server::Engine;
use crate::step::{Run, Step, Tally, run_all};
use crate::workspace::Workspace;
use crate::{browser, checks, command, crash, disk, examples, judge, simulate, suite, supply};

/// The steps in their order.
const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the sources are formatted", run: fmt },
    Step { name: "clippy", about: "no warning in any target", run: clippy },
    Step { name: "docs", about: "the documentation builds without a warning", run: docs },
    Step { name: "pure", about: "each crate stays in its room", run: checks::run },
    Step { name: "tests", about: "unit, contract and integration tests", run: suite::run },
    Step {
        name: "simulator",
        about: "Okta's and Entra's clients against a running server, and volume",
        run: simulate::run,
    },
    Step {
        name: "crash",
        about: "what was acknowledged outlives kills, in short",
        run: crash::step,
    },
    Step {
        name: "power-cut",
        about: "what was acknowledged outlives power cuts, in short",
        run: disk::power_cut::short,
    },
    Step {
        name: "faults",
        about: "a disk that fails, is full or hangs, and a PostgreSQL that hangs, in short",
        run: disk::faults::short,
    },
    Step {
        name: "judge",
        about: "scim2-tester and scim-sanity against a running server, PyJWT and Authlib on tokens",
        run: judge::run,
    },
    Step {
        name: "browser",
        about: "the console in Chromium: set-up by a link, each page wide and narrow, light and dark",
        run: browser::run,
    },
    Step {
        name: "examples",
        about: "the example applications with other people's identity providers; receivers under kills",
        run: examples::run,
    },
    Step { name: "unused", about: "every dependency is used", run: supply::unused },
    Step {
        name: "supply",
        about: "licences, sources, bans and advisories of what we depend on",
        run: supply::deny,
    },
];

/// The steps that `--quick` leaves out: they install something.
const INSTALLING: [&str; 5] = ["unused", "supply", "judge", "browser", "examples"];

/// `cargo xtask test`
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Options {
    /// SQLite only, no outside judge, and no look at dependencies: nothing is installed but the two
    /// programs that judge XML.
    #[arg(long)]
    quick: bool,
    /// Run this step only; may be given more than once.
    #[arg(long, value_name = "STEP", value_parser = PossibleValuesParser::new(names()))]
    only: Vec<String>,
    /// List the steps and stop.
    #[arg(long)]
    list: bool,
    /// Go on after a step that failed.
    #[arg(long)]
    keep_going: bool,
    /// More rounds of the randomised tests.
    #[arg(long)]
    long: bool,
}

fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs the steps that were asked for; says whether all of them passed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    if options.list {
        for step in STEPS {
            println!("{:<11}{}", step.name, step.about);
        }
        return Ok(true);
    }
    let wanted = |step: &&Step| {
        if options.only.is_empty() {
            !(options.quick && INSTALLING.contains(&step.name))
        } else {
            options.only.iter().any(|name| name == step.name)
        }
    };
    let steps: Vec<Step> = STEPS.iter().filter(wanted).copied().collect();
    let engines =
        if options.quick { vec![Engine::Sqlite] } else { vec![Engine::Sqlite, Engine::Postgres] };
    let mut run = Run::new(Workspace::find()?, engines, options.long);
    Ok(run_all(&steps, &mut run, options.keep_going))
}

fn fmt(run: &mut Run, _: &mut Tally) -> Result<()> {
    command::run(run.workspace.cargo().args(["fmt", "--all", "--check"]))?;
    let example = run.workspace.root.join("examples/app");
    command::run(run.workspace.cargo().args(["fmt", "--check"]).current_dir(example))
}

fn clippy(run: &mut Run, _: &mut Tally) -> Result<()> {
    let mut cargo = run.workspace.cargo();
    cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    command::run(&mut cargo)
}

fn docs(run: &mut Run, _: &mut Tally) -> Result<()> {
    let mut cargo = run.workspace.cargo();
    cargo.args(["doc", "--workspace", "--no-deps", "--document-private-items"]);
    command::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
}

//! The step `judge`: programs that others wrote from the RFCs decide whether we speak SCIM 2.0, and
//! whether our signed tokens are what they should be.

mod sanity;
mod tester;
mod tokens;

use anyhow::{Context, Result};

use crate::python;
use crate::server::Server;
use crate::step::{Run, Tally};

/// Runs each judge: those of tokens once, those of SCIM against a server on each engine of the run.
pub(crate) fn run(run: &mut Run, tally: &mut Tally) -> Result<()> {
    let programs = python::environment(&run.workspace)?;
    tokens::judge(&run.workspace, &programs, tally)?;
    for engine in run.engines.clone() {
        let server = Server::start(run, engine, "judge")?;
        let connection = server.connect("judge", "okta", "scim2")?;
        let name = engine.name().to_lowercase();
        let record = |judge: &str| run.workspace.judges().join(format!("{judge}-{name}.txt"));
        println!("scim2 test ({})", engine.name());
        let outcome = tester::judge(&programs, &connection, &record("scim2"), tally);
        server.explain(outcome).context(engine.name())?;
        println!("scim-sanity probe ({})", engine.name());
        let outcome = sanity::judge(&programs, &connection, &record("scim-sanity"), tally);
        server.explain(outcome).context(engine.name())?;
        server.stop().context(engine.name())?;
    }
    Ok(())
}

//! PyJWT and Authlib: they verify what the crate `oauth` signs, and it verifies what they sign.

use std::path::Path;

use anyhow::{Context, Result};

use crate::step::Tally;
use crate::suite;
use crate::workspace::Workspace;

/// Runs the test that asks them, which no other step does.
pub(super) fn judge(workspace: &Workspace, programs: &Path, tally: &mut Tally) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--package", "oauth", "--test", "it", "judge::", "--", "--ignored"]);
    cargo.env("DOORWARD_TEST_PYTHON", programs.join("python3"));
    suite::cargo_test(&mut cargo, tally).context("PyJWT and Authlib")
}

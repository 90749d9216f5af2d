//! Where the sources and the built files are.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command;

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As it is worked on.
    Dev,
    /// As `cargo build --release` does.
    Release,
}

/// The workspace that this program belongs to.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; honours `CARGO_TARGET_DIR`.
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that a target folder set by the environment or by a configuration counts.
    pub(crate) fn find() -> Result<Self> {
        let mut metadata = Command::new("cargo");
        metadata
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        let text = command::read(&mut metadata)?;
        let metadata: Value =
            serde_json::from_str(&text).context("cargo metadata did not print JSON")?;
        let folder = |key: &str| {
            let path = metadata[key].as_str();
            path.map(PathBuf::from).with_context(|| format!("cargo metadata names no {key}"))
        };
        Ok(Self { root: folder("workspace_root")?, target: folder("target_directory")? })
    }

    /// A cargo command that runs in the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.root);
        cargo
    }

    /// Folder for what xtask itself writes.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// Folder of the programs that judge us from outside.
    pub(crate) fn judges(&self) -> PathBuf {
        self.target.join("judges")
    }

    /// Folder of the programs of crates.io that check us.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Builds the program in the development profile and says where it is.
    pub(crate) fn build_doorward(&self) -> Result<PathBuf> {
        self.build(Profile::Dev, "doorward")
    }

    /// Builds a program of `doorward` or `testkit` and says where it is.
    pub(crate) fn build(&self, profile: Profile, program: &str) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo.arg("build");
        // Both at once: with the features that both want, what they share is built once.
        cargo.args(["--package", "doorward", "--package", "testkit", "--bin", program]);
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => {
                cargo.arg("--release");
                "release"
            }
        };
        command::run(&mut cargo)?;
        Ok(self.target.join(folder).join(program))
    }

    /// Builds the program in a profile and says where it is.
    pub(crate) fn build_doorward_as(&self, profile: &str) -> Result<PathBuf> {
        command::run(self.cargo().args(["build", "--package", "doorward", "--profile", profile]))?;
        let folder = if profile == "dev" { "debug" } else { profile };
        Ok(self.target.join(folder).join("doorward"))
    }
}

//! `cargo xtask bench`: how costs grow, written into the documentation.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::command;
use crate::postgres::{Cluster, Durability};
use crate::workspace::Workspace;

/// The lines around the measured part, in the output of the benchmark and in the document.
const BEGIN: &str = "<!-- growth:begin -->";
const END: &str = "<!-- growth:end -->";

/// `cargo xtask bench`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Passed to the benchmark.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Measures on both engines, with durable commits, and renews `docs/benchmarks.md`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let path = workspace.root.join("docs/benchmarks.md");
    let document =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    // Before the hour of measuring, not after it.
    part(&document).context("docs/benchmarks.md")?;

    let cluster = Cluster::start(&workspace, Durability::Durable)?;
    let mut cargo = workspace.cargo();
    cargo
        .args(["bench", "--package", "testkit", "--bench", "growth", "--"])
        .args(&options.arguments)
        .env("DOORWARD_TEST_POSTGRES", cluster.url())
        .stdout(Stdio::piped());
    println!("$ {}", command::line(&cargo));
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
    let fragment = part(&measured).context("the output of the benchmark")?;
    fs::write(&path, replace(&document, fragment)?)?;
    println!("renewed {}", path.display());
    Ok(())
}

/// The text between the two marks.
fn part(text: &str) -> Result<&str> {
    let (_, rest) = text.split_once(BEGIN).with_context(|| format!("has no {BEGIN}"))?;
    let (part, _) = rest.split_once(END).with_context(|| format!("has no {END} after {BEGIN}"))?;
    Ok(part)
}

/// The document with another text between its marks.
fn replace(document: &str, fragment: &str) -> Result<String> {
    let old = part(document)?;
    Ok(document.replacen(&format!("{BEGIN}{old}{END}"), &format!("{BEGIN}{fragment}{END}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_between_the_marks_changes() {
        let document = format!("# A\n{BEGIN}\nold\n{END}\nrest\n");
        let measured = format!("noise\n{BEGIN}\n| new |\n{END}\nnoise\n");
        let renewed = replace(&document, part(&measured).unwrap()).unwrap();
        assert_eq!(renewed, format!("# A\n{BEGIN}\n| new |\n{END}\nrest\n"));
    }

    #[test]
    fn a_missing_mark_is_named() {
        let error = part("nothing").unwrap_err();
        assert_eq!(error.to_string(), format!("has no {BEGIN}"));
    }
}

//! The step `pure`: what each crate may depend on, who may name an engine, and whether each decision
//! record is in the index.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command;
use crate::step::{Run, Tally};
use crate::workspace::Workspace;

/// A crate and the packages that must not be in its tree, development aside.
struct Rule {
    package: &'static str,
    /// Why, in a few words.
    because: &'static str,
    /// `*` at the end stands for any ending.
    forbidden: &'static [&'static str],
}

/// No clock, socket, database, runtime or chance; no other crate of the workspace.
const IMPURE: &[&str] = &[
    "async-std",
    "axum*",
    "directory",
    "doorward",
    "getrandom",
    "hyper*",
    "libsqlite3-sys",
    "mio",
    "postgres*",
    "rand*",
    "reqwest",
    "rusqlite",
    "rustls*",
    "server",
    "simulator",
    "smol",
    "socket2",
    "testkit",
    "tokio*",
];

/// A crate that does not exist yet is passed over.
const RULES: &[Rule] = &[
    Rule { package: "scim", because: "it is pure", forbidden: IMPURE },
    Rule { package: "saml", because: "it is pure", forbidden: IMPURE },
    Rule { package: "oauth", because: "it is pure", forbidden: IMPURE },
    Rule {
        package: "directory",
        because: "it knows no HTTP",
        forbidden: &["axum*", "doorward", "hyper*", "reqwest", "server", "simulator", "testkit"],
    },
    Rule {
        package: "simulator",
        because: "it works against any server",
        forbidden: &["directory", "doorward", "rusqlite", "postgres", "server", "testkit"],
    },
    Rule {
        package: "bench",
        because: "it measures the program from outside",
        forbidden: &["directory", "doorward", "scim", "server", "simulator", "testkit"],
    },
    Rule {
        package: "doorward",
        because: "it ships no test helpers and no OpenSSL",
        forbidden: &[
            "bench",
            "fuzzing",
            "native-tls",
            "openssl",
            "openssl-sys",
            "testkit",
            "workload",
        ],
    },
];

/// Only these folders tell SQLite from PostgreSQL.
const ENGINE_ROOMS: &[&str] = &[
    "crates/bench/src/limit/sqlite.rs",
    "crates/directory/src/db",
    "crates/testkit/src/database.rs",
    "crates/testkit/src/schema.rs",
];

/// What names an engine in Rust.
const ENGINE_NAMES: &[&str] = &["rusqlite", "postgres::"];

/// A longer file should be split by noun.
const LONG: usize = 500;

/// Checks the rules; a long file is only a warning.
pub(crate) fn run(run: &mut Run, _: &mut Tally) -> Result<()> {
    let workspace = &run.workspace;
    let mut breaches = Vec::new();
    for rule in RULES {
        if workspace.root.join("crates").join(rule.package).is_dir() {
            breaches.extend(dependencies(workspace, rule)?);
        }
    }
    breaches.extend(sources(&workspace.root)?);
    breaches.extend(records(&workspace.root)?);
    if !breaches.is_empty() {
        bail!("{}", breaches.join("\n"));
    }
    Ok(())
}

/// The decision records that the index of their folder does not name.
fn records(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("docs/decisions");
    let index = fs::read_to_string(folder.join("README.md")).context("no index of decisions")?;
    let names = read_folder(&folder)?.into_iter();
    let names = names.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let missing = names.filter(|name| name != "README.md" && !index.contains(&format!("({name})")));
    Ok(missing.map(|name| format!("docs/decisions/README.md does not name {name}")).collect())
}

fn dependencies(workspace: &Workspace, rule: &Rule) -> Result<Vec<String>> {
    let mut tree = workspace.cargo();
    tree.args(["tree", "--package", rule.package, "--edges", "normal", "--prefix", "none"]);
    let tree = command::read(tree.args(["--format", "{p}"]))?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let found: BTreeSet<&str> =
        names.filter(|name| rule.forbidden.iter().any(|pattern| matches(pattern, name))).collect();
    let complain = |name| {
        let Rule { package, because, .. } = rule;
        format!("{package} depends on {name}, but {because}: `cargo tree -p {package} -i {name}`")
    };
    // The tree begins with the crate itself.
    Ok(found.into_iter().filter(|name| *name != rule.package).map(complain).collect())
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn sources(root: &Path) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for file in rust_files(root)? {
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let path = file.strip_prefix(root).unwrap_or(&file);
        let lines = text.lines().count();
        if lines > LONG {
            println!("warning: {} has {lines} lines; split it by noun", path.display());
        }
        if ENGINE_ROOMS.iter().any(|room| path.starts_with(room)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if names_engine(line) {
                let allowed = ENGINE_ROOMS.join(", ");
                let number = number + 1;
                breaches.push(format!(
                    "{}:{number} names an engine; only {allowed} may",
                    path.display()
                ));
            }
        }
    }
    Ok(breaches)
}

/// Words in comments are free.
fn names_engine(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    ENGINE_NAMES.iter().any(|name| code.contains(name))
}

/// The sources of all crates, in the order of their paths.
fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for package in read_folder(&root.join("crates"))? {
        let source = package.join("src");
        if source.is_dir() {
            folders.push(source);
        }
    }
    while let Some(folder) = folders.pop() {
        for path in read_folder(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_named_in_code_only() {
        assert!(names_engine("use rusqlite::Connection;"));
        assert!(names_engine("    let client = tokio_postgres::connect(url);"));
        assert!(!names_engine("// rusqlite would do"));
        assert!(!names_engine(r#"let url = "postgres://127.0.0.1";"#));
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        assert!(matches("tokio*", "tokio-postgres"));
        assert!(matches("tokio*", "tokio"));
        assert!(!matches("rand", "rand_core"));
    }
}

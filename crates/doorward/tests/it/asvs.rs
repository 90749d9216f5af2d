//! `docs/asvs.csv`: each requirement is held by a test that is there, by a document, or has a reason.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The names of all functions of the crates.
fn functions() -> HashSet<String> {
    let mut files = Vec::new();
    rust_files(&Path::new(ROOT).join("crates"), &mut files);
    let mut names = HashSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a text");
        for (_, rest) in
            text.match_indices("fn ").map(|(at, found)| (at, &text[at + found.len()..]))
        {
            names.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

#[test]
fn every_requirement_has_a_test_a_document_or_a_reason() {
    let mut table = csv::Reader::from_path(Path::new(ROOT).join("docs/asvs.csv")).expect("a table");
    let functions = functions();
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for row in table.records() {
        let row = row.expect("a row of four cells");
        let cell = |at: usize| row.get(at).unwrap_or_default().trim().to_owned();
        let (requirement, held_by, what) = (cell(0), cell(2), cell(3));
        let is_held = match &*held_by {
            "test" => !what.is_empty() && what.split(' ').all(|name| functions.contains(name)),
            "document" => Path::new(ROOT).join(&what).is_file(),
            "reason" => what.len() > 20,
            _ => false,
        };
        if !is_held || !seen.insert(requirement.clone()) {
            wrong.push(format!("{requirement}: {held_by}: {what}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen.len() > 80, "{}", seen.len());
}

//! The sources hold SQL in `statements!` only, and every `statements!` is in the list.

use std::path::{Path, PathBuf};

use super::{MODULES, expect_none};

/// How a literal with a statement begins.
const VERBS: [&str; 10] = [
    "select ",
    "insert into ",
    "update ",
    "delete from ",
    "with ",
    "create table ",
    "create index ",
    "alter table ",
    "drop table ",
    "truncate ",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn gather(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("the sources can be listed").path();
            if path.is_dir() {
                gather(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source can be read");
                files.push((path, text));
            }
        }
    }
    let mut files = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.retain(|(path, _)| {
        // The engine room with this lint, and the registry of tables, speak about statements.
        let path = path.to_string_lossy().replace('\\', "/");
        !path.contains("/db/") && !path.ends_with("store/tables.rs")
    });
    files
}

/// A source without its `statements!` blocks, and how many there were.
fn without_statements(source: &str) -> (String, usize) {
    let mut rest = source;
    let mut left = String::new();
    let mut blocks = 0;
    while let Some(at) = rest.find("statements! {") {
        blocks += 1;
        left.push_str(&rest[..at]);
        let mut depth = 0;
        let end = rest[at..]
            .find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                c == '}' && depth == 0
            })
            .expect("a block ends");
        rest = &rest[at + end..];
    }
    left.push_str(rest);
    (left, blocks)
}

fn speaks_sql(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').skip(1).any(|literal| {
        let literal = literal.trim_start();
        VERBS.iter().any(|verb| literal.starts_with(verb))
    })
}

#[test]
fn sql_is_written_in_statements_only() {
    let mut complaints = Vec::new();
    for (path, source) in sources() {
        let (rest, _) = without_statements(&source);
        let lines = rest.lines().filter(|line| speaks_sql(line));
        complaints.extend(lines.map(|line| format!("{}: {line}", path.display())));
    }
    expect_none(&complaints);
}

#[test]
fn the_list_of_modules_is_complete() {
    let blocks: usize = sources().iter().map(|(_, source)| without_statements(source).1).sum();
    assert_eq!(blocks, MODULES.len(), "list each module with statements in db::lint");
}

#[test]
fn a_stray_statement_is_found() {
    assert!(speaks_sql(r#"    let text = "select a from b";"#));
    assert!(speaks_sql(r#"    client.execute("  delete from b")"#));
    assert!(!speaks_sql(r#"    // as in "select a""#));
    assert!(!speaks_sql("    let selection = select(b);"));
    let source = "a\nstatements! {\n A = Sql { \"select\" };\n}\nb\nstatements! {}\nc";
    assert_eq!(without_statements(source), ("a\n}\nb\n}\nc".to_owned(), 2));
}

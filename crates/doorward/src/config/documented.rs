//! The tables of limits in `docs/configuration.md` are those of the code.

use std::{env, fmt::Write as _, fs};

use scim::{FixedLimit, Unit};
use server::http::{KB, MB};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
const BEGIN: &str = "<!-- fixed limits:begin -->\n";
const END: &str = "<!-- fixed limits:end -->";

/// The sources in which limits are declared, and the lists that must name them.
const SOURCES: [(&str, &str); 3] = [
    (concat!(env!("CARGO_MANIFEST_DIR"), "/../scim/src"), "limit.rs"),
    (concat!(env!("CARGO_MANIFEST_DIR"), "/../directory/src"), "limit.rs"),
    (concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src"), "http/limits.rs"),
];

/// How the name of a constant begins that bounds something.
const BOUNDS: [&str; 4] = ["MOST", "LONGEST", "LARGEST", "DEEPEST"];

/// Modules that pass on what their private children declare.
const REEXPORTING: [&str; 7] =
    ["accept", "patch", "definition", "db", "history", "store", "webhook"];

/// Bounds that no one runs into: what is beyond them is done in another way.
const INNER: [&str; 25] = [
    "scim/src/notes.rs MOST",
    "scim/src/notes.rs LONGEST",
    "directory/src/break_glass/entrance.rs MOST_DEVICES",
    "directory/src/credential/caller.rs MOST_KEPT",
    "directory/src/domain.rs LONGEST_LABEL",
    "directory/src/resource/group/staging.rs MOST_AT_ONCE",
    "directory/src/resource/index.rs LONGEST_KEY",
    "directory/src/resource/index.rs LONGEST_CHAR",
    "directory/src/schemas/mod.rs MOST_KEPT",
    "directory/src/search/candidates.rs MOST_TRIED",
    "directory/src/sign_in/person.rs MOST_BEARERS",
    "directory/src/store/writing.rs MOST_IN_BATCH",
    "directory/src/store/writing.rs LONGEST_BATCH",
    "directory/src/trouble.rs LONGEST_PATH",
    "directory/src/webhook/schedule.rs LONGEST_ASKED",
    "directory/src/webhook/work/gather.rs MOST_WAITING",
    "server/src/dns.rs LARGEST",
    "server/src/entrance/discovery.rs LONGEST",
    "server/src/log.rs LONGEST_PATH",
    "server/src/oauth/client_keys.rs MOST_KEPT",
    "server/src/scim/bulk/circle.rs MOST_NAMES",
    "server/src/sync_log.rs MOST_WAITING",
    "server/src/trouble.rs MOST_OF_ADDRESS",
    "server/src/trouble.rs MOST_WAITING",
    "server/src/webhook/send.rs LONGEST_TURN",
];

/// A number as people read it: sizes with their unit, thousands apart.
fn amount(limit: &FixedLimit) -> String {
    let number = |number: u64| {
        let digits = number.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    };
    let (kb, mb) = (KB as u64, MB as u64);
    match (limit.unit, limit.most) {
        (Unit::Count, most) => number(most),
        (Unit::Characters, most) => format!("{} characters", number(most)),
        (Unit::Bytes, most) if most.is_multiple_of(mb) => format!("{} MB", number(most / mb)),
        (Unit::Bytes, most) if most.is_multiple_of(kb) => format!("{} KB", number(most / kb)),
        (Unit::Bytes, most) => format!("{} bytes", number(most)),
        (Unit::Seconds, most) if most.is_multiple_of(3_600) => {
            format!("{} h", number(most / 3_600))
        }
        (Unit::Seconds, most) => format!("{} s", number(most)),
    }
}

fn table() -> String {
    let mut table = String::from("\n| what | most | beyond it |\n|---|---|---|\n");
    for limit in [server::http::FIXED, scim::FIXED, directory::FIXED].into_iter().flatten() {
        let _ = writeln!(table, "| {} | {} | {} |", limit.what, amount(limit), limit.beyond);
    }
    table.push('\n');
    table
}

#[test]
fn the_documented_fixed_limits_are_those_of_the_code() {
    let document = fs::read_to_string(DOCUMENT).expect("the documentation");
    let (before, rest) = document.split_once(BEGIN).expect("the table begins");
    let (written, after) = rest.split_once(END).expect("the table ends");
    let table = table();
    if written == table {
        return;
    }
    if env::var_os("UPDATE_DOCS").is_some() {
        let renewed = format!("{before}{BEGIN}{table}{END}{after}");
        fs::write(DOCUMENT, renewed).expect("the documentation can be written");
        return;
    }
    assert_eq!(written, table, "docs/configuration.md: run this test with UPDATE_DOCS=1");
}

#[test]
fn every_bound_is_listed_or_known_to_be_an_inner_one() {
    let mut inner = Vec::new();
    for (folder, list) in SOURCES {
        let listed = fs::read_to_string(format!("{folder}/{list}")).expect("the list");
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("the sources") {
                let path = entry.expect("a source").path();
                if path.is_dir() {
                    folders.push(path.display().to_string());
                    continue;
                }
                let text = fs::read_to_string(&path).expect("a source");
                let path = path.display().to_string().replace('\\', "/");
                let module = path.trim_end_matches(".rs").trim_end_matches("/mod");
                let module = module.rsplit('/').next().expect("a name");
                for name in text.lines().filter_map(bound) {
                    let named = |by: &str| listed.contains(&format!("{by}::{name} "));
                    let path = path.rsplit("/../").next().expect("a path");
                    if !named(module) && !REEXPORTING.into_iter().any(named) {
                        inner.push(format!("{path} {name}"));
                    }
                }
            }
        }
    }
    inner.sort_unstable();
    let mut known = INNER.map(str::to_owned);
    known.sort_unstable();
    assert_eq!(inner, known, "list it in FIXED of its crate, or here");
}

/// The name of a bound that a line declares.
fn bound(line: &str) -> Option<&str> {
    let (before, declared) = line.trim_start().split_once("const ")?;
    let is_declared = before.is_empty() || before.starts_with("pub");
    let (name, _) = declared.split_once(':')?;
    let is_bound = BOUNDS.iter().any(|start| name.starts_with(start));
    (is_declared && is_bound && !name.contains(' ')).then_some(name)
}

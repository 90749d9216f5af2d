//! Every table reference is bound to the organization, and no statement uses what one engine or a
//! distributed one does not have.

use super::{
    all, expect_none,
    reading::{Scope, scopes},
};

/// The global look-ups and the maintenance of all organizations: operators and the authenticator
/// only. Nothing else may be added without a reason.
const GLOBAL: [&str; 15] = [
    "connection::CLAIM_HOME",
    "connection::HOME",
    "installation::GET",
    "installation::SET",
    "organization::BY_SLUG",
    "organization::CLAIM_SLUG",
    "organization::FREE_SLUG",
    "organization::SLUGS",
    "reap::maintenance::DELETED",
    "reap::maintenance::WAITING",
    "schemas::INSTALLED",
    "schemas::register::INSTALL",
    "schemas::register::UNINSTALL",
    "search::cursor::INSERT",
    "search::cursor::KEY",
];

/// What only one engine has, what differs between them, and what a distributed one refuses.
const FORBIDDEN: [&str; 26] = [
    "::",
    "any(",
    "autoincrement",
    "ctid",
    "current_timestamp",
    "distinct on",
    "generated",
    "glob",
    "ilike",
    "json_",
    "like",
    "listen",
    "lock table",
    "lower(",
    "nextval",
    "nocase",
    "notify",
    "now(",
    "random(",
    "returning *",
    "rowid",
    "select *",
    "serial",
    "trigger",
    "unnest",
    "upper(",
];

#[test]
fn every_table_is_read_under_its_organization() {
    let mut complaints = Vec::new();
    for (name, text) in all() {
        let complaint = scopes(&text).iter().find_map(|scope| leak(scope).err());
        match (complaint, GLOBAL.contains(&name.as_str())) {
            (Some(complaint), false) => complaints.push(format!("{name}: {complaint}: {text}")),
            (None, true) => complaints.push(format!("{name} needs no exception")),
            _ => {}
        }
    }
    expect_none(&complaints);
}

/// Why a scope could reach another organization.
fn leak(scope: &Scope<'_>) -> Result<(), String> {
    let tables = scope.tables();
    let outer = scope.outer();
    let mut bound = 0;
    if outer.first() == Some(&"insert") {
        bound += inserted(scope)?;
    } else {
        if outer.contains(&"or") {
            return Err("an `or` goes around the organization".to_owned());
        }
        for table in &tables {
            let column = format!("{}.org", table.alias);
            let named = |word: &str| word == column || (tables.len() == 1 && word == "org");
            let is_bound =
                outer.windows(3).any(|words| named(words[0]) && words[1..] == ["=", "$1"]);
            if !is_bound {
                return Err(format!("{} is not bound to the organization", table.name));
            }
            bound += 1;
        }
    }
    if scope.words.iter().filter(|word| **word == "$1").count() != bound {
        return Err("$1 is the organization and nothing else".to_owned());
    }
    let moved = |words: &[&str]| words[0] == "org" && words[1] == "=" && words[2] != "$1";
    if scope.words.windows(3).any(moved) {
        return Err("the organization of a row cannot change".to_owned());
    }
    Ok(())
}

/// `insert into t (org, …) values ($1, …), ($1, …) on conflict (org, …)`: how many rows.
fn inserted(scope: &Scope<'_>) -> Result<usize, String> {
    let mut lists = Vec::new();
    for (at, word) in scope.words.iter().enumerate() {
        if *word == "(" && scope.depths[at] == 1 {
            lists.push((scope.words[at - 1], scope.words[at + 1]));
        }
    }
    let mut rows = 0;
    for (at, (before, first)) in lists.into_iter().enumerate() {
        let expected = match before {
            "values" | "," => {
                rows += 1;
                "$1"
            }
            "conflict" => "org",
            _ if at == 0 => "org",
            _ => continue,
        };
        if first != expected {
            return Err(format!("a list of an insert begins with {first}, not {expected}"));
        }
    }
    if rows == 0 { Err("an insert has values".to_owned()) } else { Ok(rows) }
}

#[test]
fn a_leak_is_found() {
    for text in [
        "select a from usr where id = $1",
        "select a from usr where org = $2",
        "select a from usr where org = $1 or id = $2",
        "select a from usr where (org = $1 or id = $2)",
        "select a from usr u join grp g on g.no = u.no where u.org = $1",
        "delete from usr where org = $1 and no in (select no from grp where id = $2)",
        "select a from usr where org = $1 and id = $1",
        "update usr set org = $2 where org = $1",
        "insert into usr (id, org) values ($1, $2)",
        "insert into usr (org, id) values ($1, $2),($3, $2)",
        "insert into usr (org, id) values ($1, $2) on conflict (id) do nothing",
    ] {
        assert!(scopes(text).iter().any(|scope| leak(scope).is_err()), "{text}");
    }
}

#[test]
fn no_statement_uses_what_an_engine_lacks() {
    let mut complaints = Vec::new();
    for (name, text) in all() {
        for word in FORBIDDEN {
            if text.contains(word) {
                complaints.push(format!("{name} says {word}: {text}"));
            }
        }
        if text != text.to_lowercase() {
            complaints.push(format!("{name} is not in lower case: {text}"));
        }
    }
    expect_none(&complaints);
}

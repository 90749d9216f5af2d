//! Every table reference is bound to the organization, and no statement uses what one engine or a
//! distributed one does not have.

use super::{
    Exceptions, expect_of_all,
    reading::{Scope, scopes},
};

/// What reaches across organizations, or has to do with none.
const GLOBAL: Exceptions = &[
    ("audit::HEAD", INSTALLATION),
    ("audit::LOCKED_HEAD", INSTALLATION),
    ("audit::MOVE_HEAD", INSTALLATION),
    ("audit::head::INSERT_KEY", INSTALLATION),
    ("audit::head::KEYS", INSTALLATION),
    ("audit::head::PUBLIC", INSTALLATION),
    ("break_glass::HOMES", LOOK_UP),
    ("connection::HOME", LOOK_UP),
    ("domain::CLAIM", LOOK_UP),
    ("domain::HOME", LOOK_UP),
    ("feed::BEGIN", INSTALLATION),
    ("feed::HEAD", INSTALLATION),
    ("feed::INSERT", FEED),
    ("feed::MARKED", FEED),
    ("feed::MOVE_HEAD", INSTALLATION),
    ("feed::PLACE", INSTALLATION),
    ("feed::RANGE_OF", FEED),
    ("feed::RANGES", FEED),
    ("installation::folding::BEGIN", INSTALLATION),
    ("installation::folding::RULE", INSTALLATION),
    ("installation::folding::SET", INSTALLATION),
    ("installation::folding::TOUCH", INSTALLATION),
    ("installation::key::INSERT", INSTALLATION),
    ("installation::key::KEY", INSTALLATION),
    ("installation::settings::PLANS", INSTALLATION),
    ("installation::settings::SET", INSTALLATION),
    ("installation::settings::SETTINGS", INSTALLATION),
    ("installation::settings::UNSET", INSTALLATION),
    ("maintenance::reap::everywhere::ABANDONED", UPKEEP),
    ("maintenance::reap::everywhere::DELETED", UPKEEP),
    ("maintenance::reap::everywhere::WAITING", UPKEEP),
    ("oauth::key::ALL", INSTALLATION),
    ("oauth::key::FORGET", INSTALLATION),
    ("oauth::key::INSERT", INSTALLATION),
    ("oauth::logout::everywhere::DUE", UPKEEP),
    ("organization::BY_ID", LOOK_UP),
    ("organization::BY_SLUG", LOOK_UP),
    ("organization::CLAIM_SLUG", LOOK_UP),
    ("organization::FREE_SLUG", LOOK_UP),
    ("organization::SLUGS", "operators and the upkeep go through all organizations"),
    ("plan::DELETE", INSTALLATION),
    ("plan::SET", INSTALLATION),
    ("saml::source::everywhere::DUE", UPKEEP),
    ("schemas::INSTALLED", INSTALLATION),
    ("schemas::register::INSTALL", INSTALLATION),
    ("schemas::register::UNINSTALL", INSTALLATION),
    ("webhook::work::everywhere::ANY", UPKEEP),
    ("webhook::work::everywhere::DUE", UPKEEP),
    ("webhook::work::wake::BEGIN", INSTALLATION),
    ("webhook::work::wake::LOCK", INSTALLATION),
    ("webhook::work::wake::MOVE", INSTALLATION),
    ("webhook::work::wake::WOKEN", INSTALLATION),
];

const INSTALLATION: &str = "a small table of the installation, the same for every organization";
const LOOK_UP: &str = "the way from the outside to an organization";
const FEED: &str = "who follows an installation follows all organizations";
const UPKEEP: &str = "the upkeep asks in which organization there is something to do";

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
    expect_of_all(GLOBAL, |text| scopes(text).iter().find_map(|scope| leak(scope).err()));
}

/// Why a scope could reach another organization.
fn leak(scope: &Scope<'_>) -> Result<(), String> {
    let tables = scope.tables();
    let outer = scope.outer();
    let mut bound = 0;
    if outer.first() == Some(&"insert") {
        bound += inserted(scope, &outer)?;
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

/// `insert into t (org, …) values ($1, …), ($1, …) on conflict (org, …)`: how many rows. Or
/// `insert into t (org, …) select $1, … from (values …) …`, which reads no table by itself: one.
fn inserted(scope: &Scope<'_>, outer: &[&str]) -> Result<usize, String> {
    let selects = outer.iter().position(|word| *word == "select");
    let mut lists = Vec::new();
    for (at, word) in scope.words.iter().enumerate() {
        if *word == "(" && scope.depths[at] == 1 {
            lists.push((scope.words[at - 1], scope.words[at + 1]));
        }
    }
    let mut rows = 0;
    if let Some(at) = selects {
        if outer.get(at + 1) != Some(&"$1") {
            return Err("an insert that selects begins with $1".to_owned());
        }
        if let Some(read) = scope.tables().get(1) {
            return Err(format!("an insert reads {} itself", read.name));
        }
        rows += 1;
    }
    for (at, (before, first)) in lists.into_iter().enumerate() {
        let expected = match before {
            "values" | "," if selects.is_none() => {
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
        "select a from resource where id = $1",
        "select a from resource where org = $2",
        "select a from resource where org = $1 or id = $2",
        "select a from resource where (org = $1 or id = $2)",
        "select a from resource r join member m on m.no = r.no where r.org = $1",
        "delete from resource where org = $1 and no in (select no from member where id = $2)",
        "select a from resource where org = $1 and id = $1",
        "update resource set org = $2 where org = $1",
        "insert into resource (id, org) values ($1, $2)",
        "insert into resource (org, id) values ($1, $2),($3, $2)",
        "insert into resource (org, id) values ($1, $2) on conflict (id) do nothing",
        "insert into resource (org, id) select $2, column1 from (values ($1)) as v",
        "insert into resource (org, id) select $1, id from member where org = $1",
        "insert into resource (org, id) select $1, column1 from (values ($2)) as v \
         where exists (select id from member where id = $1)",
    ] {
        assert!(scopes(text).iter().any(|scope| leak(scope).is_err()), "{text}");
    }
}

#[test]
fn no_statement_uses_what_an_engine_lacks() {
    expect_of_all(&[], |text| {
        let forbidden = FORBIDDEN.iter().find(|word| text.contains(**word));
        let told = forbidden.map(|word| format!("it says {word}"));
        told.or_else(|| (text != text.to_lowercase()).then(|| "it is not in lower case".to_owned()))
    });
}

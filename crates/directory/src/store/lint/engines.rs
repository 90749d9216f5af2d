//! Both engines know every statement, and SQLite finds its rows by an index.

use postgres::types::Type;
use rusqlite::Connection;

use super::{
    all, expect_none,
    reading::{scopes, words},
};
use crate::db::{migrate, statement::for_sqlite};

/// Statements that read a whole table, because it is small or the work is maintenance.
const SCANS: [&str; 4] = [
    // One row for each connection of the installation, when an organization is cleared away.
    "reap::organization::HOME",
    // What waits for the reaper.
    "reap::maintenance::WAITING",
    // One row for each organization.
    "reap::maintenance::DELETED",
    // At most fifty.
    "schemas::INSTALLED",
];

/// Statements with a limit that sort nevertheless: their input is bounded otherwise.
const SORTS: [&str; 0] = [];

/// Statements without a limit that read everything that an organization has in a table.
const WALKS: [&str; 17] = [
    // Few by nature.
    "connection::ALL",
    "connection::DELETE_TOKENS",
    "token::ALL",
    "reap::organization::RANK",
    "reap::organization::REAP",
    "reap::organization::TOKEN",
    "reap::organization::CONNECTION",
    "reap::organization::DEFINITION",
    "reap::organization::UNREADY",
    "schemas::DEFINITIONS",
    "schemas::UNREADY",
    "schemas::index::UNREADY",
    "schemas::index::DONE",
    // Verifying is reading everything.
    "rank::ALL",
    "verify::rows::INDEX_COUNT",
    "verify::rows::CUSTOM_COUNT",
    "verify::rows::REAPED",
];

fn sqlite() -> Connection {
    let mut connection = Connection::open_in_memory().expect("SQLite in memory");
    migrate::sqlite(&mut connection).expect("the migrations apply");
    connection
}

#[test]
fn sqlite_prepares_every_statement() {
    let connection = sqlite();
    let mut complaints = Vec::new();
    for (name, text) in all() {
        if let Err(error) = connection.prepare(&for_sqlite(&text)) {
            complaints.push(format!("{name}: {error}"));
        }
    }
    expect_none(&complaints);
}

fn plan(connection: &Connection, text: &str) -> Vec<String> {
    let text = format!("explain query plan {}", for_sqlite(text));
    let mut statement = connection.prepare(&text).expect("the statement is known");
    let mut rows = statement.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().expect("a plan has rows") {
        plan.push(row.get(3).expect("a plan is text"));
    }
    plan
}

#[test]
fn no_statement_reads_a_whole_table() {
    let connection = sqlite();
    let mut complaints = Vec::new();
    for (name, text) in all() {
        let plan = plan(&connection, &text);
        let scopes = scopes(&text);
        let tables: Vec<_> = scopes.iter().flat_map(super::reading::Scope::tables).collect();
        let scans = plan.iter().any(|line| {
            line.strip_prefix("SCAN ").is_some_and(|rest| {
                let scanned = rest.split(' ').next().unwrap_or_default();
                tables.iter().any(|table| table.name == scanned || table.alias == scanned)
            })
        });
        if scans != SCANS.contains(&name.as_str()) {
            complaints.push(format!("{name}: {plan:?}"));
        }
    }
    expect_none(&complaints);
}

#[test]
fn no_page_is_cut_from_a_sorted_whole() {
    let connection = sqlite();
    let mut complaints = Vec::new();
    for (name, text) in all() {
        let plan = plan(&connection, &text);
        let sorts = plan.iter().any(|line| line.contains("TEMP B-TREE"));
        let limited = words(&text).contains(&"limit");
        if (sorts && limited) != SORTS.contains(&name.as_str()) {
            complaints.push(format!("{name}: {plan:?}"));
        }
    }
    expect_none(&complaints);
}

#[test]
fn no_statement_walks_through_an_organization() {
    let connection = sqlite();
    let mut complaints = Vec::new();
    for (name, text) in all() {
        let plan = plan(&connection, &text);
        // The organization is all that the index was asked for.
        let walks = plan.iter().any(|line| line.ends_with("(org=?)"));
        let limited = words(&text).contains(&"limit");
        if (walks && !limited) != WALKS.contains(&name.as_str()) {
            complaints.push(format!("{name}: {plan:?}"));
        }
    }
    expect_none(&complaints);
}

#[test]
fn postgres_prepares_every_statement() {
    let Some(url) = testkit::postgres_url() else { return };
    let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("a cluster");
    let schema = format!("lint_{}", std::process::id());
    let setup = format!(
        "drop schema if exists {schema} cascade; create schema {schema}; \
         set search_path = {schema}; set client_min_messages = warning"
    );
    client.batch_execute(&setup).expect("a schema of our own");
    migrate::postgres(&mut client).expect("the migrations apply");
    let mut complaints = Vec::new();
    for (name, text) in all() {
        match client.prepare(&text) {
            Err(error) => complaints.push(format!("{name}: {error}")),
            Ok(statement) => {
                // Other types would not take what `Param` sends.
                let ours = [Type::INT8, Type::TEXT, Type::BYTEA];
                if statement.params().iter().any(|ty| !ours.contains(ty)) {
                    complaints.push(format!("{name}: parameters {:?}", statement.params()));
                }
            }
        }
    }
    client.batch_execute(&format!("drop schema {schema} cascade")).expect("it is ours");
    expect_none(&complaints);
}

//! Both engines know every statement, and SQLite finds its rows by an index.

use rusqlite::Connection;
use tokio_postgres::types::Type;

use super::{
    Exceptions, all, expect_none, expect_of_all,
    fresh::Fresh,
    reading::{Scope, scopes, words},
};
use crate::db::{link::Link, statement::for_sqlite};

/// Statements that read a whole table, or a whole index.
const SCANS: Exceptions = &[
    ("audit::head::KEYS", "one, for the whole installation"),
    ("audit::head::PUBLIC", "one, for the whole installation"),
    ("feed::MARKED", "what waits to be fed, and nothing else"),
    ("installation::settings::PLANS", "a handful, for the whole installation"),
    ("installation::settings::SETTINGS", "a handful, for the whole installation"),
    ("maintenance::reap::everywhere::ABANDONED", "large changes that are being made: a few"),
    ("maintenance::reap::everywhere::DELETED", "one row for each organization, for the upkeep"),
    ("maintenance::reap::everywhere::WAITING", "what waits for the upkeep, and nothing else"),
    ("oauth::key::ALL", "a handful, for the whole installation"),
    ("schemas::INSTALLED", "at most fifty, for the whole installation"),
    ("webhook::work::everywhere::ANY", "the first row, if there is one"),
];

/// Statements with a limit that sort nevertheless.
const SORTS: Exceptions = &[];

const FEW: &str = "an organization has few";
const ALL: &str = "verifying is reading everything";
const CLEARED: &str = "an organization has few, and all are cleared away";

/// Statements without a limit that read everything that an organization has in a table.
const WALKS: Exceptions = &[
    ("break_glass::ALL", FEW),
    ("connection::ALL", FEW),
    ("connection::HOMES", FEW),
    ("credential::api_key::ALL", FEW),
    ("credential::token::ALL", FEW),
    ("credential::token::DELETE", FEW),
    ("domain::ALL", FEW),
    ("domain::HOMES", FEW),
    ("maintenance::verify::removals::GUARDS", FEW),
    ("maintenance::verify::roles::ASSIGNMENTS", ALL),
    ("maintenance::verify::roles::MAPPINGS", ALL),
    ("maintenance::verify::rows::COUNT", ALL),
    ("maintenance::verify::rows::INDEX_COUNT", ALL),
    ("maintenance::verify::rows::RETIRED", ALL),
    ("maintenance::verify::rows::STAGED", ALL),
    ("plan::ADD_ONS", FEW),
    ("removal::held::WAITING", FEW),
    ("resource::group::staging::ABANDONED", FEW),
    ("resource::rank::ALL", ALL),
    ("role::ALL", "at most 200"),
    ("role::mapping::ALL", "at most 1,000"),
    ("schemas::DEFINITIONS", FEW),
    ("schemas::UNREADY", FEW),
    ("schemas::index::DONE", FEW),
    ("schemas::index::UNREADY", FEW),
    ("setup_link::ALL", FEW),
    ("snapshot::STAGED", FEW),
    ("tables::add_on", CLEARED),
    ("tables::api_key", CLEARED),
    ("tables::break_glass", CLEARED),
    ("tables::break_glass_home", CLEARED),
    ("tables::connection", CLEARED),
    ("tables::connection_home", CLEARED),
    ("tables::credential_trouble", CLEARED),
    ("tables::domain", CLEARED),
    ("tables::domain_home", CLEARED),
    ("tables::oauth_client", CLEARED),
    ("tables::oauth_client_secret", CLEARED),
    ("tables::organization_home", CLEARED),
    ("tables::rank_block", "one row for 128 resources, and all are cleared away"),
    ("tables::removal_guard", CLEARED),
    ("tables::removal_hold", CLEARED),
    ("tables::removal_window", CLEARED),
    ("tables::retired_member_set", CLEARED),
    ("tables::role", CLEARED),
    ("tables::role_mapping", CLEARED),
    ("tables::saml_certificate", CLEARED),
    ("tables::saml_connection", CLEARED),
    ("tables::saml_metadata", CLEARED),
    ("tables::saml_request_key", CLEARED),
    ("tables::schema_definition", CLEARED),
    ("tables::staged_member_set", CLEARED),
    ("tables::setup_link", CLEARED),
    ("tables::token", CLEARED),
    ("tables::unready_index", CLEARED),
    ("trouble::PRUNE", "a connection has a row for each kind at most"),
    ("tables::webhook", CLEARED),
    ("tables::webhook_secret", CLEARED),
    ("webhook::endpoint::ALL", FEW),
    ("webhook::secret::ALL_OF_OWNER", FEW),
    ("webhook::work::wake::LOOK", FEW),
    ("webhook::work::wake::WAKE", FEW),
];

/// A SQLite store, and what its planner says of a statement.
struct Planner {
    connection: Connection,
    _store: Fresh,
}

impl Planner {
    fn new() -> Self {
        let store = Fresh::sqlite();
        let Link::Sqlite(link) = store.link() else { unreachable!("the store is SQLite's") };
        Self { connection: link.connection, _store: store }
    }

    fn plan(&self, text: &str) -> Vec<String> {
        let text = format!("explain query plan {}", for_sqlite(text));
        let mut statement = self.connection.prepare(&text).expect("the statement is known");
        let mut rows = statement.raw_query();
        let mut plan = Vec::new();
        while let Some(row) = rows.next().expect("a plan has rows") {
            plan.push(row.get(3).expect("a plan is text"));
        }
        plan
    }
}

#[test]
fn sqlite_prepares_every_statement() {
    let planner = Planner::new();
    expect_of_all(&[], |text| {
        let prepared = planner.connection.prepare(&for_sqlite(text));
        prepared.err().map(|error| error.to_string())
    });
}

#[test]
fn no_statement_reads_a_whole_table() {
    let planner = Planner::new();
    expect_of_all(SCANS, |text| {
        let scopes = scopes(text);
        let tables: Vec<_> = scopes.iter().flat_map(Scope::tables).collect();
        planner.plan(text).into_iter().find(|line| {
            line.strip_prefix("SCAN ").is_some_and(|rest| {
                let scanned = rest.split(' ').next().unwrap_or_default();
                tables.iter().any(|table| table.name == scanned || table.alias == scanned)
            })
        })
    });
}

#[test]
fn no_page_is_cut_from_a_sorted_whole() {
    let planner = Planner::new();
    expect_of_all(SORTS, |text| {
        let is_limited = words(text).contains(&"limit");
        let mut sorts = planner.plan(text).into_iter().filter(|line| line.contains("TEMP B-TREE"));
        sorts.next().filter(|_| is_limited)
    });
}

#[test]
fn no_statement_walks_through_an_organization() {
    let planner = Planner::new();
    expect_of_all(WALKS, |text| {
        let is_limited = words(text).contains(&"limit");
        // The organization is all that the index was asked for.
        let mut walks = planner.plan(text).into_iter().filter(|line| line.ends_with("(org=?)"));
        walks.next().filter(|_| !is_limited)
    });
}

#[test]
fn postgres_prepares_every_statement() {
    let Some(store) = Fresh::postgres() else { return };
    let Link::Postgres(mut link) = store.link() else { unreachable!("the store is PostgreSQL's") };
    let mut complaints = Vec::new();
    for (name, text) in all() {
        match link.client.prepare(&text) {
            Err(error) => complaints.push(format!("{name}: {error}")),
            Ok(statement) => {
                // Other types would not take what `Param` sends.
                let ours = [Type::INT8, Type::TEXT, Type::BYTEA];
                if statement.params().iter().any(|ty| !ours.contains(ty)) {
                    complaints.push(format!("{name}: parameters {:?}", statement.params()));
                }
                // Nor would `Row` read other columns.
                let ours = [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA];
                let others =
                    statement.columns().iter().filter(|column| !ours.contains(column.type_()));
                complaints.extend(others.map(|column| format!("{name}: column {column:?}")));
            }
        }
    }
    expect_none(&complaints);
}

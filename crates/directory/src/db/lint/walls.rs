//! The second wall holds without the first: what a transaction said it is about decides, whatever
//! its statements ask for.

use std::collections::BTreeMap;

use postgres::NoTls;
use tokio_postgres::types::{ToSql, Type};

use super::{
    all, clearing, expect_none,
    fresh::Fresh,
    live::{self, LiveTable},
};
use crate::{
    db::{Location, Wall, link::Link, pipeline::Pipeline},
    id::OrgNo,
    store::tables::{TABLES, Table},
};

const OURS: OrgNo = OrgNo(11);
const THEIRS: OrgNo = OrgNo(1_000_000);
/// Rows of each in each table.
const ROWS: i64 = 20;

/// A store in whose tables two organizations have rows, and a connection that may begin as it likes.
struct Two {
    client: Pipeline,
    tables: BTreeMap<String, LiveTable>,
    _place: Fresh,
}

impl Two {
    /// `None`: PostgreSQL was left out.
    fn open() -> Option<Self> {
        let place = Fresh::postgres()?;
        let mut link = place.link();
        let registered = |name: &str| TABLES.iter().find(|table| table.name == name);
        let mut tables = live::tables(&mut link);
        tables.retain(|name, _| registered(name).is_some_and(Table::is_of_organizations));
        for (name, table) in &tables {
            for org in [OURS, THEIRS] {
                clearing::fill(&mut link, name, table, org, ROWS);
            }
        }
        let Link::Postgres(link) = link else { unreachable!("the store is PostgreSQL's") };
        let mut client = link.client;
        client.batch_execute("reset doorward.org").expect("it can be reset");
        Some(Self { client, tables, _place: place })
    }

    /// What `work` answers in a transaction that said `said`. Nothing of it is kept.
    fn within<T>(&mut self, said: &str, work: impl FnOnce(&mut Pipeline) -> T) -> T {
        self.client
            .batch_execute(&format!("begin; set local doorward.org = '{said}'"))
            .expect(said);
        let answer = work(&mut self.client);
        self.client.batch_execute("rollback").expect("it ends");
        answer
    }
}

fn count(client: &mut Pipeline, table: &str, condition: &str) -> i64 {
    let text = format!("select count(*) from {table} where {condition}");
    client.query_one(&text, &[]).expect("it can be counted").get(0)
}

#[test]
fn every_table_of_organizations_shows_and_changes_the_rows_of_one() {
    let Some(mut two) = Two::open() else { return };
    for name in two.tables.keys().cloned().collect::<Vec<_>>() {
        let (ours, theirs) = two.within(&OURS.0.to_string(), |client| {
            let theirs = format!("org = {}", THEIRS.0);
            (count(client, &name, "true"), count(client, &name, &theirs))
        });
        assert!(ours > 0, "{name} has no rows");
        assert_eq!(theirs, 0, "{name} shows rows of another organization");
        let everyone = two.within("all", |client| count(client, &name, "true"));
        assert_eq!(everyone, 2 * ours, "{name}");
        let deleted = two.within(&OURS.0.to_string(), |client| {
            client.execute(format!("delete from {name}").as_str(), &[]).expect("it can be tried")
        });
        assert_eq!(i64::try_from(deleted), Ok(ours), "{name} lets rows of another be deleted");
        let moved = two.within(&OURS.0.to_string(), |client| {
            client.batch_execute(&format!("update {name} set org = {}", THEIRS.0)).is_ok()
        });
        assert!(!moved, "{name} lets rows be given to another organization");
        // Whoever says nothing sees nothing: before any transaction said something, and after.
        assert_eq!(count(&mut two.client, &name, "true"), 0, "{name} is open");
    }
}

/// Every statement of the crate, with the first wall taken down: where it asks for the rows of its
/// organization it asks for those of all.
#[test]
fn no_statement_without_its_condition_leaks_a_row() {
    let Some(mut two) = Two::open() else { return };
    let mut complaints = Vec::new();
    let mut tried = 0;
    for (name, text) in all() {
        if !text.starts_with("select") || !text.contains("org = $1") {
            continue;
        }
        let open = text.replace("org = $1", "org <> $1").replace("org = c.org", "org <> 0");
        let leaked = two.within(&OURS.0.to_string(), |client| {
            let Ok(statement) = client.prepare(&open) else { return Some(0) };
            let params: Vec<Box<dyn ToSql + Sync>> = statement
                .params()
                .iter()
                .enumerate()
                .map(|(at, ty)| -> Box<dyn ToSql + Sync> {
                    match *ty {
                        Type::INT8 if at == 0 => Box::new(OURS.0),
                        Type::INT8 => Box::new(1_i64),
                        Type::BYTEA => Box::new(vec![0_u8]),
                        _ => Box::new(String::from("1")),
                    }
                })
                .collect();
            let params: Vec<_> = params.iter().map(|param| &**param as _).collect();
            client.query(&statement, &params).ok().map(|rows| rows.len())
        });
        tried += 1;
        // An aggregate always answers a row; whatever else answers one has leaked.
        let is_aggregate =
            text.contains("count(") || text.contains("max(") || text.contains("sum(");
        if leaked.is_some_and(|rows| rows > 0) && !is_aggregate {
            complaints.push(format!("{name}: {open}"));
        }
    }
    assert!(tried > 40, "only {tried} statements were tried");
    expect_none(&complaints);
}

#[test]
fn whoever_is_held_by_no_policy_is_told_of() {
    let Some(url) = testkit::postgres_url() else { return };
    let Some(place) = Fresh::postgres() else { return };
    let whole = Wall { bypassed_by: None, missing: Vec::new() };
    assert_eq!(place.location().wall().expect("it can be looked at"), Some(whole));
    // The cluster's own user is a superuser, and that database holds no store.
    let role = postgres::Client::connect(&url, NoTls)
        .and_then(|mut client| client.query_one("select current_user::text", &[]))
        .expect("the cluster answers")
        .get::<_, String>(0);
    let found = Location::Postgres(url.into()).wall().expect("it can be looked at");
    let found = found.expect("PostgreSQL has a wall");
    assert_eq!(found.bypassed_by, Some(role));
    assert!(found.missing.contains(&"resource"));
}

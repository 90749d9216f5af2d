//! The registry of tables says what the engines have, and they have the same.

use super::{
    expect_none,
    fresh::Fresh,
    live::{self, LiveTable},
};
use crate::{
    db::link::Link,
    store::tables::{Index, Rows, TABLES, Table},
};

/// It belongs to the installation although it names organizations: it is the way to one, and
/// whoever deletes an organization frees its slug at once.
const WAYS: [&str; 1] = ["organization_slug"];

#[test]
fn both_engines_have_the_same_tables() {
    let (sqlite, postgres) = (Fresh::sqlite(), Fresh::postgres());
    let Some(postgres) = postgres else { return };
    assert_eq!(live::tables(&mut sqlite.link()), live::tables(&mut postgres.link()));
}

#[test]
fn the_registry_says_which_tables_there_are() {
    for store in Fresh::on_each_engine() {
        let mut live = live::tables(&mut store.link());
        let mut complaints = Vec::new();
        for table in TABLES {
            match live.remove(table.name) {
                None => complaints.push(format!("{} is not there", table.name)),
                Some(live) => complaints.extend(differences(table, &live)),
            }
        }
        complaints.extend(live.keys().map(|name| format!("{name} is not in the registry")));
        expect_none(&complaints);
    }
}

/// What the registry says of a table and is not so.
fn differences(table: &Table, live: &LiveTable) -> Vec<String> {
    let mut differences = Vec::new();
    let name = table.name;
    let org = live.columns.iter().find(|column| column.name == "org");
    let names_org = org.is_some() && !WAYS.contains(&name);
    if table.is_of_organizations() != names_org {
        differences.push(format!("{name}: whether it has the column org is not as its rows say"));
    }
    // A distributed PostgreSQL keeps a key unique only where it begins with what it is distributed by.
    let mut unique = live.indexes.values().filter(|index| index.is_unique);
    let keys_begin = live.primary_key.first().is_some_and(|column| column == "org")
        && unique.all(|index| index.columns.first().is_some_and(|column| column == "org"));
    if table.is_keyed_by_organization() && !keys_begin {
        differences.push(format!("{name}: a key does not begin with the organization"));
    }
    let whole = live.indexes.values().filter(|index| !index.is_partial);
    let mut keys = vec![&live.primary_key];
    keys.extend(whole.map(|index| &index.columns));
    let ordered = match table.rows {
        Rows::Installation => None,
        Rows::Few | Rows::Way | Rows::Kept | Rows::Organization => Some(vec!["org"]),
        Rows::Many(columns) => Some(std::iter::once("org").chain(columns.split(", ")).collect()),
    };
    if let Some(ordered) = ordered
        && !keys.iter().any(|key| key.len() >= ordered.len() && key[..ordered.len()] == ordered)
    {
        differences.push(format!("{name}: no index gives its rows in the order of {ordered:?}"));
    }
    let Some((primary, others)) = table.indexes.split_first() else {
        // A table of one number is in the order of its numbers, without an index.
        if live.primary_key.len() != 1 || !live.indexes.is_empty() {
            differences.push(format!("{name}: its indexes are not in the registry"));
        }
        return differences;
    };
    let mut check = |index: &Index, columns: &[String]| {
        // How many rows there are, and how many share the first columns.
        if index.statistics.split(' ').count() != columns.len() + 1 {
            differences.push(format!("{}: {columns:?}: {}", index.name, index.statistics));
        }
    };
    check(primary, &live.primary_key);
    for index in others {
        if let Some(live) = live.indexes.get(index.name) {
            check(index, &live.columns);
        }
    }
    let mut registered: Vec<&str> = others.iter().map(|index| index.name).collect();
    registered.sort_unstable();
    let there: Vec<&String> = live.indexes.keys().collect();
    if registered != there {
        differences.push(format!("{name}: its indexes are {there:?}, not {registered:?}"));
    }
    differences
}

/// SQLite passes over statistics of an index that it does not know.
#[test]
fn sqlite_knows_each_index_that_it_is_told_about() {
    let store = Fresh::sqlite();
    let Link::Sqlite(link) = store.link() else { unreachable!("the store is SQLite's") };
    let has_rows_beside_its_key = |table: &str| -> bool {
        let text = "select wr = 0 from pragma_table_list where name = ?1 and schema = 'main'";
        link.connection.query_row(text, [table], |row| row.get(0)).expect("the table is there")
    };
    for table in TABLES {
        let Some(primary) = table.indexes.first() else { continue };
        let expected = if has_rows_beside_its_key(table.name) {
            format!("sqlite_autoindex_{}_1", table.name)
        } else {
            table.name.to_owned()
        };
        assert_eq!(primary.name, expected);
    }
}

#[test]
fn a_difference_is_found() {
    let store = Fresh::sqlite();
    let live = live::tables(&mut store.link());
    let find =
        |name: &str| *TABLES.iter().find(|table| table.name == name).expect("it is registered");
    let (member, plan) = (find("member"), find("plan"));
    for (table, live) in [
        (Table { rows: Rows::Installation, ..member }, &live["member"]),
        (Table { rows: Rows::Many("kind"), ..member }, &live["member"]),
        (Table { indexes: &[], ..member }, &live["member"]),
        (Table { indexes: &member.indexes[..1], ..member }, &live["member"]),
        (Table { rows: Rows::Few, ..plan }, &live["plan"]),
        (member, &live["tombstone"]),
    ] {
        assert!(!differences(&table, live).is_empty(), "{table:?}");
    }
}

//! A deleted organization leaves a row in no table that does not keep it.

use std::collections::BTreeMap;

use super::{
    fresh::Fresh,
    live::{self, LiveTable, Type},
};
use crate::{
    access::Access,
    db::link::Link,
    error::Error,
    id::OrgNo,
    installation::Installation,
    maintenance::reap,
    organization::{self, Slug},
    store::{
        Store,
        tables::{Rows, TABLES},
    },
};

/// More than one piece that is cleared away in one step.
const ROWS: i64 = 5_500;
/// Enough to see that they stay.
const FEW: i64 = 50;

#[test]
fn a_deleted_organization_leaves_no_row() {
    for place in Fresh::on_each_engine() {
        let store = place.open();
        let mut link = place.link();
        let tables: BTreeMap<String, LiveTable> = live::tables(&mut link)
            .into_iter()
            .filter(|(_, table)| table.columns.iter().any(|column| column.name == "org"))
            .collect();
        let (gone, stays) = two_organizations(&store);
        for (name, table) in &tables {
            // Its own rows are there already, and the way to it went at once.
            if table.primary_key == ["org"] || name == "organization_slug" {
                continue;
            }
            fill(&mut link, name, table, gone, ROWS);
            // What waits there would be cleared away.
            if !["retired_member_set", "staged_member_set"].contains(&name.as_str()) {
                fill(&mut link, name, table, stays, FEW);
            }
        }
        let before = count(&mut link, &tables, stays);
        clear_away(&store);
        for (name, rows) in count(&mut link, &tables, gone) {
            let registered = TABLES.iter().find(|table| table.name == name);
            let kept = registered.is_some_and(|table| table.rows == Rows::Kept);
            assert_eq!(rows > 0, kept, "{name} holds {rows} rows of the deleted organization");
        }
        assert_eq!(count(&mut link, &tables, stays), before);
        store.close();
    }
}

/// Makes two organizations, and deletes the first.
fn two_organizations(store: &Store) -> (OrgNo, OrgNo) {
    block_on(async {
        #[expect(clippy::disallowed_methods, reason = "tests act as operators, as the commands do")]
        let installation = Installation::of_command_line(store);
        let mut orgs = Vec::new();
        for name in ["gone", "stays"] {
            let slug = Slug::parse(name)?;
            let (access, _): (Access, _) =
                organization::create(&installation, &slug, name, None).await?;
            orgs.push(access.org());
        }
        organization::delete(&installation, &Slug::parse("gone")?).await?;
        Ok((orgs[0], orgs[1]))
    })
}

fn clear_away(store: &Store) {
    block_on(async {
        while reap::step(store).await? {}
        Ok(())
    });
}

fn block_on<T>(work: impl Future<Output = Result<T, Error>>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be built");
    runtime.block_on(work).expect("the store works")
}

/// Gives an organization rows in a table, whatever its columns mean.
pub(super) fn fill(link: &mut Link, name: &str, table: &LiveTable, org: OrgNo, rows: i64) {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let values = table.columns.iter().map(|column| match (column.name.as_str(), column.ty) {
        ("org", _) => org.0.to_string(),
        // The rows of a table are of few kinds.
        ("kind", _) => "n % 3".to_owned(),
        (_, Type::Number) => "n".to_owned(),
        (_, Type::Text) => format!("cast({} + n as text)", org.0),
        (_, Type::Bytes) => "$blob".to_owned(),
    });
    let values: Vec<String> = values.collect();
    let text = format!(
        "insert into {name} ({}) with recursive numbers (n) as \
         (select 1 union all select n + 1 from numbers where n < {rows}) \
         select {} from numbers where true on conflict do nothing",
        names.join(", "),
        values.join(", "),
    );
    match link {
        Link::Sqlite(link) => {
            let text = text.replace("$blob", "x'00'");
            link.connection.execute_batch(&text).expect("the rows can be added");
        }
        Link::Postgres(link) => {
            let text = text.replace("$blob", "'\\x00'::bytea");
            link.client.batch_execute(&text).expect("the rows can be added");
        }
    }
}

/// The rows of an organization, by table.
fn count(
    link: &mut Link,
    tables: &BTreeMap<String, LiveTable>,
    org: OrgNo,
) -> BTreeMap<String, i64> {
    let count = |name: &String| {
        let text = format!("select count(*) from {name} where org = {}", org.0);
        let rows = match &mut *link {
            Link::Sqlite(link) => {
                link.connection.query_row(&text, [], |row| row.get(0)).expect("it can be counted")
            }
            Link::Postgres(link) => {
                link.client.query_one(&text, &[]).expect("it can be counted").get(0)
            }
        };
        (name.clone(), rows)
    };
    tables.keys().map(count).collect()
}

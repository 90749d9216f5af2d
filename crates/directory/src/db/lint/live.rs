//! [`LiveTable`]: a table as an engine has it.

use std::collections::BTreeMap;

use crate::db::pipeline::Pipeline;
use crate::db::{link::Link, migrate::HISTORY};
use crate::error::Error;

/// A table as an engine has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LiveTable {
    /// In their order.
    pub(super) columns: Vec<LiveColumn>,
    /// The columns of the primary key.
    pub(super) primary_key: Vec<String>,
    /// The other indexes.
    pub(super) indexes: BTreeMap<String, LiveIndex>,
}

/// A column.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LiveColumn {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) is_nullable: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// 64 bits.
    Number,
    /// It compares bytewise.
    Text,
    Bytes,
}

/// An index that is no primary key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LiveIndex {
    pub(super) is_unique: bool,
    /// Whether it holds some rows only.
    pub(super) is_partial: bool,
    pub(super) columns: Vec<String>,
}

/// Every table, by name.
pub(super) fn tables(link: &mut Link) -> BTreeMap<String, LiveTable> {
    let mut tables = match link {
        Link::Sqlite(link) => of_sqlite(&link.connection).expect("SQLite tells its tables"),
        Link::Postgres(link) => of_postgres(&mut link.client).expect("PostgreSQL tells its tables"),
    };
    tables.remove(HISTORY).expect("the migrations left their history");
    tables
}

fn of_sqlite(connection: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<String, LiveTable>> {
    let mut tables: BTreeMap<String, LiveTable> = BTreeMap::new();
    let mut statement = connection.prepare(
        "select t.name, c.name, lower(c.type), c.\"notnull\", c.pk
         from sqlite_schema t join pragma_table_info(t.name) c
         where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\' order by t.name, c.cid",
    )?;
    let mut rows = statement.query([])?;
    let mut keys: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (table, name, ty): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (is_not_null, place): (bool, i64) = (row.get(3)?, row.get(4)?);
        if place > 0 {
            keys.entry(table.clone()).or_default().push((place, name.clone()));
        }
        let ty = match ty.as_str() {
            "text" => Type::Text,
            "blob" => Type::Bytes,
            "integer" => Type::Number,
            other => panic!("{table}.{name} is {other}"),
        };
        let is_nullable = !is_not_null && place == 0;
        tables.entry(table).or_default().columns.push(LiveColumn { name, ty, is_nullable });
    }
    for (table, mut columns) in keys {
        columns.sort_unstable();
        let names = columns.into_iter().map(|(_, name)| name).collect();
        tables.entry(table).or_default().primary_key = names;
    }
    let mut statement = connection.prepare(
        "select t.name, i.name, i.\"unique\", i.partial, c.name
         from sqlite_schema t join pragma_index_list(t.name) i join pragma_index_info(i.name) c
         where t.type = 'table' and i.origin <> 'pk' order by t.name, i.name, c.seqno",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (is_unique, is_partial) = (row.get(2)?, row.get(3)?);
        let indexes = &mut tables.entry(row.get(0)?).or_default().indexes;
        let index = indexes.entry(row.get(1)?);
        let index = index.or_insert(LiveIndex { is_unique, is_partial, columns: Vec::new() });
        index.columns.push(row.get(4)?);
    }
    Ok(tables)
}

fn of_postgres(client: &mut Pipeline) -> Result<BTreeMap<String, LiveTable>, Error> {
    let mut tables: BTreeMap<String, LiveTable> = BTreeMap::new();
    let columns = "select t.relname::text, c.attname::text, format_type(c.atttypid, null),
           not c.attnotnull, l.collname::text
         from pg_class t join pg_attribute c on c.attrelid = t.oid
         left join pg_collation l on l.oid = c.attcollation
         where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r'
           and c.attnum > 0 and not c.attisdropped
         order by t.relname, c.attnum";
    for row in client.query(columns, &[])? {
        let (table, name, ty): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let collation: Option<String> = row.get(4);
        let ty = match (ty.as_str(), collation.as_deref()) {
            ("bigint", None) => Type::Number,
            ("bytea", None) => Type::Bytes,
            ("text", Some("C")) => Type::Text,
            other => panic!("{table}.{name} is {other:?}"),
        };
        let column = LiveColumn { name, ty, is_nullable: row.get(3) };
        tables.entry(table).or_default().columns.push(column);
    }
    let indexes = "select t.relname::text, i.relname::text, x.indisprimary, x.indisunique,
           x.indpred is not null, c.attname::text
         from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
         cross join unnest(x.indkey) with ordinality as k (no, at)
         join pg_attribute c on c.attrelid = t.oid and c.attnum = k.no
         where t.relnamespace = current_schema()::regnamespace
         order by t.relname, i.relname, k.at";
    for row in client.query(indexes, &[])? {
        let table = tables.entry(row.get(0)).or_default();
        if row.get(2) {
            table.primary_key.push(row.get(5));
            continue;
        }
        let (is_unique, is_partial) = (row.get(3), row.get(4));
        let index = table.indexes.entry(row.get(1));
        let index = index.or_insert(LiveIndex { is_unique, is_partial, columns: Vec::new() });
        index.columns.push(row.get(5));
    }
    Ok(tables)
}

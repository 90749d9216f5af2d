//! [`Rows`]: the rows that Doorward writes, written by SQLite alone.
//!
//! A user is created, changed and made a member through the server; the rows that this left are
//! taken out of its store as a pattern and written again and again, with other numbers and ids,
//! into an empty store of the same schema. Nothing is looked up, checked, parsed or hashed.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, OpenFlags, params, params_from_iter, types::Value};

use crate::{chance::Chance, process::Process, rate::Spurt, site::Usage};

/// Users and kinds, as the store numbers them.
const USER: i64 = 0;
const GROUP: i64 = 1;

/// Users that are there before, and members of the group.
const FILLED: i64 = 2_000;

/// How long the server may keep an entry of its log before it writes it.
const LOG_LIMIT: Duration = Duration::from_secs(10);

/// What one request writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Piece {
    Create,
    Profile,
    Member,
}

/// Whose rows are the pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// A user who was created and then changed.
    pub(crate) user: String,
    /// What its names and keys are made of.
    pub(crate) number: usize,
    /// A group that this user became a member of.
    pub(crate) group: String,
}

/// A row of the server's store.
#[derive(Clone, Debug)]
struct Row {
    insert: String,
    columns: Vec<String>,
    values: Vec<Value>,
}

impl Row {
    fn all(store: &Connection, table: &str, rest: &str, key: &Value) -> Result<Vec<Self>> {
        let mut statement = store.prepare(&format!("select * from {table} where {rest}"))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let places: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
        let (names, places) = (columns.join(", "), places.join(", "));
        let insert = format!("insert into {table} ({names}) values ({places})");
        let rows = statement.query_map([key], |row| {
            (0..columns.len()).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()
        })?;
        rows.map(|values| {
            Ok(Self { insert: insert.clone(), columns: columns.clone(), values: values? })
        })
        .collect()
    }

    fn one(store: &Connection, table: &str, rest: &str, key: &Value) -> Result<Self> {
        let row = Self::all(store, table, rest, key)?.pop();
        row.with_context(|| format!("the server left no row in {table} where {rest}"))
    }

    fn value(&self, column: &str) -> Result<&Value> {
        let at = self.columns.iter().position(|name| name == column);
        at.map(|at| &self.values[at]).with_context(|| format!("there is no column {column}"))
    }

    fn number(&self, column: &str) -> Result<i64> {
        match self.value(column)? {
            Value::Integer(number) => Ok(*number),
            other => bail!("{column} is {other:?}"),
        }
    }

    /// Writes the row with other values in some columns.
    fn insert(&self, store: &Connection, others: &[(&str, Value)]) -> Result<()> {
        let value = |(column, own): (&String, _)| {
            let other = others.iter().find(|(name, _)| name == column);
            other.map_or(own, |(_, value)| value)
        };
        let values = self.columns.iter().zip(&self.values).map(value);
        store.prepare_cached(&self.insert)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// The same with one number in all of its texts replaced by another one.
    fn renumbered(&self, column: &'static str, old: &str, new: &str) -> (&'static str, Value) {
        let value = match self.value(column) {
            Ok(Value::Text(text)) => Value::Text(text.replace(old, new)),
            Ok(other) => other.clone(),
            Err(_) => Value::Null,
        };
        (column, value)
    }
}

/// What a change leaves beside the resource itself.
#[derive(Clone, Debug)]
struct Traces {
    event: Row,
    log: Row,
}

impl Traces {
    /// Those of the request with this method, on or for this resource. `last`: the newest ones.
    fn of(store: &Connection, target: &str, method: &str) -> Result<Self> {
        let order = if method == "POST" { "asc" } else { "desc" };
        let key = Value::Text(target.to_owned());
        let event = format!("target = ?1 order by seq {order} limit 1");
        let log = format!("target = ?1 and method = '{method}' order by at {order} limit 1");
        let begun = Instant::now();
        loop {
            let row = Row::one(store, "sync_log", &log, &key);
            if row.is_ok() || begun.elapsed() > LOG_LIMIT {
                return Ok(Self { event: Row::one(store, "event", &event, &key)?, log: row? });
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The pattern, and the store that it is written into.
#[derive(Debug)]
pub(crate) struct Rows {
    store: Connection,
    org: i64,
    user: Row,
    index: Vec<Row>,
    created: Traces,
    changed: Traces,
    joined: Traces,
    /// The number in the texts of the pattern.
    number: String,
    member_set: i64,
    group: i64,
    next: i64,
    away: Vec<i64>,
    seq: i64,
    chance: Chance,
}

impl Rows {
    /// Takes the pattern out of the server's store and fills the empty one.
    pub(crate) fn new(served: &Path, empty: &Path, pattern: &Pattern) -> Result<Self> {
        let served = Connection::open_with_flags(served, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let id = |id: &str| Value::Text(id.to_owned());
        let user = Row::one(&served, "resource", "kind = 0 and id = ?1", &id(&pattern.user))?;
        let group = Row::one(&served, "resource", "kind = 1 and id = ?1", &id(&pattern.group))?;
        let org = user.number("org")?;
        let index = Row::all(&served, "attribute_index", "no = ?1", user.value("no")?)?;
        let counter = Row::one(&served, "organization_counter", "org = ?1", &Value::Integer(org))?;
        let store = Connection::open(empty)?;
        store.set_prepared_statement_cache_capacity(64);
        // As the server opens its own.
        store.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
             pragma temp_store = memory; pragma cell_size_check = on;
             pragma cache_size = -65536; pragma journal_size_limit = 67108864;",
        )?;
        let (member_set, group_no) = (group.number("member_set")?, group.number("no")?);
        let mut rows = Self {
            org,
            index,
            created: Traces::of(&served, &pattern.user, "POST")?,
            changed: Traces::of(&served, &pattern.user, "PATCH")?,
            joined: Traces::of(&served, &pattern.group, "PATCH")?,
            user,
            number: pattern.number.to_string(),
            member_set,
            group: group_no,
            next: 0,
            away: Vec::new(),
            seq: 0,
            chance: Chance::new(3),
            store,
        };
        rows.store.execute_batch("begin immediate")?;
        counter.insert(&rows.store, &[])?;
        // Numbers are shared by users and groups; this one lies beyond those of the users.
        rows.group = rows.group.saturating_add(1 << 40);
        group.insert(&rows.store, &[("no", Value::Integer(rows.group))])?;
        rows.store.execute_batch("commit")?;
        for _ in 0..FILLED / 100 {
            rows.batch(Piece::Create, 100)?;
        }
        rows.store.execute_batch("begin immediate")?;
        for no in 1..=FILLED {
            rows.join(no)?;
        }
        rows.store.execute_batch("commit")?;
        Ok(rows)
    }

    /// Commits pieces for some time, so many at once.
    pub(crate) fn spurt(&mut self, piece: Piece, at_once: usize, time: Duration) -> Result<Spurt> {
        let (used, begun) = (Process::own().processor(), Instant::now());
        let mut spurt = Spurt::default();
        while begun.elapsed() < time {
            let begun = Instant::now();
            self.batch(piece, at_once)?;
            spurt.times.push(begun.elapsed());
            spurt.done += at_once;
        }
        spurt.elapsed = begun.elapsed();
        let server = Process::own().processor().saturating_sub(used);
        spurt.usage = Usage { server, ..Usage::default() };
        Ok(spurt)
    }

    fn batch(&mut self, piece: Piece, at_once: usize) -> Result<()> {
        self.store.execute_batch("begin immediate")?;
        let first = self.next + 1;
        for _ in 0..at_once {
            match piece {
                Piece::Create => self.create()?,
                Piece::Profile => self.change()?,
                Piece::Member => self.change_members()?,
            }
        }
        if piece == Piece::Create {
            self.count(first, self.next)?;
        }
        self.store
            .prepare_cached(
                "update organization_counter set next_no = ?2, users = ?2, last_us = ?3, \
                 event_seq = ?3, event_head = ?4 where org = ?1",
            )?
            .execute(params![self.org, self.next, self.seq, [7_u8; 32]])?;
        self.store.execute_batch("commit")?;
        Ok(())
    }

    fn create(&mut self) -> Result<()> {
        self.next += 1;
        let no = Value::Integer(self.next);
        let id = self.chance.id();
        // As many digits as in the pattern.
        let number = format!("{:01$}", self.next, self.number.len());
        let renumbered = |row: &Row, column| row.renumbered(column, &self.number, &number);
        self.user.insert(
            &self.store,
            &[
                ("no", no.clone()),
                ("id", Value::Text(id.clone())),
                renumbered(&self.user, "name"),
                renumbered(&self.user, "name_key"),
                renumbered(&self.user, "external_id"),
                ("version", Value::Integer(1)),
            ],
        )?;
        for row in &self.index {
            row.insert(&self.store, &[("no", no.clone()), renumbered(row, "key")])?;
        }
        let traces = self.created.clone();
        self.trace(&traces, Some(id))
    }

    fn change(&mut self) -> Result<()> {
        let no = self.somebody();
        self.seq += 1;
        self.store
            .prepare_cached(
                "update resource set version = version + 1, modified = ?4, doc = ?5 \
                 where org = ?1 and kind = ?2 and no = ?3",
            )?
            .execute(params![self.org, USER, no, self.modified()?, self.user.value("doc")?])?;
        let traces = self.changed.clone();
        self.trace(&traces, None)
    }

    /// Who was taken out is put in again, half of the time.
    fn change_members(&mut self) -> Result<()> {
        self.seq += 1;
        let by = if self.seq % 2 == 0
            && let Some(no) = self.away.pop()
        {
            self.join(no)?;
            1
        } else {
            let no = self.somebody();
            self.away.push(no);
            self.store
                .prepare_cached(
                    "delete from member where org = ?1 and member_set = ?2 and no = ?3",
                )?
                .execute([self.org, self.member_set, no])?;
            -1
        };
        self.store
            .prepare_cached(
                "update resource set version = version + 1, modified = ?4, \
                 member_count = member_count + ?5 where org = ?1 and kind = ?2 and no = ?3",
            )?
            .execute(params![self.org, GROUP, self.group, self.modified()?, by])?;
        let traces = self.joined.clone();
        self.trace(&traces, None)
    }

    fn join(&self, no: i64) -> Result<()> {
        self.store
            .prepare_cached(
                "insert into member (org, member_set, no, kind) values (?1, ?2, ?3, 0) \
                 on conflict do nothing",
            )?
            .execute([self.org, self.member_set, no])?;
        Ok(())
    }

    /// Somebody of those who were there first.
    fn somebody(&mut self) -> i64 {
        let most = usize::try_from(FILLED).unwrap_or(1);
        i64::try_from(self.chance.below(most)).unwrap_or_default() + 1
    }

    fn modified(&self) -> Result<i64> {
        Ok(self.user.number("modified")? + self.seq)
    }

    fn trace(&mut self, traces: &Traces, target: Option<String>) -> Result<()> {
        self.seq += 1;
        let mut event = vec![("seq", Value::Integer(self.seq))];
        let random = i64::try_from(self.chance.bits() >> 1).unwrap_or_default();
        let at = traces.log.number("at")? + self.seq;
        let mut log = vec![("no", Value::Integer(random)), ("at", Value::Integer(at))];
        if let Some(target) = target {
            event.push(("target", Value::Text(target.clone())));
            log.push(("target", Value::Text(target)));
        }
        traces.event.insert(&self.store, &event)?;
        traces.log.insert(&self.store, &log)
    }

    /// The rank blocks of these numbers.
    fn count(&self, first: i64, last: i64) -> Result<()> {
        for level in 0..3_i64 {
            let shift = 7 * (level + 1);
            for block in first >> shift..=last >> shift {
                let begin = first.max(block << shift);
                let end = last.min(((block + 1) << shift) - 1);
                self.store
                    .prepare_cached(
                        "insert into rank_block (org, kind, level, block, live) \
                         values (?1, ?2, ?3, ?4, ?5) on conflict (org, kind, level, block) \
                         do update set live = rank_block.live + excluded.live",
                    )?
                    .execute([self.org, USER, level, block, end - begin + 1])?;
            }
        }
        Ok(())
    }
}

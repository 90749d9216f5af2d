//! Copying a store from one engine to the other: table by table, in pieces in the order of the
//! primary keys.
//!
//! Each piece is one transaction of the target, so what is there says how far the copy has come: a
//! second run goes on after the largest key of each table. Until all is there and was compared, the
//! history of the target's schema has a mark that keeps anyone from opening it as a store.

use std::sync::LazyLock;

use aws_lc_rs::digest::{Context, SHA256};

use super::{
    Location, Purpose,
    link::{Link, SqliteLink},
    migrate,
    scope::Scope,
    session::Session,
    statement::{ListSql, Sql},
    value::{Cell, Param},
};
use crate::{
    error::{Error, Unusable},
    store::tables::TABLES,
};

/// Rows of a piece.
const PIECE: u32 = 2_000;
/// The tables whose rows change with everything else: their rows tell one state of a store from
/// another.
const HEADS: [&str; 2] = ["organization_counter", "installation"];

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The table that is copied or compared.
    pub table: &'static str,
    /// Tables before it, and all of them, each counted twice: it is copied, then compared.
    pub tables: (usize, usize),
    /// Rows of all tables so far, of this run.
    pub rows: u64,
}

/// A table of which both stores hold the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transferred {
    /// Its name.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
}

/// The statements that copy a table.
struct Plan {
    name: &'static str,
    columns: usize,
    /// Where the columns of the primary key are.
    key: Vec<usize>,
    first: Sql,
    after: Sql,
    last: Sql,
    insert: ListSql,
}

/// Every table of the registry, with its columns as the migrations make them.
static PLANS: LazyLock<Result<Vec<Plan>, String>> =
    LazyLock::new(|| plans().map_err(|error| error.to_string()));

fn plans() -> Result<Vec<Plan>, Error> {
    let mut link = Link::Sqlite(SqliteLink::new(rusqlite::Connection::open_in_memory()?));
    migrate::run(&mut link)?;
    let Link::Sqlite(SqliteLink { connection, .. }) = link else { return Ok(Vec::new()) };
    TABLES.iter().map(|table| Ok(Plan::of(&connection, table.name)?)).collect()
}

impl Plan {
    fn of(connection: &rusqlite::Connection, name: &'static str) -> rusqlite::Result<Self> {
        let mut info =
            connection.prepare("select name, pk from pragma_table_info(?1) order by cid")?;
        let columns = info.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let columns: Vec<(String, i64)> = columns.collect::<Result<_, _>>()?;
        let mut key: Vec<usize> = (0..columns.len()).filter(|at| columns[*at].1 > 0).collect();
        key.sort_unstable_by_key(|at| columns[*at].1);
        let names = |each: fn(&str) -> String, of: &mut dyn Iterator<Item = usize>| {
            of.map(|at| each(&columns[at].0)).collect::<Vec<_>>().join(", ")
        };
        let all = names(str::to_owned, &mut (0..columns.len()));
        let keys = names(str::to_owned, &mut key.iter().copied());
        let backwards = names(|name| format!("{name} desc"), &mut key.iter().copied());
        let bound: Vec<String> = (1..=key.len()).map(|number| format!("${number}")).collect();
        let (bound, holes) = (bound.join(", "), vec!["{}"; columns.len()].join(", "));
        let ordered = format!("order by {keys} limit {PIECE}");
        let sql = |text: String| Sql::new(text.leak());
        Ok(Self {
            name,
            columns: columns.len(),
            first: sql(format!("select {all} from {name} {ordered}")),
            after: sql(format!("select {all} from {name} where ({keys}) > ({bound}) {ordered}")),
            last: sql(format!("select {all} from {name} order by {backwards} limit 1")),
            insert: ListSql {
                head: format!("insert into {name} ({all}) values ").leak(),
                item: format!("({holes})").leak(),
                tail: "",
            },
            key,
        })
    }

    /// The rows after a key, or the first ones.
    fn read(&self, session: &mut Session, after: Option<&[Cell]>) -> Result<Vec<Vec<Cell>>, Error> {
        let rows = match after {
            None => session.query(self.first, &[])?,
            Some(key) => {
                let key: Vec<Param<'_>> = key.iter().map(Param::from).collect();
                session.query(self.after, &key)?
            }
        };
        Ok(rows.into_iter().map(super::Row::into_cells).collect())
    }

    /// The largest key.
    fn newest(&self, session: &mut Session) -> Result<Option<Vec<Cell>>, Error> {
        let row = session.query(self.last, &[])?.pop();
        Ok(row.map(|row| self.key_of(&row.into_cells())))
    }

    fn key_of(&self, row: &[Cell]) -> Vec<Cell> {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    /// How many rows there are, and a digest over all of them in the order of their keys.
    fn digest(
        &self,
        session: &mut Session,
        told: &mut dyn FnMut(usize),
    ) -> Result<(u64, Vec<u8>), Error> {
        let (mut context, mut count, mut after) = (Context::new(&SHA256), 0, None);
        loop {
            let rows = self.read(session, after.as_deref())?;
            let Some(last) = rows.last() else { break };
            after = Some(self.key_of(last));
            count += rows.len() as u64;
            rows.iter().flatten().for_each(|cell| update(&mut context, cell));
            told(rows.len());
        }
        Ok((count, context.finish().as_ref().to_vec()))
    }
}

/// Each cell with its kind and its length, so that no two rows have one form.
fn update(context: &mut Context, cell: &Cell) {
    let (kind, number): (u8, [u8; 8]);
    let bytes: &[u8] = match cell {
        Cell::Null => {
            kind = 0;
            &[]
        }
        Cell::Int(value) => {
            kind = 1;
            number = value.to_be_bytes();
            &number
        }
        Cell::Text(text) => {
            kind = 2;
            text.as_bytes()
        }
        Cell::Bytes(bytes) => {
            kind = 3;
            bytes
        }
    };
    context.update(&[kind]);
    context.update(&(bytes.len() as u64).to_be_bytes());
    context.update(bytes);
}

/// A copy that is being made.
struct Copying<'t> {
    source: Session,
    target: Session,
    done: usize,
    rows: u64,
    told: &'t mut dyn FnMut(Transfer),
}

impl Copying<'_> {
    fn tell(&mut self, table: &'static str, rows: usize) {
        self.rows += rows as u64;
        let tables = (self.done, 2 * TABLES.len());
        (self.told)(Transfer { table, tables, rows: self.rows });
    }

    fn copy(&mut self, plan: &Plan) -> Result<(), Error> {
        let mut after = plan.newest(&mut self.target)?;
        loop {
            let rows = plan.read(&mut self.source, after.as_deref())?;
            let Some(last) = rows.last() else { break };
            after = Some(plan.key_of(last));
            let params: Vec<Param<'_>> = rows.iter().flatten().map(Param::from).collect();
            self.target.begin_write(Scope::Installation)?;
            self.target.insert(&plan.insert, plan.columns, &params)?;
            self.target.commit()?;
            self.tell(plan.name, rows.len());
        }
        self.done += 1;
        Ok(())
    }

    fn compare(&mut self, plan: &Plan) -> Result<Transferred, Error> {
        let source = plan.digest(&mut self.source, &mut |_| ())?;
        let target = plan.digest(&mut self.target, &mut |_| ())?;
        self.done += 1;
        self.tell(plan.name, usize::try_from(target.0).unwrap_or(usize::MAX));
        if source == target {
            return Ok(Transferred { table: plan.name, rows: target.0 });
        }
        let problem = format!(
            "the copy differs from its source ({} rows, and {}); empty it, and begin again",
            target.0, source.0
        );
        Err(Error::damaged(plan.name, "", problem))
    }
}

impl Location {
    /// Copies the store to one on the other engine, which is made, and compares all rows of both. A copy that
    /// was cut off goes on where it ended.
    ///
    /// No server may serve either meanwhile: a data directory is locked, PostgreSQL cannot be.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where both are on one engine; [`Error::Unusable`] where there is no store,
    /// a server serves it, or the target has data of its own; [`Error::Conflict`] where the source
    /// changed since an unfinished copy began; [`Error::Damaged`] where the two differ at the end.
    pub fn copy_to(
        &self,
        target: &Self,
        told: &mut dyn FnMut(Transfer),
    ) -> Result<Vec<Transferred>, Error> {
        if matches!(
            (self, target),
            (Self::Directory(_), Self::Directory(_)) | (Self::Postgres(_), Self::Postgres(_))
        ) {
            return Err(Error::invalid("to", "Both stores are on the same engine."));
        }
        self.prepare(false)?;
        let _source_lock = self.lock()?;
        target.migrate()?;
        let _target_lock = target.lock()?;
        let plans = PLANS.as_ref().map_err(|error| Error::Unavailable(error.clone()))?;
        let mut source = Session::new(self.link(Purpose::Migrate)?);
        // One state, from here to the end.
        source.begin_read(Scope::Installation)?;
        let state = state(plans, &mut source)?;
        let mut link = target.link(Purpose::Migrate)?;
        match migrate::unfinished(&mut link)? {
            Some(begun) if begun == state => {}
            Some(_) => {
                return Err(Error::conflict(
                    "to",
                    "The source has changed since the unfinished copy began. Empty the target, and \
                     begin again.",
                ));
            }
            None => {
                let mut session = Session::new(link);
                for plan in plans {
                    if plan.newest(&mut session)?.is_some() {
                        return Err(Unusable::Occupied.into());
                    }
                }
                link = session.into_link();
                migrate::begin_copy(&mut link, &state)?;
            }
        }
        let target = Session::new(link);
        let mut copying = Copying { source, target, done: 0, rows: 0, told };
        for plan in plans {
            copying.copy(plan)?;
        }
        copying.target.begin_read(Scope::Installation)?;
        let compared = plans.iter().map(|plan| copying.compare(plan)).collect::<Result<_, _>>();
        copying.target.rollback()?;
        let compared: Vec<Transferred> = compared?;
        let mut link = copying.target.into_link();
        migrate::end_copy(&mut link)?;
        if let Link::Postgres(link) = &mut link {
            // Now there is something to measure.
            link.client.batch_execute("analyze")?;
        }
        Ok(compared)
    }
}

/// What tells one state of a store from another.
fn state(plans: &[Plan], session: &mut Session) -> Result<Vec<u8>, Error> {
    let mut context = Context::new(&SHA256);
    for plan in plans.iter().filter(|plan| HEADS.contains(&plan.name)) {
        context.update(&plan.digest(session, &mut |_| ())?.1);
    }
    Ok(context.finish().as_ref().to_vec())
}

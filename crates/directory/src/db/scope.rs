//! The scopes of the domain: [`Reader`] and [`Writer`] for one organization, [`Catalog`] for the
//! small global look-ups.
//!
//! A scope binds `$1` of every statement to its organization. A verb of the domain takes a scope
//! and cannot name another organization: tenancy by type.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use scim::schema::Schemas;

use super::{
    session::Session,
    statement::{ListSql, Sql, statements},
    surroundings::Surroundings,
    value::{Param, Row},
};
use crate::{
    chance::Chance,
    clock::Time,
    error::Error,
    event::Actor,
    id::{KeyNo, OrgNo, ResourceNo},
    kind::Kind,
};

statements! {
    LOAD = Sql {
        "select next_no, next_key, next_seq, users, groups, last_us, head, state, schemas \
         from organization where org = $1 for update"
    };
    SAVE = Sql {
        "update organization set next_no = $2, next_key = $3, next_seq = $4, users = $5, \
         groups = $6, last_us = $7, head = $8, schemas = $9 where org = $1"
    };
}

/// Reads one organization, in one state of the store.
pub struct Reader<'s> {
    session: &'s mut Session,
    org: OrgNo,
    around: &'s Surroundings,
}

impl<'s> Reader<'s> {
    pub(super) fn new(session: &'s mut Session, org: OrgNo, around: &'s Surroundings) -> Self {
        Self { session, org, around }
    }

    /// The resource types of the organization, in a version that was read from its row.
    pub(crate) fn schemas_of(&mut self, version: i64) -> Result<Arc<Schemas>, Error> {
        self.around.registry.schemas(self, version)
    }

    pub(crate) fn org(&self) -> OrgNo {
        self.org
    }

    /// The rows of a statement. `params` begin at `$2`.
    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.session.query(sql, &with_org(self.org, params))
    }

    /// The only row of a statement, or none.
    pub(crate) fn query_one(
        &mut self,
        sql: Sql,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, params)?.pop())
    }

    /// The rows of a small global table, which are the same for every organization.
    pub(crate) fn query_shared(&mut self, sql: Sql) -> Result<Vec<Row>, Error> {
        self.session.query(sql, &[])
    }

    /// The rows of a list statement. `fixed` begin at `$2`.
    pub(crate) fn query_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        self.session.query_list(sql, &with_org(self.org, fixed), items)
    }
}

fn with_org<'p>(org: OrgNo, params: &[Param<'p>]) -> Vec<Param<'p>> {
    std::iter::once(Param::Int(org.0)).chain(params.iter().copied()).collect()
}

/// The counters of one organization. Its row is locked when they are loaded and written once,
/// before the batch commits: it is the point at which the changes of an organization queue up.
#[derive(Clone, Debug)]
pub(super) struct Counters {
    next_no: i64,
    next_key: i64,
    next_seq: i64,
    users: i64,
    groups: i64,
    last_us: i64,
    head: Vec<u8>,
    schemas: i64,
}

impl Counters {
    /// Loads and locks. `None`: there is no such organization, or it is deleted.
    pub(super) fn load(session: &mut Session, org: OrgNo) -> Result<Option<Self>, Error> {
        let Some(mut row) = session.query(LOAD, &[org.0.into()])?.pop() else {
            return Ok(None);
        };
        if row.int(7)? != crate::organization::LIVE {
            return Ok(None);
        }
        Ok(Some(Self {
            next_no: row.int(0)?,
            next_key: row.int(1)?,
            next_seq: row.int(2)?,
            users: row.int(3)?,
            groups: row.int(4)?,
            last_us: row.int(5)?,
            head: row.bytes(6)?,
            schemas: row.int(8)?,
        }))
    }

    pub(super) fn save(&self, session: &mut Session, org: OrgNo) -> Result<(), Error> {
        let changed = session.execute(
            SAVE,
            &[
                org.0.into(),
                self.next_no.into(),
                self.next_key.into(),
                self.next_seq.into(),
                self.users.into(),
                self.groups.into(),
                self.last_us.into(),
                self.head.as_slice().into(),
                self.schemas.into(),
            ],
        )?;
        if changed == 1 {
            return Ok(());
        }
        Err(Error::corrupt("the row of an organization went away while it was locked"))
    }
}

/// Changes one organization. What it changed counts only after the store has committed.
pub struct Writer<'s> {
    reader: Reader<'s>,
    counters: Counters,
    /// Rows that came to be (+1) or went away (-1), by number: for the rank blocks.
    ranked: Vec<(Kind, ResourceNo, i64)>,
    actor: &'s Actor,
    now: Time,
}

impl<'s> Deref for Writer<'s> {
    type Target = Reader<'s>;

    fn deref(&self) -> &Self::Target {
        &self.reader
    }
}

impl DerefMut for Writer<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.reader
    }
}

impl<'s> Writer<'s> {
    pub(super) fn new(reader: Reader<'s>, counters: Counters, actor: &'s Actor) -> Self {
        // A clock that jumps back must not reorder the times of an organization.
        let now = reader.around.clock.now().max(Time::from_micros(counters.last_us + 1));
        Self { reader, counters, ranked: Vec::new(), actor, now }
    }

    pub(super) fn into_changes(self) -> (Counters, Vec<(Kind, ResourceNo, i64)>) {
        (self.counters, self.ranked)
    }

    /// Runs a statement that changes rows, and answers how many. `params` begin at `$2`.
    pub(crate) fn execute(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<u64, Error> {
        let params = with_org(self.reader.org, params);
        self.reader.session.execute(sql, &params)
    }

    /// Runs a statement that changes rows and answers some of them. `params` begin at `$2`.
    pub(crate) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let params = with_org(self.reader.org, params);
        self.reader.session.change(sql, &params)
    }

    /// Runs a list statement that changes rows. `fixed` begin at `$2`.
    pub(crate) fn change_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        let fixed = with_org(self.reader.org, fixed);
        self.reader.session.change_list(sql, &fixed, items)
    }

    /// The time of this change: never before an earlier change of the organization.
    pub(crate) fn now(&self) -> Time {
        self.now
    }

    /// Who asked for the change.
    pub(crate) fn actor(&self) -> &'s Actor {
        self.actor
    }

    /// The resource types of the organization. Its row is locked, so they are the ones in force
    /// when the change commits.
    pub(crate) fn schemas(&mut self) -> Result<Arc<Schemas>, Error> {
        self.reader.schemas_of(self.counters.schemas)
    }

    /// Makes every later transaction read the resource types anew. The version is no count: one
    /// that was never committed must not come again with other contents.
    pub(crate) fn renew_schemas(&mut self) {
        let bytes: [u8; 8] = self.chance().bytes();
        self.counters.schemas = i64::from_be_bytes(bytes) >> 1;
    }

    pub(crate) fn chance(&self) -> &'s Chance {
        &self.reader.around.chance
    }

    /// The next number for a user, group or member set.
    pub(crate) fn next_no(&mut self) -> ResourceNo {
        self.counters.next_no += 1;
        ResourceNo(self.counters.next_no)
    }

    /// The next number for a connection or token.
    pub(crate) fn next_key(&mut self) -> KeyNo {
        self.counters.next_key += 1;
        KeyNo(self.counters.next_key)
    }

    /// The next number of an event, the hash of the one before, and a place for its own.
    pub(crate) fn next_event(&mut self) -> (i64, &mut Vec<u8>) {
        self.counters.next_seq += 1;
        self.counters.last_us = self.now.as_micros();
        (self.counters.next_seq, &mut self.counters.head)
    }

    /// Counts a row that came to be.
    pub(crate) fn count_up(&mut self, what: Kind, no: ResourceNo) {
        self.count(what, no, 1);
    }

    /// Counts a row that went away.
    pub(crate) fn count_down(&mut self, what: Kind, no: ResourceNo) {
        self.count(what, no, -1);
    }

    fn count(&mut self, what: Kind, no: ResourceNo, by: i64) {
        // Of the registered types the rank blocks tell how many there are.
        match what {
            Kind::USER => self.counters.users += by,
            Kind::GROUP => self.counters.groups += by,
            _ => {}
        }
        self.ranked.push((what, no, by));
    }
}

/// The global look-ups: slugs, homes of connections, and the list of organizations. Only
/// operators' verbs and the authenticator get one.
pub(crate) struct Catalog<'s> {
    session: &'s mut Session,
    around: &'s Surroundings,
    pub(crate) now: Time,
    pub(crate) chance: &'s Chance,
}

impl<'s> Catalog<'s> {
    pub(super) fn new(session: &'s mut Session, around: &'s Surroundings) -> Self {
        Self { session, around, now: around.clock.now(), chance: &around.chance }
    }

    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.session.query(sql, params)
    }

    pub(crate) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.session.change(sql, params)
    }

    pub(crate) fn execute(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<u64, Error> {
        self.session.execute(sql, params)
    }

    /// Reads one organization from here.
    pub(crate) fn reader(&mut self, org: OrgNo) -> Reader<'_> {
        Reader::new(self.session, org, self.around)
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("org", &self.org).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("reader", &self.reader).finish_non_exhaustive()
    }
}

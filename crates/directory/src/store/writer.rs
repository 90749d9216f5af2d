//! [`Writer`]: changes one organization.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use scim::schema::Schemas;

use super::{
    counters::Counters,
    reader::{Reader, with_org},
};
use crate::{
    checksum::Sums,
    clock::Time,
    db::{ListSql, Param, Row, Sql},
    error::{Error, WorkError},
    id::{AuditNo, ConnectionNo, EventNo, MemberSetNo, ResourceNo, RoleNo, TokenNo, Version},
    random::Random,
    record::Head,
    resource::Kind,
};

/// Changes one organization. What it changed counts only after the store has committed.
pub struct Writer<'s> {
    reader: Reader<'s>,
    counters: Counters,
    /// Rows that came to be (+1) or went away (-1), by number: for the rank blocks.
    ranked: Vec<Ranked>,
    now: Time,
    brings_back: bool,
}

/// A row that came to be (+1) or went away (-1).
pub(super) type Ranked = (Kind, ResourceNo, i64);

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
    pub(super) fn new(reader: Reader<'s>, counters: Counters) -> Self {
        // A clock that jumps back must not reorder the times of an organization.
        let now = reader.services.clock.now().max(Time::from_micros(counters.last_us + 1));
        Self { reader, counters, ranked: Vec::new(), now, brings_back: false }
    }

    pub(super) fn into_changes(self) -> (Counters, Vec<Ranked>) {
        (self.counters, self.ranked)
    }

    /// Runs a statement that changes rows, and answers how many. `params` begin at `$2`.
    pub(crate) fn execute(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<u64, Error> {
        let params = with_org(self.org(), params);
        self.reader.session.execute(sql, &params)
    }

    /// Runs a statement that changes rows, and of which none asks how many: it is waited for at the
    /// commit, and where it fails the whole change does. `params` begin at `$2`.
    pub(crate) fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error> {
        let params = with_org(self.org(), params);
        self.reader.session.send(sql, &params)
    }

    /// The same with a list statement. `fixed` begin at `$2`.
    pub(crate) fn send_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<(), Error> {
        let fixed = with_org(self.org(), fixed);
        self.reader.session.send_list(sql, &fixed, items)
    }

    /// Runs a statement that changes rows and answers some of them. `params` begin at `$2`.
    pub(crate) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        let params = with_org(self.org(), params);
        self.reader.session.change(sql, &params)
    }

    /// Runs a list statement that changes rows. `fixed` begin at `$2`.
    pub(crate) fn change_list<const N: usize>(
        &mut self,
        sql: &ListSql,
        fixed: &[Param<'_>],
        items: &[[Param<'_>; N]],
    ) -> Result<Vec<Row>, Error> {
        let fixed = with_org(self.org(), fixed);
        self.reader.session.change_list(sql, &fixed, items)
    }

    /// Does a part of the work that can be undone alone: where it is refused, everything is as if
    /// it had not been tried, and the rest of the work goes on.
    ///
    /// # Errors
    ///
    /// The outer error is one of the store, and must end the whole work; the inner one is the
    /// refusal.
    pub fn attempt<T, E: WorkError>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, E> {
        let (counters, ranked) = (self.counters.clone(), self.ranked.len());
        let savepoint = self.reader.session.savepoint();
        match part(self) {
            Ok(answer) => {
                self.reader.session.release(savepoint)?;
                Ok(Ok(answer))
            }
            Err(refusal) if refusal.store_failure().is_none() => {
                self.reader.session.roll_back_to(savepoint)?;
                self.counters = counters;
                self.ranked.truncate(ranked);
                Ok(Err(refusal))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Brings back what was lost, also of what an identity provider manages: it stays managed by it.
    pub(crate) fn bring_back<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        self.brings_back = true;
        let done = act(self);
        self.brings_back = false;
        done
    }

    /// Whether what is done brings back what was lost.
    pub(crate) fn is_bringing_back(&self) -> bool {
        self.brings_back
    }

    /// The time of this change: never before an earlier change of the organization.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The connection that manages what this writer creates, if an identity provider writes.
    pub(crate) fn managing(&self) -> Option<ConnectionNo> {
        self.access().principal().provider().map(|provider| provider.no)
    }

    /// The resource types of the organization. Its row is locked, so they are the ones in force
    /// when the change commits.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn schemas(&mut self) -> Result<Arc<Schemas>, Error> {
        self.reader.schemas_of(self.counters.schemas)
    }

    /// Makes every later transaction read the resource types anew. The version is no count: one
    /// that was never committed must not come again with other contents.
    pub(crate) fn renew_schemas(&mut self) {
        let bytes: [u8; 8] = self.random().bytes();
        self.counters.schemas = i64::from_be_bytes(bytes) >> 1;
    }

    pub(crate) fn random(&self) -> &'s Random {
        &self.reader.services.random
    }

    /// The next number for a user, group or other resource.
    pub(crate) fn next_no(&mut self) -> ResourceNo {
        self.counters.next_no += 1;
        ResourceNo(self.counters.next_no)
    }

    /// The next number for a set of members.
    pub(crate) fn next_member_set(&mut self) -> MemberSetNo {
        MemberSetNo(self.next_no().0)
    }

    pub(crate) fn next_connection(&mut self) -> ConnectionNo {
        self.counters.next_connection += 1;
        ConnectionNo(self.counters.next_connection)
    }

    pub(crate) fn next_token(&mut self) -> TokenNo {
        self.counters.next_token += 1;
        TokenNo(self.counters.next_token)
    }

    pub(crate) fn next_role(&mut self) -> RoleNo {
        self.counters.next_role = (self.counters.next_role + 1).max(RoleNo::FIRST_CUSTOM);
        RoleNo(self.counters.next_role)
    }

    /// A version that no resource has had: that of the next event. No event tells of two changes
    /// of one resource, so the number is larger than every version.
    pub(crate) fn fresh_version(&self) -> Version {
        Version(self.last_event().0 + 1)
    }

    /// The newest event of the organization, those of this work included.
    #[must_use]
    pub fn last_event(&self) -> EventNo {
        self.counters.event.no
    }

    /// The head of the chain of events. Whoever moves it on writes the event.
    pub(crate) fn event_head(&mut self) -> &mut Head<EventNo> {
        self.counters.last_us = self.now.as_micros();
        &mut self.counters.event
    }

    /// The head of the chain of audit entries. Whoever moves it on writes the entry.
    pub(crate) fn audit_head(&mut self) -> &mut Head<AuditNo> {
        self.counters.last_us = self.now.as_micros();
        &mut self.counters.audit
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

    /// What proves that a copy equals the organization.
    pub(crate) fn sums(&mut self) -> &mut Sums {
        &mut self.counters.sums
    }

    /// Counts an active user whom a connection manages from now on (+1), or no longer (-1).
    pub(crate) fn count_managed(&mut self, connection: ConnectionNo, by: i64) {
        *self.counters.managed.entry(connection).or_default() += by;
    }

    /// By how many the active people whom a connection manages are more, or fewer, than is stored.
    pub(crate) fn managed_since(&self, connection: ConnectionNo) -> i64 {
        self.counters.managed.get(&connection).copied().unwrap_or_default()
    }

    /// Counts assignments and mappings that give an administrator's role.
    pub(crate) fn count_admin_grants(&mut self, by: i64) {
        self.counters.admin_grants += by;
    }

    /// How many assignments and mappings give an administrator's role.
    pub(crate) fn admin_grants(&self) -> i64 {
        self.counters.admin_grants
    }

    /// Whether the admin-lockout guard was switched on or off; `None`: it is on once roles are
    /// used.
    pub(crate) fn admin_guard(&self) -> Option<bool> {
        self.counters.admin_guard
    }

    pub(crate) fn set_admin_guard(&mut self, guard: Option<bool>) {
        self.counters.admin_guard = guard;
    }
}

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("reader", &self.reader).finish_non_exhaustive()
    }
}

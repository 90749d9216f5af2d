//! [`Catalog`]: the small tables of the installation, and the ways to an organization.

use super::{reader::Reader, services::Services};
use crate::{
    access::Access,
    clock::Time,
    db::{Param, Row, Session, Sql},
    error::Error,
    random::Random,
};

/// The small tables of the installation, and the ways to an organization. Only
/// [`Installation`](crate::Installation), the authenticators and Doorward's own upkeep get one.
pub(crate) struct Catalog<'s> {
    session: &'s mut Session,
    services: &'s Services,
    pub(crate) now: Time,
    pub(crate) random: &'s Random,
}

impl<'s> Catalog<'s> {
    pub(super) fn new(session: &'s mut Session, services: &'s Services) -> Self {
        Self { session, services, now: services.clock.now(), random: &services.random }
    }

    pub(crate) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.session.query(sql, params)
    }

    pub(crate) fn query_one(
        &mut self,
        sql: Sql,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, params)?.pop())
    }

    pub(crate) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.session.change(sql, params)
    }

    pub(crate) fn execute(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<u64, Error> {
        self.session.execute(sql, params)
    }

    pub(crate) fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error> {
        self.session.send(sql, params)
    }

    /// Reads one organization from here.
    pub(crate) fn reader<'r>(&'r mut self, access: &'r Access) -> Reader<'r> {
        Reader::new(self.session, access, self.services, None)
    }
}

//! [`Home`]: where a webhook belongs, and what the verbs do there.

use crate::{
    access::{Access, Principal, Verb},
    audit::{self, INSTALLATION, Payload},
    clock::Time,
    db::{Param, Row, Sql},
    error::Error,
    feed::{self, Position},
    id::{EventNo, OrgNo, OrganizationId, RequestId},
    organization,
    random::Random,
    store::{Catalog, Writer},
};

/// An organization or the installation, in a transaction that changes it. Parameters of statements begin
/// at `$2`.
pub(crate) trait Home {
    /// Makes sure that whoever acts may do this.
    fn permit(&self, verb: Verb) -> Result<(), Error>;
    fn org(&self) -> OrgNo;
    fn now(&self) -> Time;
    /// When something is due that is to be done at once: by the clock, which the times of an organization
    /// may be ahead of.
    fn at_once(&self) -> Time;
    fn random(&self) -> &Random;
    fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error>;
    fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error>;
    fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error>;
    /// Writes an entry into its audit.
    fn record(&mut self, target: &str, payload: Payload) -> Result<(), Error>;
    /// After everything that has happened.
    fn newest(&mut self) -> Result<Position, Error>;
    /// Before this event. `None`: there is no such event here, or it is not kept any more.
    fn before(
        &mut self,
        organization: Option<OrganizationId>,
        event: EventNo,
    ) -> Result<Option<(OrganizationId, Position)>, Error>;
}

impl Home for Writer<'_> {
    fn permit(&self, verb: Verb) -> Result<(), Error> {
        (**self).permit(verb)
    }

    fn org(&self) -> OrgNo {
        (**self).org()
    }

    fn now(&self) -> Time {
        self.now()
    }

    fn at_once(&self) -> Time {
        self.services().clock.now()
    }

    fn random(&self) -> &Random {
        self.random()
    }

    fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        (**self).query(sql, params)
    }

    fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error> {
        self.send(sql, params)
    }

    fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.change(sql, params)
    }

    fn record(&mut self, target: &str, payload: Payload) -> Result<(), Error> {
        audit::record(self, target, payload)
    }

    fn newest(&mut self) -> Result<Position, Error> {
        Ok(Position { place: 0, last: self.last_event().0 })
    }

    fn before(
        &mut self,
        organization: Option<OrganizationId>,
        event: EventNo,
    ) -> Result<Option<(OrganizationId, Position)>, Error> {
        let organization::Organization { id: own, pruned: EventNo(pruned), .. } =
            organization::read(self)?;
        let is_here = organization.is_none_or(|named| named == own)
            && (pruned + 1..=self.last_event().0).contains(&event.0);
        Ok(is_here.then_some((own, Position { place: 0, last: event.0 - 1 })))
    }
}

/// The installation, in a transaction that changes it.
pub(super) struct OfInstallation<'h, 's> {
    pub(super) catalog: &'h mut Catalog<'s>,
    pub(super) access: &'h Access,
    pub(super) by: &'h (Principal, Option<RequestId>),
}

fn with_installation<'p>(params: &[Param<'p>]) -> Vec<Param<'p>> {
    std::iter::once(INSTALLATION.into()).chain(params.iter().copied()).collect()
}

impl Home for OfInstallation<'_, '_> {
    fn permit(&self, verb: Verb) -> Result<(), Error> {
        self.access.permit(verb)
    }

    fn org(&self) -> OrgNo {
        INSTALLATION
    }

    fn now(&self) -> Time {
        self.catalog.now
    }

    fn at_once(&self) -> Time {
        self.catalog.now
    }

    fn random(&self) -> &Random {
        self.catalog.random
    }

    fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.catalog.query(sql, &with_installation(params))
    }

    fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error> {
        self.catalog.send(sql, &with_installation(params))
    }

    fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        self.catalog.change(sql, &with_installation(params))
    }

    fn record(&mut self, target: &str, payload: Payload) -> Result<(), Error> {
        let (principal, request) = self.by;
        audit::record_for_installation(self.catalog, (principal, *request), target, payload)
    }

    fn newest(&mut self) -> Result<Position, Error> {
        Ok(Position { place: feed::newest(self.catalog)?, last: i64::MAX })
    }

    fn before(
        &mut self,
        organization: Option<OrganizationId>,
        event: EventNo,
    ) -> Result<Option<(OrganizationId, Position)>, Error> {
        let Some(id) = organization else {
            let detail = "A webhook of the installation tells of all organizations: say of which one the event is.";
            return Err(Error::invalid("organization", detail));
        };
        let Some(org) = organization::with_id(self.catalog, id)? else { return Ok(None) };
        Ok(feed::before(self.catalog, org, event)?.map(|position| (id, position)))
    }
}

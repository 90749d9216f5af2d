//! [`Shelf`]: where clients stand, so that one piece of work serves the installation and organizations.

use crate::{
    access::{Principal, Verb},
    audit::{self, INSTALLATION},
    clock::Time,
    db::{Param, Row, Sql},
    error::Error,
    id::{OrgNo, RequestId},
    installation::Installation,
    random::Random,
    store::{Catalog, Writer},
};

/// The clients of the installation, or those of an organization, to be changed.
pub(super) enum Shelf<'a, 's> {
    Installation(&'a mut Catalog<'s>, &'a Principal, Option<RequestId>),
    Organization(&'a mut Writer<'s>),
}

/// Changes the clients of the installation or of an organization.
pub(super) async fn on_shelf<T, F>(
    installation: &Installation,
    home: OrgNo,
    mut work: F,
) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnMut(&mut Shelf<'_, '_>) -> Result<T, Error> + Send + 'static,
{
    if home == INSTALLATION {
        let (principal, request) = installation.by();
        let work = move |catalog: &mut Catalog<'_>| {
            work(&mut Shelf::Installation(catalog, &principal, request))
        };
        installation.store().write_catalog(work).await
    } else {
        let access = installation.access(home)?;
        let work = move |writer: &mut Writer<'_>| {
            writer.permit(Verb::ManageClients)?;
            work(&mut Shelf::Organization(writer))
        };
        installation.store().write(&access, work).await
    }
}

fn with_installation<'p>(params: &[Param<'p>]) -> Vec<Param<'p>> {
    std::iter::once(INSTALLATION.into()).chain(params.iter().copied()).collect()
}

impl Shelf<'_, '_> {
    pub(super) fn query(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        match self {
            Self::Installation(catalog, ..) => catalog.query(sql, &with_installation(params)),
            Self::Organization(writer) => writer.query(sql, params),
        }
    }

    pub(super) fn send(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<(), Error> {
        match self {
            Self::Installation(catalog, ..) => catalog.send(sql, &with_installation(params)),
            Self::Organization(writer) => writer.send(sql, params),
        }
    }

    pub(super) fn change(&mut self, sql: Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Error> {
        match self {
            Self::Installation(catalog, ..) => catalog.change(sql, &with_installation(params)),
            Self::Organization(writer) => writer.change(sql, params),
        }
    }

    /// Writes an entry into the audit of whose clients they are.
    pub(super) fn record(
        &mut self,
        target: &str,
        payload: impl Into<audit::Payload>,
    ) -> Result<(), Error> {
        match self {
            Self::Installation(catalog, principal, request) => {
                audit::record_for_installation(catalog, (principal, *request), target, payload)
            }
            Self::Organization(writer) => audit::record(writer, target, payload),
        }
    }

    pub(super) fn now(&self) -> Time {
        match self {
            Self::Installation(catalog, ..) => catalog.now,
            Self::Organization(writer) => writer.now(),
        }
    }

    pub(super) fn random(&self) -> &Random {
        match self {
            Self::Installation(catalog, ..) => catalog.random,
            Self::Organization(writer) => writer.random(),
        }
    }
}

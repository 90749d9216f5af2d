//! [`Reading`]: a reader thread's connection.

use super::{TRIES, batch::guarded, services::Services};
use crate::{
    db::{Location, Purpose, Scope, Session},
    error::{Error, WorkError},
};

/// A reader thread's connection.
pub(super) struct Reading {
    session: Option<Session>,
    location: Location,
    services: Services,
}

impl Reading {
    /// It connects when it is first used.
    pub(super) fn new(location: &Location, services: &Services) -> Self {
        Self { session: None, location: location.clone(), services: services.clone() }
    }

    pub(super) fn run<T, E: WorkError>(
        &mut self,
        scope: Scope,
        mut work: impl FnMut(&mut Session, &Services) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tries = 1;
        loop {
            let result = self.once(scope, &mut work);
            let transient = |error: &E| error.store_failure().is_some_and(Error::is_transient);
            match result {
                Err(error) if transient(&error) && tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }

    /// How often it has waited for PostgreSQL.
    #[cfg(test)]
    pub(super) fn round_trips(&self) -> u64 {
        self.session.as_ref().map_or(0, Session::round_trips)
    }

    fn once<T, E: WorkError>(
        &mut self,
        scope: Scope,
        work: &mut impl FnMut(&mut Session, &Services) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.location.open(Purpose::Read)?,
        };
        let before = session.round_trips();
        session.begin_read(scope)?;
        let result = guarded(|| work(&mut session, &self.services));
        tracing::trace!(round_trips = session.round_trips() - before, "read");
        // A connection that cannot end its transaction is not used again.
        if session.end_read().is_ok() {
            self.session = Some(session);
        }
        result
    }
}

//! [`Reading`]: a reader thread's connection.

use super::{TRIES, batch::guarded, services::Services};
use crate::{
    db::{Location, Purpose, Session},
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
        mut work: impl FnMut(&mut Session, &Services) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tries = 1;
        loop {
            let result = self.once(&mut work);
            let transient = |error: &E| error.store_failure().is_some_and(Error::is_transient);
            match result {
                Err(error) if transient(&error) && tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }

    fn once<T, E: WorkError>(
        &mut self,
        work: &mut impl FnMut(&mut Session, &Services) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.location.open(Purpose::Read)?,
        };
        session.begin_read()?;
        let result = guarded(|| work(&mut session, &self.services));
        // A connection that cannot end its transaction is not used again.
        if session.rollback().is_ok() {
            self.session = Some(session);
        }
        result
    }
}

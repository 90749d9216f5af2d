//! [`Apart`]: a read that lasts as long as someone takes in what it tells.
//!
//! It sees one state of the store from its beginning to its end, and most of that time it waits for whoever
//! is told. So it has a connection and a thread of its own and keeps none from other reads; only while it
//! reads a piece it takes its turn with them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{Reader, Store, batch::guarded, gate::Gate, services::Services, spawn};
use crate::{
    access::Access,
    db::{Purpose, Scope, Session},
    error::Error,
};

/// So long it may last. Meanwhile SQLite keeps its log of changes from beginning anew, and PostgreSQL what was
/// deleted.
pub(crate) const TIME_LIMIT: Duration = Duration::from_mins(10);

/// A read that lasts as long as someone takes in what it tells.
pub(crate) struct Apart<'a> {
    session: &'a mut Session,
    access: &'a Access,
    services: &'a Services,
    gate: &'a Gate,
    began: Instant,
}

impl Apart<'_> {
    /// Reads a piece, when it is the turn of this organization.
    ///
    /// # Errors
    ///
    /// Those of the work; [`Error::Unavailable`] after [`TIME_LIMIT`].
    pub(crate) fn piece<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.began.elapsed() > TIME_LIMIT {
            let detail = format!("a read was not taken in within {} s", TIME_LIMIT.as_secs());
            return Err(Error::Unavailable(detail));
        }
        let pass = self.gate.enter(self.access.org().0, &|| false);
        read(&mut Reader::new(self.session, self.access, self.services, Some(&pass)))
    }
}

impl Store {
    /// Runs such a read. It is not run again where it fails.
    pub(crate) async fn read_apart<T, F>(&self, access: &Access, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Apart<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (location, services) = (self.location().clone(), self.services().clone());
        let (gate, access) = (Arc::clone(self.shared.readers.gate()), access.clone());
        let (reply, answer) = oneshot::channel();
        let run = move || {
            let mut session = location.open(Purpose::Apart)?;
            session.begin_read(Scope::Organization(access.org()))?;
            let told = guarded(|| {
                let (session, access, services) = (&mut session, &access, &services);
                let began = Instant::now();
                work(&mut Apart { session, access, services, gate: &gate, began })
            });
            // The connection ends with the read.
            drop(session.end_read());
            told
        };
        // Whoever asked may have gone away meanwhile.
        spawn("store-apart".to_owned(), move || drop(reply.send(run())))?;
        answer.await.unwrap_or_else(|_| Err(super::closed()))
    }
}

//! [`LargeBodies`]: who may send a large body at the moment.
//!
//! A body of 64 MB becomes hundreds of megabytes of values, and seconds of work of a processor. So
//! a few are read at a time, one of each connection at the most; the others wait with their bodies
//! still at the client. A place is kept until the request has been answered.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::MB;

/// A larger body waits for a place: before anything of it is read where it is announced, and once
/// so much has arrived where it is not.
pub const LARGE: usize = 2 * MB;
/// Large bodies that are read at a time.
const AT_ONCE: usize = 2;
/// Large bodies of one connection that may wait or be read; more are refused.
pub(crate) const MOST: usize = 8;

/// Who may send a large body at the moment.
/// `K` names a connection.
#[derive(Debug)]
pub(crate) struct LargeBodies<K> {
    all: Arc<Semaphore>,
    /// One place for each connection that has requests with large bodies.
    own: Mutex<HashMap<K, Weak<Semaphore>>>,
}

/// The place of a request, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
}

impl<K> Default for LargeBodies<K> {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), own: Mutex::default() }
    }
}

impl<K: Eq + Hash> LargeBodies<K> {
    /// Waits for a place. A connection waits for itself first, so each has one request at the most
    /// among those that wait for the others. `None`: too many of the connection wait already.
    pub(crate) async fn enter(&self, connection: K) -> Option<Place> {
        let own = self.own_of(connection)?;
        // Neither is ever closed.
        let own = own.acquire_owned().await.ok()?;
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Place { _all: all, _own: own })
    }

    fn own_of(&self, connection: K) -> Option<Arc<Semaphore>> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.retain(|_, places| places.strong_count() > 0);
        if let Some(places) = own.get(&connection).and_then(Weak::upgrade) {
            // Each that waits or is read holds it once, and so does this one.
            return (Arc::strong_count(&places) <= MOST).then_some(places);
        }
        let places = Arc::new(Semaphore::new(1));
        own.insert(connection, Arc::downgrade(&places));
        Some(places)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        task::{Context, Waker},
    };

    use super::{LargeBodies, MOST, Place};

    /// Whether a request waits after its first step.
    fn waits(enter: Pin<&mut impl Future<Output = Option<Place>>>) -> bool {
        enter.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    #[tokio::test]
    async fn a_connection_has_one_place_and_all_have_two() {
        let bodies = LargeBodies::default();
        let first = bodies.enter("okta").await.expect("a place");
        assert!(waits(pin!(bodies.enter("okta"))));
        let _second = bodies.enter("entra").await.expect("a place");
        assert!(waits(pin!(bodies.enter("onelogin"))));
        drop(first);
        assert!(bodies.enter("onelogin").await.is_some());
    }

    #[tokio::test]
    async fn whoever_sends_too_many_at_once_is_refused_alone() {
        let bodies = LargeBodies::default();
        let _read = bodies.enter("okta").await.expect("a place");
        let mut waiting: Vec<_> = (1..MOST).map(|_| Box::pin(bodies.enter("okta"))).collect();
        for one in &mut waiting {
            assert!(waits(one.as_mut()));
        }
        assert!(bodies.enter("okta").await.is_none());
        assert!(bodies.enter("entra").await.is_some());
    }
}

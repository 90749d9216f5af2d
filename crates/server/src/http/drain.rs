//! [`Drain`]: whether the server is on its way out.

use std::sync::Arc;

use tokio::sync::watch;

/// A flag that is set once, when shutdown begins. Clones share it.
///
/// [`serve()`](super::serve()) sets it. Middleware asks [`Drain::has_started`] and answers 503 to a
/// request which arrives on a connection that was kept open; a long poll or an event stream ends
/// early when [`Drain::started`] resolves.
#[derive(Clone, Debug)]
pub struct Drain(Arc<watch::Sender<bool>>);

impl Drain {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Sets the flag. Setting it again changes nothing.
    pub fn start(&self) {
        self.0.send_replace(true);
    }

    /// Whether shutdown began.
    #[must_use]
    pub fn has_started(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when shutdown begins, at once if it already did.
    pub async fn started(&self) {
        let mut flag = self.0.subscribe();
        // An error would mean that the sender is gone; `self` holds it.
        _ = flag.wait_for(|started| *started).await;
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Drain;

    #[tokio::test]
    async fn every_clone_learns_that_shutdown_began() {
        let drain = Drain::new();
        let other = drain.clone();
        let waiter = tokio::spawn(async move { other.started().await });
        assert!(!drain.has_started());
        drain.start();
        drain.start();
        waiter.await.expect("resolves");
        assert!(drain.has_started());
        drain.started().await;
    }
}

//! Sends events to webhooks, by the text of Standard Webhooks.
//!
//! What is to be sent, and when, says [`directory::webhook::work`]; here it is put into a
//! `message` and sent (`send`). Each webhook that has something to send has a task of its own. Receivers that
//! failed have places of their own, so that those which do not answer keep none from the others.

mod message;
pub(crate) mod send;

use std::{sync::Arc, time::Duration};

use directory::{
    Error,
    webhook::work::{self, Due, Health, Then},
};
use futures_util::future::join_all;
use tokio::{
    select,
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::JoinSet,
    time::{sleep, timeout},
};

pub use self::send::test;
use crate::App;

/// How often someone looks whether there is something to send.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// So many webhooks are sent to at a time, on one server, whose receivers accept what they are sent; and
/// as many whose receivers do not.
pub(crate) const MOST_AT_ONCE: usize = 256;
/// So long the end of a server waits for what is being sent.
const GRACE: Duration = Duration::from_secs(5);

/// Sends what there is to send, until the server ends.
pub(crate) async fn keep_sending(app: App, stopped: oneshot::Receiver<()>) {
    let mut sender = Sender::new(app);
    let sending = async {
        loop {
            if let Err(error) = sender.look().await {
                tracing::error!(?error, "webhooks could not be sent to; trying again");
            }
            sleep(LOOK_EVERY).await;
        }
    };
    select! {
        biased;
        _ = stopped => {}
        () = sending => {}
    }
    sender.end().await;
}

/// Sends what is due at this moment, and what is due after it without waiting. Answers how many messages
/// were accepted.
pub(crate) async fn send_due(app: &App) -> Result<usize, Error> {
    work::wake(app.store()).await?;
    let mut due = work::due(app.store(), Health::Good, MOST_AT_ONCE).await?;
    due.extend(work::due(app.store(), Health::Failing, MOST_AT_ONCE).await?);
    let sent = join_all(due.into_iter().map(|due| serve(app, due))).await;
    sent.into_iter().sum()
}

/// Sends side by side what is due.
struct Sender {
    app: App,
    /// The free places of each kind.
    good: Arc<Semaphore>,
    failing: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

impl Sender {
    fn new(app: App) -> Self {
        let places = || Arc::new(Semaphore::new(MOST_AT_ONCE));
        Self { app, good: places(), failing: places(), tasks: JoinSet::new() }
    }

    /// Begins with what is due, as far as there are places.
    async fn look(&mut self) -> Result<(), Error> {
        while self.tasks.try_join_next().is_some() {}
        work::wake(self.app.store()).await?;
        for health in [Health::Good, Health::Failing] {
            let places = match health {
                Health::Good => &self.good,
                Health::Failing => &self.failing,
            };
            let free = places.available_permits();
            if free == 0 {
                continue;
            }
            for due in work::due(self.app.store(), health, free).await? {
                let Ok(place) = Arc::clone(places).try_acquire_owned() else { break };
                self.tasks.spawn(serve_in(place, self.app.clone(), due));
            }
        }
        Ok(())
    }

    /// What is being sent is sent to its end, if that is soon. What is cut off is sent by whoever comes
    /// next.
    async fn end(mut self) {
        let ended = timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} });
        if ended.await.is_err() {
            tracing::warn!(webhooks = self.tasks.len(), "messages were cut off: they come again");
        }
    }
}

async fn serve_in(place: OwnedSemaphorePermit, app: App, due: Due) {
    if let Err(error) = serve(&app, due).await {
        tracing::error!(?error, "a webhook could not be sent to; trying again");
    }
    drop(place);
}

/// Sends to a webhook for as long as it has something to send. Answers how many messages were accepted.
async fn serve(app: &App, mut due: Due) -> Result<usize, Error> {
    let mut accepted = 0;
    while let Some(turn) = work::claim(app.store(), &due).await? {
        let outcomes = send::turn(app, &turn).await;
        accepted += outcomes.iter().filter(|(_, outcome)| outcome.is_accepted()).count();
        match turn.record(app.store(), &outcomes).await? {
            Then::Again(next) if !app.drain().has_started() => due = next,
            Then::Again(_) | Then::Later | Then::Lost => break,
        }
    }
    Ok(accepted)
}

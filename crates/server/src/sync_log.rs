//! [`SyncLog`]: what providers asked for, on its way into the store.
//!
//! No request waits for its entry: entries are collected here and written together about once a
//! second, and once more when the server ends.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use directory::{Store, sync_log::Draft};
use tokio::{select, sync::oneshot, time::sleep};

use crate::App;

/// How often what was collected is written.
const EVERY: Duration = Duration::from_secs(1);

/// So many entries may wait where the store takes none; further ones are left out.
const MOST_WAITING: usize = 50_000;

/// Entries that wait to be written.
#[derive(Debug, Default)]
pub struct SyncLog(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    drafts: Vec<Draft>,
    left_out: u64,
}

impl SyncLog {
    /// Takes an entry in.
    pub(crate) fn add(&self, draft: Draft) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.drafts.len() < MOST_WAITING {
            waiting.drafts.push(draft);
        } else {
            waiting.left_out += 1;
        }
    }

    /// How many entries are not written yet.
    pub(crate) fn waiting(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drafts.len()
    }

    /// Writes what was collected. Entries that the store does not take are lost, and the log of the
    /// server says so: they are for looking things up, and must not fill the memory.
    pub async fn flush(&self, store: &Store) {
        let Waiting { drafts, left_out } =
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let entries = drafts.len();
        if left_out > 0 {
            tracing::warn!(entries = left_out, "the sync log was full: entries were left out");
        }
        if entries == 0 {
            return;
        }
        if let Err(error) = directory::sync_log::write(store, drafts).await {
            tracing::warn!(entries, %error, "entries of the sync log were lost");
        }
    }
}

/// Writes what is collected until `stop` is sent or dropped, and then what is left.
pub(crate) async fn keep_writing(app: App, mut stop: oneshot::Receiver<()>) {
    loop {
        let ends = select! {
            () = sleep(EVERY) => false,
            _ = &mut stop => true,
        };
        app.sync_log().flush(app.store()).await;
        app.troubles().flush(app.store()).await;
        if ends {
            return;
        }
    }
}

//! Pruning: removes records that are older than they have to be kept.

use std::time::Duration;

pub use crate::resource::pending::KEPT as PENDING_MEMBERS_KEPT;
use crate::{
    audit, clock::Time, error::Error, event::retention, id::OrgNo, idempotency, oauth,
    organization, removal, resource::pending, session, sign_in, store::Store, sync_log, trouble,
    webhook::delivery,
};

/// So long the sync log is kept.
pub const SYNC_LOG_KEPT: Duration = Duration::from_hours(90 * 24);

/// Removes old entries of every organization's sync log, in pieces between which others write, and what
/// was wrong with calls as long ago.
///
/// Cost: O(organizations), and O(entries removed).
///
/// # Errors
///
/// Those of the store.
pub async fn sync_logs(store: &Store) -> Result<(), Error> {
    let before = store.clock().now().minus(SYNC_LOG_KEPT);
    for org in organizations(store).await? {
        while sync_log::prune(store, org, before).await? {}
        trouble::prune(store, org, before).await?;
    }
    Ok(())
}

/// The shortest time for which events are kept: longer than a webhook tries to send one.
pub const LEAST_EVENTS_KEPT: Duration = Duration::from_hours(7 * 24);

/// Removes events of every organization that are older than they have to be kept, day by day (UTC). They are
/// out of sight at once, and cleared away in pieces between which others write. Answers how many there
/// were.
///
/// Cost: O(organizations), and O(events removed).
///
/// # Errors
///
/// Those of the store.
pub async fn events(store: &Store, kept: Duration) -> Result<u64, Error> {
    let before = start_of_day(store.clock().now().minus(kept));
    let mut removed = 0;
    for org in organizations(store).await? {
        let retired = async {
            let retired = retention::retire(store, org, before).await?;
            while retention::clear(store, org).await? {}
            Ok(retired)
        };
        match retired.await {
            Ok(retired) => removed += retired,
            // It was deleted meanwhile.
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

/// When the day (UTC) of a moment began: what is done once a day asks for it.
pub(crate) fn start_of_day(time: Time) -> Time {
    const DAY: i64 = 86_400_000_000;
    Time::from_micros(time.as_micros().div_euclid(DAY) * DAY)
}

/// Removes sessions and grants that ended by themselves, sign-ins that came to nothing, what came of
/// requests that no one repeats any more, removals that were decided long ago, and what webhooks were
/// sent long ago, in pieces as well.
///
/// # Errors
///
/// Those of the store.
pub async fn sign_ins(store: &Store) -> Result<(), Error> {
    for org in organizations(store).await? {
        while session::prune(store, org).await? {}
        while sign_in::prune(store, org).await? {}
        while oauth::prune(store, org).await? {}
        while idempotency::prune(store, org).await? {}
        while removal::prune(store, org).await? {}
        while delivery::prune(store, org).await? {}
    }
    // What the installation's own clients were granted, and what its webhooks were sent.
    while oauth::prune(store, audit::INSTALLATION).await? {}
    while delivery::prune(store, audit::INSTALLATION).await? {}
    Ok(())
}

/// Forgets members that groups have named and that have not arrived for so long, in pieces between
/// which others write. Answers how many there were. A group that names one again waits for it anew.
///
/// Cost: O(organizations), and O(names forgotten).
///
/// # Errors
///
/// Those of the store.
pub async fn pending_members(store: &Store, kept: Duration) -> Result<u64, Error> {
    let before = store.clock().now().minus(kept);
    let mut forgotten = 0;
    for org in organizations(store).await? {
        loop {
            match pending::prune(store, org, before).await? {
                0 => break,
                some => forgotten += some,
            }
        }
    }
    Ok(forgotten)
}

async fn organizations(store: &Store) -> Result<Vec<OrgNo>, Error> {
    let slugs = store.read_catalog(organization::slugs).await?;
    Ok(slugs.into_iter().map(|(_, org)| org).collect())
}

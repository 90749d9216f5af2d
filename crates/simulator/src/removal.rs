//! Removal: what a run made goes away at its end.

use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use crate::{failure::Failure, made::gone, player::Player, progress::Progress};

/// How many failures [`Removed`] tells of.
const TOLD: usize = 20;

/// What was removed at the end of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Removed {
    /// How many users were deleted.
    pub users: usize,
    /// How many groups were deleted.
    pub groups: usize,
    /// How many users the server would not delete, and which were deactivated instead.
    pub deactivated: usize,
    /// How many users and groups are left as they were.
    pub left: usize,
    /// Why, for the first of those that were not deleted.
    pub failures: Vec<String>,
}

/// What became of one resource.
enum Outcome {
    Deleted,
    Deactivated(Failure),
    Left(Failure),
}

/// Deletes the groups and then the users. Okta itself never deletes a user: these requests are ours,
/// and not a part of what is simulated.
pub(crate) async fn remove(
    player: &impl Player,
    concurrency: usize,
    progress: &Progress,
) -> Removed {
    let client = &player.server().client;
    client.remove_now();
    let mut removed = Removed::default();
    for (endpoint, ids) in [("/Groups", client.made.groups()), ("/Users", client.made.users())] {
        progress.step("removal", endpoint);
        progress.count(ids.len());
        let work = ids.iter().map(|id| async move {
            let outcome = one(player, endpoint, id).await;
            progress.advance();
            outcome
        });
        let mut outcomes = stream::iter(work).buffer_unordered(concurrency.max(1));
        let mut done = 0;
        while let Some(outcome) = outcomes.next().await {
            done += 1;
            let failure = match outcome {
                Outcome::Deleted if endpoint == "/Users" => {
                    removed.users += 1;
                    continue;
                }
                Outcome::Deleted => {
                    removed.groups += 1;
                    continue;
                }
                Outcome::Deactivated(failure) => {
                    removed.deactivated += 1;
                    failure
                }
                Outcome::Left(failure) => {
                    removed.left += 1;
                    failure
                }
            };
            if removed.failures.len() < TOLD {
                removed.failures.push(client.redact(&failure.to_string()));
            }
            if matches!(failure, Failure::Unreachable(_)) {
                // Asking for each of the others would take as long again.
                removed.left += ids.len() - done;
                break;
            }
        }
    }
    removed
}

async fn one(player: &impl Player, endpoint: &str, id: &str) -> Outcome {
    let path = format!("{endpoint}/{id}");
    let refusal = match player.server().client.delete(&path).await {
        Ok(answer) if gone(&answer) => return Outcome::Deleted,
        Ok(answer) => Failure::new(answer.other_than("204")),
        Err(failure) => failure,
    };
    if endpoint == "/Users"
        && !matches!(refusal, Failure::Unreachable(_))
        && player.deactivate(id).await.is_ok()
    {
        return Outcome::Deactivated(refusal);
    }
    Outcome::Left(refusal)
}

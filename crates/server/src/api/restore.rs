//! `/organizations/{organization}/restore`: what was lost comes back.

use std::time::Duration;

use axum::{Extension, Json};
use directory::{
    ConnectionId, ResourceId,
    history::{self, Act, Affected, By, Counts, Moment, Plan, Refused, Restored, Subject, Wanted},
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Organization, body::Body};
use crate::{App, deadline::Patience, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(restore))
}

/// So long one request brings things back. Where more is left, it is sent again.
const LASTS: Duration = Duration::from_secs(45);
/// So much longer than others such a request may take.
const EXTENDED: Duration = Duration::from_mins(1);

/// What is to be brought back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Restore {
    /// The moment at which it was there: the number of an event, after which it is meant, or a time in RFC 3339.
    to: String,
    /// Only what was lost up to this moment. Without it, up to now.
    #[serde(default)]
    until: Option<String>,
    /// Only what the identity provider of this connection took away.
    #[serde(default)]
    connection: Option<String>,
    /// Only what this principal took away, as events name it. Not beside `connection`.
    #[serde(default)]
    principal: Option<String>,
    /// Only this user, and its memberships.
    #[serde(default)]
    user: Option<String>,
    /// Only this group, and its memberships. Not beside `user`.
    #[serde(default)]
    group: Option<String>,
    /// Whether it is only told what would come back.
    #[serde(default)]
    preview: bool,
}

impl Restore {
    fn wanted(&self) -> Result<Wanted, HttpError> {
        let id = |name: &'static str, text: &str| {
            let wrong = || directory::Error::invalid(name, "It is no id of a user or group.");
            ResourceId::parse(text).ok_or_else(wrong)
        };
        let both = |detail: &'static str| directory::Error::invalid("restore", detail);
        let by = match (&self.connection, &self.principal) {
            (None, None) => By::anyone(),
            (Some(connection), None) => {
                let wrong =
                    || directory::Error::invalid("connection", "It is no id of a connection.");
                By::connection(ConnectionId::parse(connection).ok_or_else(wrong)?)
            }
            (None, Some(principal)) => By::principal(principal),
            (Some(_), Some(_)) => Err(both("Name a connection or a principal, not both."))?,
        };
        let of = match (&self.user, &self.group) {
            (None, None) => Subject::Organization,
            (Some(user), None) => Subject::User(id("user", user)?),
            (None, Some(group)) => Subject::Group(id("group", group)?),
            (Some(_), Some(_)) => Err(both("Name a user or a group, not both."))?,
        };
        let until = self.until.as_deref().map(Moment::parse).transpose()?;
        Ok(Wanted { to: Moment::parse(&self.to)?, until, by, of })
    }
}

/// How much comes back.
#[derive(Debug, Serialize, ToSchema)]
struct RestoredCounts {
    /// Archived users who are active again.
    reactivated: u64,
    /// Deleted users who are there again.
    recreated: u64,
    /// Deleted groups that are there again.
    groups: u64,
    /// Memberships that are there again.
    memberships: u64,
}

impl From<Counts> for RestoredCounts {
    fn from(Counts { reactivated, recreated, groups, memberships }: Counts) -> Self {
        Self { reactivated, recreated, groups, memberships }
    }
}

/// A user or group that something comes back of.
#[derive(Debug, Serialize, ToSchema)]
struct Returning {
    /// Its id.
    id: String,
    /// The userName or displayName.
    name: String,
    /// `reactivate`, `recreate`, `recreate-group`, or `put-back`: a group gets members.
    act: &'static str,
    /// How many members come back into it.
    members: Option<usize>,
}

impl From<Affected> for Returning {
    fn from(Affected { id, name, act }: Affected) -> Self {
        let members = match act {
            Act::PutBack(members) => Some(members),
            Act::Reactivate | Act::Recreate | Act::RecreateGroup => None,
        };
        Self { id: id.to_string(), name, act: act.word(), members }
    }
}

/// What does not come back.
#[derive(Debug, Serialize, ToSchema)]
struct NotRestored {
    /// The user or group.
    id: String,
    /// Why, in a sentence.
    reason: String,
}

/// What came back.
#[derive(Debug, Serialize, ToSchema)]
struct RestoreDone {
    /// How much.
    counts: RestoredCounts,
    /// What was refused, 100 at the most.
    refused: Vec<NotRestored>,
    /// How much was refused.
    refused_count: u64,
    /// Whether nothing is left to do. Otherwise send the request again: what is back is passed over.
    whole: bool,
}

/// What was lost, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
struct Restoration {
    /// The number of the event after which it was there.
    to: i64,
    /// The number of the event up to which it was lost.
    until: i64,
    /// How much was lost, and can come back.
    lost: RestoredCounts,
    /// The first 100 of it by name.
    shown: Vec<Returning>,
    /// Ids of groups of which it is not known who was in them: the events are not kept any more.
    unknown: Vec<String>,
    /// What came back; null: it was a preview.
    done: Option<RestoreDone>,
}

impl Restoration {
    fn of(plan: Plan, done: Option<RestoreDone>) -> Self {
        Self {
            to: plan.past.after.number(),
            until: plan.until.number(),
            lost: plan.counts().into(),
            unknown: plan.unknown.iter().map(ToString::to_string).collect(),
            shown: plan.shown.into_iter().map(Returning::from).collect(),
            done,
        }
    }
}

/// Brings back what was lost since a moment: users who were archived or deleted, groups that were deleted, and
/// memberships. It is done by ordinary changes with events of their own, also of what an identity provider
/// manages; what came since stays. Sending it twice changes nothing more. With `preview` nothing is changed.
#[utoipa::path(post, path = "/organizations/{organization}/restore", tag = "history",
    request_body = Restore, responses((status = 200, body = Restoration)))]
async fn restore(
    organization: Organization,
    Extension(patience): Extension<Patience>,
    Body(body): Body<Restore>,
) -> Result<Json<Restoration>, HttpError> {
    let wanted = body.wanted()?;
    let _place = organization.app().snapshots().place_for(&organization)?;
    patience.extend(EXTENDED);
    if body.preview {
        let plan = organization.read_long(move |reader| history::plan(reader, &wanted)).await?;
        return Ok(Json(Restoration::of(plan, None)));
    }
    let (store, access) = (organization.app().store(), organization.access());
    let until = Instant::now() + LASTS;
    let drain = organization.app().drain();
    let go_on = |_| Instant::now() < until && !drain.has_started();
    let Restored { plan, done, refused, refused_count, whole } =
        history::restore(store, access, wanted, go_on).await?;
    let refused = refused
        .into_iter()
        .map(|Refused { id, reason }| NotRestored { id: id.to_string(), reason });
    let done =
        RestoreDone { counts: done.into(), refused: refused.collect(), refused_count, whole };
    Ok(Json(Restoration::of(plan, Some(done))))
}

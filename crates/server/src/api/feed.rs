//! `/events`: the events of all organizations, for whoever follows an installation.

use std::time::Duration;

use axum::{Extension, Json, http::StatusCode};
use directory::{
    OrganizationId,
    event::Event,
    feed::{self, Missing, Position},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Context,
    events::{EVERY, WAIT},
    page::{self, List, Parameters},
    records::Record,
    snapshot, words,
};
use crate::{App, deadline::Patience, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Events of all organizations: those of each in order and without gaps.
#[derive(Debug, Serialize, ToSchema)]
struct Feed {
    /// The events.
    items: Vec<FeedEvent>,
    /// The cursor to go on with: keep it in the transaction in which the events were applied.
    next: String,
    /// Whether more are there already.
    more: bool,
}

/// An event, and where it happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedEvent {
    /// The id of the organization.
    organization: String,
    #[serde(flatten)]
    event: Record,
}

impl FeedEvent {
    pub(crate) fn of(organization: OrganizationId, event: &Event) -> Self {
        Self { organization: organization.to_string(), event: Record::of(event) }
    }
}

/// Where a feed begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Begin {
    /// At the first event of all.
    Start,
    /// After everything that has happened.
    Now,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FeedQuery {
    /// The `next` of the answer before. Without it, from the first event of all.
    #[serde(default)]
    cursor: Option<String>,
    /// Where to begin without a cursor: at the first event of all, or after everything that has happened.
    #[serde(default)]
    #[param(schema_with = words::feed_begin)]
    from: Option<Begin>,
    /// Events in the answer at the most. A larger number is cut to the most that the server gives.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1)]
    limit: Option<String>,
    /// Seconds to wait for an event where there is none yet; at most 60.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 0, maximum = 60)]
    wait: Option<String>,
}

/// Lists events of all organizations after a cursor. With `wait` the answer comes when there is one, or
/// when the time is over. 410: the next events of an organization are not kept any more; take a snapshot of
/// that organization, and go on with the cursor `next` of the answer.
#[utoipa::path(get, path = "/events", tag = "events", params(FeedQuery),
    responses((status = 200, body = Feed)))]
async fn list(
    context: Context,
    Extension(patience): Extension<Patience>,
    Parameters(query): Parameters<FeedQuery>,
) -> Result<Json<Feed>, HttpError> {
    let (app, installation) = (context.app(), context.installation()?);
    let cursors = List::new(app, None, "feed").await?;
    let position = match (&query.cursor, query.from) {
        (None, None | Some(Begin::Start)) => Position::START,
        (None, Some(Begin::Now)) => feed::now(&installation).await?,
        (Some(cursor), None) => read(&cursors.open(cursor)?)?,
        (Some(_), Some(_)) => {
            let detail = "A request has a `cursor` or a `from`, not both.";
            return Err(HttpError::bad_request("invalid_parameter", detail));
        }
    };
    let limit = page::limit(query.limit.as_deref(), app)?;
    let wait = query.wait.as_deref().map_or(Ok(0), |text| page::number("wait", text))?;
    let wait = Duration::from_secs(wait).min(WAIT);
    patience.extend(wait);
    let until = Instant::now() + wait;
    loop {
        let page = feed::after(&installation, position, limit).await?;
        if let Some(missing) = page.missing.filter(|_| page.events.is_empty()) {
            return Err(gone(missing, cursors.seal(&missing.after.to_string())));
        }
        let is_over = Instant::now() >= until || app.drain().has_started();
        if !page.events.is_empty() || is_over {
            context.require_live_credential().await?;
            let events = page.events.iter();
            let items = events.map(|(organization, event)| FeedEvent::of(*organization, event));
            let next = cursors.seal(&page.next.to_string());
            return Ok(Json(Feed { items: items.collect(), next, more: page.more }));
        }
        sleep(EVERY.min(until - Instant::now())).await;
    }
}

/// The next events of an organization are not kept any more.
fn gone(missing: Missing, next: String) -> HttpError {
    let Missing { organization, through, .. } = missing;
    let detail = format!(
        "Events of the organization {organization} up to number {through} are not kept any more. Take a \
         snapshot of that organization, and go on with the cursor `next`."
    );
    HttpError::new(StatusCode::GONE, "events_pruned", detail)
        .with("organization", organization.to_string())
        .with("pruned", through.number())
        .with("snapshot", snapshot::address(organization))
        .with("next", next)
}

fn read(place: &str) -> Result<Position, HttpError> {
    let detail = "The cursor is not one of this feed.";
    Position::parse(place)
        .ok_or_else(|| HttpError::new(StatusCode::BAD_REQUEST, "invalid_cursor", detail))
}

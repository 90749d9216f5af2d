//! `/events`: the events of all organizations, for whoever follows an installation.

use std::time::Duration;

use axum::{Extension, Json, http::StatusCode};
use directory::{
    OrganizationId,
    event::Event,
    feed::{self, Position},
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

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FeedQuery {
    /// The `next` of the answer before. Without it, from the first event of all.
    #[serde(default)]
    cursor: Option<String>,
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
/// when the time is over.
#[utoipa::path(get, path = "/events", tag = "events", params(FeedQuery),
    responses((status = 200, body = Feed)))]
async fn list(
    context: Context,
    Extension(patience): Extension<Patience>,
    Parameters(query): Parameters<FeedQuery>,
) -> Result<Json<Feed>, HttpError> {
    let (app, installation) = (context.app(), context.installation()?);
    let cursors = List::new(app, None, "feed").await?;
    let position = match &query.cursor {
        None => Position::START,
        Some(cursor) => read(&cursors.open(cursor)?)?,
    };
    let limit = page::limit(query.limit.as_deref(), app)?;
    let wait = query.wait.as_deref().map_or(Ok(0), |text| page::number("wait", text))?;
    let wait = Duration::from_secs(wait).min(WAIT);
    patience.extend(wait);
    let until = Instant::now() + wait;
    loop {
        let page = feed::after(&installation, position, limit).await?;
        let is_over = Instant::now() >= until || app.drain().has_started();
        if !page.events.is_empty() || is_over {
            context.require_live_key().await?;
            let events = page.events.iter();
            let items = events.map(|(organization, event)| FeedEvent::of(*organization, event));
            let next = cursors.seal(&page.next.to_string());
            return Ok(Json(Feed { items: items.collect(), next, more: page.more }));
        }
        sleep(EVERY.min(until - Instant::now())).await;
    }
}

fn read(place: &str) -> Result<Position, HttpError> {
    let detail = "The cursor is not one of this feed.";
    Position::parse(place)
        .ok_or_else(|| HttpError::new(StatusCode::BAD_REQUEST, "invalid_cursor", detail))
}

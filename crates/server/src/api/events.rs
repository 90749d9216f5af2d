//! `/organizations/{organization}/events`: what the application follows.

use std::time::Duration;

use axum::{Extension, Json, http::StatusCode};
use directory::{
    EventNo,
    event::{self, Event},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    page::{self, Parameters},
    records::Record,
    snapshot,
};
use crate::{App, deadline::Patience, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The longest wait for an event that a client may ask for.
pub(crate) const WAIT: Duration = Duration::from_mins(1);
/// How often the store is asked while a client waits: by a key, for a moment each time.
pub(super) const EVERY: Duration = Duration::from_millis(250);

/// Events of an organization, in order and without gaps.
#[derive(Debug, Serialize, ToSchema)]
struct Events {
    /// The events.
    items: Vec<Record>,
    /// The number to go on after: that of the last event here, or the one that was asked for.
    last: i64,
    /// Whether more are there already.
    more: bool,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    /// The number of the last event that is known: those after it are answered. Without it, from the
    /// first.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<String>,
    /// Events in the answer at the most. A larger number is cut to the most that the server gives.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1)]
    limit: Option<String>,
    /// Seconds to wait for an event where there is none yet; at most 60.
    #[serde(default)]
    #[param(value_type = Option<u64>, minimum = 0, maximum = 60)]
    wait: Option<String>,
}

/// Lists events after one of them. With `wait` the answer comes when there is one, or when the time is
/// over; what was written by any server is seen. 410: the next is not kept any more; take a snapshot, and
/// go on after its number.
#[utoipa::path(get, path = "/organizations/{organization}/events", tag = "events",
    params(EventQuery), responses((status = 200, body = Events)))]
async fn list(
    organization: Organization,
    Extension(patience): Extension<Patience>,
    Parameters(query): Parameters<EventQuery>,
) -> Result<Json<Events>, HttpError> {
    let after = query.after.as_deref().map_or(Ok(0), number_after)?;
    let limit = page::limit(query.limit.as_deref(), organization.app())?;
    let wait = query.wait.as_deref().map_or(Ok(0), |text| page::number("wait", text))?;
    let wait = Duration::from_secs(wait).min(WAIT);
    patience.extend(wait);
    let until = Instant::now() + wait;
    loop {
        let found = read(&organization, after, limit).await?;
        let is_over = Instant::now() >= until || organization.app().drain().has_started();
        if !found.is_empty() || is_over {
            organization.context().require_live_credential().await?;
            let last = found.last().map_or(after, |event| event.no.number());
            let more = found.len() >= limit as usize;
            let items = found.iter().map(Record::of).collect();
            return Ok(Json(Events { items, last, more }));
        }
        // No reader is held meanwhile.
        sleep(EVERY.min(until - Instant::now())).await;
    }
}

/// The events after one. Who asks for what is not kept any more is told where the snapshot is.
pub(super) async fn read(
    organization: &Organization,
    after: i64,
    limit: u32,
) -> Result<Vec<Event>, HttpError> {
    let no = EventNo::from(after);
    let found = organization.read(move |reader| event::after(reader, no, limit)).await;
    found.map_err(|error: HttpError| match error.status {
        StatusCode::GONE => error.with("snapshot", snapshot::address(organization.record().id)),
        _ => error,
    })
}

/// The number of an event that is known.
pub(super) fn number_after(text: &str) -> Result<i64, HttpError> {
    let number: u64 = page::number("after", text)?;
    Ok(i64::try_from(number).unwrap_or(i64::MAX))
}

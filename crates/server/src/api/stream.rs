//! `/organizations/{organization}/events/stream`: Server-Sent Events.

use std::{convert::Infallible, fmt::Write as _, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use directory::event::Event;
use futures_util::stream;
use serde::Deserialize;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep},
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    events::{self, EVERY, number_after},
    page::Parameters,
    records::Record,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// So many streams are open at a time, of all organizations, on one server.
pub(crate) const MOST: usize = 1_000;
static STREAMS: Semaphore = Semaphore::const_new(MOST);

/// How often a stream that has nothing to tell shows that it lives. The key is looked at then, too.
const BEAT: Duration = Duration::from_secs(4);
/// Events that are read at a time.
const PIECE: u32 = 100;

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// The number of the last event that is known. The header `Last-Event-ID`, which browsers send when
    /// they come again, is stronger.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<String>,
}

/// Follows the events of an organization as Server-Sent Events: `id` is the number, `event` the kind, and
/// `data` what a list of events shows of it. It ends when the server does, or when the key works no
/// longer. 410: as for the list.
#[utoipa::path(get, path = "/organizations/{organization}/events/stream", tag = "events",
    params(StreamQuery),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn follow(
    organization: Organization,
    headers: HeaderMap,
    Parameters(query): Parameters<StreamQuery>,
) -> Result<Response, HttpError> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = last.or(query.after.as_deref()).map_or(Ok(0), number_after)?;
    let place = STREAMS.try_acquire().map_err(|_| {
        HttpError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_streams",
            "Too many streams of events are open. Ask for events with `wait` instead.",
        )
        .retry_after(5)
    })?;
    let mut following = Following { organization, after, beat: Instant::now(), _place: place };
    // Whoever may not read events is told so, and not by a stream that ends.
    let first = following.read().await?;
    let first =
        if first.is_empty() { Bytes::from_static(b":\n\n") } else { following.told(&first) };
    let pieces = stream::unfold((Some(first), following), async |(first, mut following)| {
        let piece = match first {
            Some(piece) => Some(piece),
            None => following.next().await,
        };
        piece.map(|piece| (Ok::<_, Infallible>(piece), (None, following)))
    });
    let content_type = HeaderValue::from_static("text/event-stream");
    Ok(([(header::CONTENT_TYPE, content_type)], Body::from_stream(pieces)).into_response())
}

/// A stream that is open.
struct Following {
    organization: Organization,
    after: i64,
    /// When something was sent last.
    beat: Instant,
    _place: SemaphorePermit<'static>,
}

impl Following {
    async fn read(&self) -> Result<Vec<Event>, HttpError> {
        events::read(&self.organization, self.after, PIECE).await
    }

    /// The next piece of the stream; `None`: it ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.organization.app().drain().has_started() {
                return None;
            }
            // A client that is cut off comes again, and is told why then.
            let events = self.read().await.ok()?;
            let is_quiet = events.is_empty();
            if !is_quiet || self.beat.elapsed() >= BEAT {
                self.organization.context().require_live_credential().await.ok()?;
                self.beat = Instant::now();
                return Some(if is_quiet {
                    Bytes::from_static(b":\n\n")
                } else {
                    self.told(&events)
                });
            }
            sleep(EVERY).await;
        }
    }

    fn told(&mut self, events: &[Event]) -> Bytes {
        let mut text = String::new();
        for event in events {
            let data = serde_json::to_string(&Record::of(event)).expect("a record is JSON");
            let (no, kind) = (event.no, event.described().name);
            let _ = write!(text, "id: {no}\nevent: {kind}\ndata: {data}\n\n");
            self.after = event.no.number();
        }
        text.into()
    }
}

//! [`Watched`]: a page with parts that change while someone looks.
//!
//! A script asks for the page again with `If-None-Match` and `Prefer: wait=6` (RFC 7240 §4.3): the
//! answer comes as soon as something is different, and 304 where nothing was for so long. A request
//! that waits is no timer, so browsers do not slow it down in a tab in the background.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::{Duration, Instant},
};

use askama::Template;
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use tokio::time::sleep;

use super::visitor::Visitor;
use crate::{App, error::HttpError, page};

/// The longest wait: well within the deadline of a request.
const HOLD: Duration = Duration::from_secs(6);
/// How often the store is asked meanwhile.
const EVERY: Duration = Duration::from_millis(700);

/// How a page is asked for: at once, or when it differs from what is known.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    app: App,
    known: Option<HeaderValue>,
    waits: bool,
}

impl FromRequestParts<App> for Watched {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let known = parts.headers.get(header::IF_NONE_MATCH).cloned();
        let prefers = parts.headers.get("prefer").and_then(|value| value.to_str().ok());
        let waits = prefers.is_some_and(|value| value.starts_with("wait"));
        Ok(Self { app: app.clone(), known, waits })
    }
}

impl Watched {
    /// The page, once it is to be shown. `look` makes it anew.
    pub(super) async fn page<T, F, L>(
        self,
        visitor: &Visitor,
        look: F,
    ) -> Result<Response, HttpError>
    where
        T: Template,
        F: Fn(Visitor) -> L,
        L: Future<Output = Result<T, HttpError>>,
    {
        let began = Instant::now();
        loop {
            let text = look(visitor.clone()).await?.render();
            let text = text.map_err(|error| HttpError::internal().caused_by(&error))?;
            let version = version_of(&text);
            if self.known.as_ref() != Some(&version) {
                let mut response = page::text(StatusCode::OK, text, None);
                response.headers_mut().insert(header::ETAG, version);
                return Ok(response);
            }
            let is_over = began.elapsed() + EVERY > HOLD || self.app.drain().has_started();
            if !self.waits || is_over {
                return Ok(StatusCode::NOT_MODIFIED.into_response());
            }
            sleep(EVERY).await;
        }
    }
}

/// The entity tag of a page.
fn version_of(text: &str) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    HeaderValue::try_from(tag).expect("digits stand in a header")
}

//! One line in the log for each request: the only transcript there is, because providers keep none.
//!
//! No header, no query and no body is logged: they hold secrets and personal data.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use ::http::{Method, header};
use axum::{extract::Request, response::Response};
use directory::{
    EventNo, RequestId, ResourceId, Secret, Time,
    sync_log::{Draft, Served},
    token::Caller,
};
use tracing::{Level, field::display};

use crate::{App, error::HttpError, health, http::method::is_known, scim::Base};

/// Most letters of a path in a line: strangers write them, too.
const LONGEST_PATH: usize = 500;

/// Who made the request, for its line.
#[derive(Clone)]
pub(crate) struct By(pub(crate) Caller);

/// What a body held that was not read as it stood, for the line of its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remarks {
    /// The attributes that were left out.
    pub(crate) ignored: Option<String>,
    /// What was read leniently.
    pub(crate) corrected: Option<String>,
}

/// What a request asked for and what came of it, for the sync log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// The query, as it was sent.
    pub(crate) query: Option<String>,
    /// How many resources a list found in all.
    pub(crate) found: Option<u64>,
    /// The first and the last event of what was changed.
    pub(crate) events: Option<(EventNo, EventNo)>,
}

/// What a bulk request came to, for its line.
#[derive(Clone, Copy)]
pub(crate) struct Tally {
    /// How many operations it holds.
    pub(crate) operations: usize,
    /// How many of them failed.
    pub(crate) failed: u64,
}

/// A request that is being served, until its line is written.
pub(crate) struct Line {
    began: Instant,
    at: Time,
    id: RequestId,
    method: Method,
    path: String,
}

impl Line {
    /// Begins the line of a request.
    pub(crate) fn begin(app: &App, id: RequestId, request: &Request) -> Self {
        Self {
            began: Instant::now(),
            at: app.store().clock().now(),
            id,
            method: request.method().clone(),
            path: shown(request.uri().path()).into_owned(),
        }
    }

    /// How long the request has been served.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Writes the line of a request whose answer is ready to be sent, and its entry in the sync
    /// log of the connection that made it.
    pub(crate) fn end(self, app: &App, response: &Response) {
        self.write(response);
        if let Some(By(caller)) = response.extensions().get() {
            app.sync_log().add(Draft::new(app.store(), caller, self.served(response)));
        }
    }

    /// The request as the sync log tells it to the administrators of its organization.
    fn served(self, response: &Response) -> Served {
        let Self { began, at, id: request, method, path } = self;
        let extensions = response.extensions();
        let below = Base::of(&path).map_or(path.as_str(), |(_, below)| below);
        let location =
            response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let id = |path: &str| path.rsplit('/').next().and_then(ResourceId::parse);
        let target = id(below).or_else(|| id(location?));
        let Remarks { ignored, corrected } =
            extensions.get::<Remarks>().cloned().unwrap_or_default();
        let notes = [("left out", ignored), ("read leniently", corrected)]
            .into_iter()
            .filter_map(|(what, text)| Some(format!("{what}: {}", text?)))
            .collect::<Vec<_>>();
        let Outcome { query, found, events } =
            extensions.get::<Outcome>().cloned().unwrap_or_default();
        Served {
            at,
            request,
            method: method.to_string(),
            path: below.to_owned(),
            target: target.map(|id| id.to_string()),
            status: response.status().as_u16(),
            micros: i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX),
            detail: extensions.get::<HttpError>().map(|error| error.detail.clone()),
            notes: Some(notes.join("; ")).filter(|notes| !notes.is_empty()),
            query,
            found: found.and_then(|found| i64::try_from(found).ok()),
            events,
        }
    }

    /// Writes the line of a request that has been served.
    fn write(&self, response: &Response) {
        let extensions = response.extensions();
        let (request, path) = (display(self.id), self.path.as_str());
        let caller = extensions.get::<By>().map(|by| &by.0);
        let connection = caller.map(|caller| display(caller.connection.id));
        let token = caller.and_then(Caller::token_no).map(display);
        let profile = caller.map(|caller| display(caller.connection.profile_in_force()));
        let remarks = extensions.get::<Remarks>();
        let ignored = remarks.and_then(|remarks| remarks.ignored.as_deref());
        let corrected = remarks.and_then(|remarks| remarks.corrected.as_deref());
        let tally = extensions.get::<Tally>();
        let operations = tally.map(|tally| tally.operations);
        let failed = tally.map(|tally| tally.failed);
        let error = extensions.get::<HttpError>();
        let code = error.map(|error| error.code);
        let detail = error.map(|error| error.detail.as_str());
        let cause = error.and_then(|error| error.cause.as_deref());
        // What a client made up is no method.
        let method = if is_known(&self.method) { self.method.as_str() } else { "unknown" };
        let status = response.status().as_u16();
        let milliseconds = self.began.elapsed().as_secs_f64() * 1000.0;
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    request,
                    method,
                    path,
                    status,
                    milliseconds,
                    connection,
                    token,
                    profile,
                    operations,
                    failed,
                    ignored,
                    corrected,
                    code,
                    detail,
                    cause,
                    "request"
                )
            };
        }
        match error.map(HttpError::level) {
            Some(Level::ERROR) => line!(error),
            Some(Level::WARN) => line!(warn),
            None if health::is_probe(path) => line!(debug),
            _ => line!(info),
        }
    }
}

/// A path as a line shows it: without tokens, because some administrator will paste one into the
/// base URL; without the secrets of links; and not longer than a person reads.
pub(crate) fn shown(path: &str) -> Cow<'_, str> {
    let is_token = |part: &str| part.contains("scim_");
    let is_secret = |part: &str| part.split('.').any(|piece| Secret::parse(piece).is_some());
    let parts = path.split('/');
    let whole = if parts.clone().any(|part| is_token(part) || is_secret(part)) {
        let parts = parts.map(|part| match (is_token(part), is_secret(part)) {
            (true, _) => "[token]",
            (false, true) => "[secret]",
            (false, false) => part,
        });
        Cow::Owned(parts.collect::<Vec<_>>().join("/"))
    } else {
        Cow::Borrowed(path)
    };
    match whole.char_indices().nth(LONGEST_PATH) {
        Some((end, _)) => Cow::Owned(format!("{}…", &whole[..end])),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_token_in_a_path_is_not_logged() {
        assert_eq!(shown("/scim/v2/Users"), "/scim/v2/Users");
        assert_eq!(shown("/scim/v2/scim_a_b_c/Users"), "/scim/v2/[token]/Users");
        let secret = "a".repeat(43);
        assert_eq!(
            shown(&format!("/signin/break-glass/7.{secret}")),
            "/signin/break-glass/[secret]"
        );
    }

    #[test]
    fn a_long_path_is_cut() {
        let long = format!("/{}", "é".repeat(10_000));
        assert_eq!(shown(&long).chars().count(), 501);
        assert!(shown(&long).ends_with("é…"));
    }
}

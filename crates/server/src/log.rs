//! One line in the log for each request of a provider: the only transcript there is, because
//! providers keep none.
//!
//! No header, no query and no body is logged: they hold secrets and personal data.

use std::{borrow::Cow, time::Instant};

use ::http::{Method, StatusCode};
use ::scim::Notes;
use axum::response::Response;
use directory::token::Caller;

use crate::error::Failure;

/// Who made the request, for its line.
#[derive(Clone)]
pub(crate) struct By(pub(crate) Caller);

/// What a bulk request came to, for its line.
#[derive(Clone, Copy)]
pub(crate) struct Tally {
    /// How many operations it holds.
    pub(crate) operations: usize,
    /// How many of them failed.
    pub(crate) failed: u64,
}

/// A path without tokens: some administrator will paste one into the base URL.
fn without_tokens(path: &str) -> Cow<'_, str> {
    if !path.contains("scim_") {
        return Cow::Borrowed(path);
    }
    let segments =
        path.split('/').map(|part| if part.contains("scim_") { "[token]" } else { part });
    Cow::Owned(segments.collect::<Vec<_>>().join("/"))
}

/// Writes the line of a request that has been served.
pub(crate) fn request(method: &Method, path: &str, began: Instant, response: &Response) {
    let extensions = response.extensions();
    let caller = extensions.get::<By>().map(|by| &by.0);
    let notes = extensions.get::<Notes>();
    let failure = extensions.get::<Failure>();
    let status = response.status();
    let connection = caller.map(|caller| caller.connection.id.to_string());
    let token = caller.map(|caller| caller.token_no().to_string());
    let profile = caller.map(|caller| caller.connection.profile_in_force().to_string());
    let ignored = notes.map(|notes| notes.ignored().join(" ")).filter(|text| !text.is_empty());
    let corrected = notes.map(corrections).filter(|text| !text.is_empty());
    let detail = failure.map(|failure| failure.detail.as_str());
    let cause = failure.and_then(|failure| failure.inside.as_deref());
    let tally = extensions.get::<Tally>();
    let operations = tally.map(|tally| tally.operations);
    let failed = tally.map(|tally| tally.failed);
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                %method, path = &*without_tokens(path), status = status.as_u16(), milliseconds,
                connection, token, profile, operations, failed, ignored, corrected, detail,
                cause,
                "request"
            )
        };
    }
    if status >= StatusCode::INTERNAL_SERVER_ERROR {
        line!(error);
    } else {
        line!(info);
    }
}

fn corrections(notes: &Notes) -> String {
    let texts: Vec<&str> = notes.corrected().iter().map(|one| one.text.as_str()).collect();
    texts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::without_tokens;

    #[test]
    fn a_token_in_a_path_is_not_logged() {
        assert_eq!(without_tokens("/scim/v2/Users"), "/scim/v2/Users");
        assert_eq!(without_tokens("/scim/v2/scim_a_b_c/Users"), "/scim/v2/[token]/Users");
    }
}

//! [`BodyError`]: why a body cannot be read.

use http::StatusCode;
use thiserror::Error;

use crate::http::{KB, MB};

/// A body that cannot be read. Its text is for the person who set up the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// No body where one is needed.
    #[error("The request has no body.")]
    Empty,
    /// Over the limit, after decompression.
    #[error("The request body is larger than {}.", size(*.limit))]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A compressed body that grows out of proportion.
    #[error("The compressed request body expands more than {ratio} times. Send it uncompressed.")]
    Expansion {
        /// The limit.
        ratio: usize,
    },
    /// A content coding other than gzip.
    #[error("The request body has a Content-Encoding other than gzip.")]
    Encoding,
    /// Not what gzip makes.
    #[error("The request body is announced as gzip, but is not valid gzip.")]
    Gzip,
    /// The client sent too little for too long.
    #[error("The request body arrived too slowly.")]
    Slow,
    /// The connection broke before the body was complete.
    #[error("The request body ended before it was complete.")]
    Broken,
}

impl BodyError {
    /// The status to answer with.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Empty | Self::Gzip | Self::Broken => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } | Self::Expansion { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// What programs know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "body_missing",
            Self::TooLarge { .. } => "body_too_large",
            Self::Expansion { .. } => "body_expands",
            Self::Encoding => "body_encoding",
            Self::Gzip => "body_not_gzip",
            Self::Slow => "body_too_slow",
            Self::Broken => "body_incomplete",
        }
    }
}

/// A size as a person says it.
fn size(bytes: usize) -> String {
    if bytes >= MB && bytes.is_multiple_of(MB) {
        format!("{} MB", bytes / MB)
    } else if bytes >= KB && bytes.is_multiple_of(KB) {
        format!("{} KB", bytes / KB)
    } else {
        format!("{bytes} bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::BodyError;
    use crate::http::{KB, MB};

    #[test]
    fn a_limit_is_named_as_a_person_says_it() {
        for (limit, text) in [(2 * MB, "2 MB"), (1536 * KB, "1536 KB"), (1000, "1000 bytes")] {
            let error = BodyError::TooLarge { limit };
            assert_eq!(error.to_string(), format!("The request body is larger than {text}."));
        }
    }
}

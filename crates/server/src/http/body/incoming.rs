//! [`Incoming`]: the pieces of a body as they arrive, decompressed and within limits.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};

use super::{error::BodyError, gunzip::Gunzip};
use crate::http::Limits;

/// A body on its way in.
#[derive(Debug)]
pub(super) struct Incoming {
    body: Body,
    gunzip: Option<Gunzip>,
    limit: usize,
    /// Bytes as they came over the wire.
    received: usize,
    /// Time spent waiting for the client. What the server takes to work is not held against it.
    waited: Duration,
    patience: Duration,
    /// Bytes that buy one more second.
    rate: usize,
    ended: bool,
}

impl Incoming {
    /// # Errors
    ///
    /// A Content-Length over the limit, or an encoding other than gzip.
    pub(super) fn new(
        body: Body,
        headers: &HeaderMap,
        limit: usize,
        limits: &Limits,
    ) -> Result<Self, BodyError> {
        let gunzip = is_gzip(headers)?.then(|| Gunzip::new(limit, limits));
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|n| n > limit)) {
            return Err(BodyError::TooLarge { limit });
        }
        Ok(Self {
            body,
            gunzip,
            limit,
            received: 0,
            waited: Duration::ZERO,
            patience: limits.body_timeout,
            rate: limits.body_rate.max(1),
            ended: false,
        })
    }

    /// The next bytes, never an empty piece; nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        while !self.ended {
            let piece = match (self.arrival().await?, &mut self.gunzip) {
                (Some(piece), None) => piece,
                (Some(piece), Some(gunzip)) => gunzip.push(&piece)?,
                (None, gunzip) => {
                    self.ended = true;
                    match gunzip {
                        Some(gunzip) if self.received > 0 => gunzip.finish()?,
                        _ => break,
                    }
                }
            };
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// The next bytes from the wire.
    async fn arrival(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let bought = Duration::from_secs((self.received / self.rate) as u64);
            let left = (self.patience + bought).saturating_sub(self.waited);
            let begun = Instant::now();
            let frame = timeout(left, self.body.frame()).await.map_err(|_| BodyError::Slow)?;
            self.waited += begun.elapsed();
            let Some(frame) = frame else { return Ok(None) };
            // Anything but data is trailers, which no one reads.
            let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else {
                continue;
            };
            self.received += data.len();
            if self.received > self.limit {
                return Err(BodyError::TooLarge { limit: self.limit });
            }
            return Ok(Some(data));
        }
    }
}

/// Whether the body is compressed, which is a question of all Content-Encoding headers together.
fn is_gzip(headers: &HeaderMap) -> Result<bool, BodyError> {
    let mut gzip = false;
    for line in headers.get_all(header::CONTENT_ENCODING) {
        for coding in line.to_str().map_err(|_| BodyError::Encoding)?.split(',').map(str::trim) {
            if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
                continue;
            }
            let known =
                coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip");
            // Twice compressed is nothing that a client of ours would do.
            if !known || gzip {
                return Err(BodyError::Encoding);
            }
            gzip = true;
        }
    }
    Ok(gzip)
}

//! Request bodies: read with limits on size, time and expansion.
//!
//! [`read()`] gives the bytes, [`parse()`] what a parser makes of them. Both undo gzip. A large body
//! is parsed while it arrives, so that a full push of a large group is in memory once, as values.

mod error;
mod gunzip;
mod incoming;
mod parse;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use self::incoming::Incoming;
pub use self::{
    error::BodyError,
    parse::{Source, parse},
};
use crate::http::Limits;

/// Reads a whole body of at most `limit` bytes. No body is no bytes.
///
/// # Errors
///
/// See [`BodyError`]. A Content-Length over the limit is refused before anything is read.
pub async fn read(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    limits: &Limits,
) -> Result<Bytes, BodyError> {
    let mut incoming = Incoming::new(body, headers, limit, limits)?;
    let Some(first) = incoming.next().await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = incoming.next().await? else {
        return Ok(first);
    };
    let mut whole = BytesMut::from(first);
    whole.extend_from_slice(&second);
    while let Some(piece) = incoming.next().await? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests;

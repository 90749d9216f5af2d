//! [`Gunzip`]: decompression that stops before it is done when too much comes out.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;

use super::error::BodyError;
use crate::http::{KB, Limits};

/// Output that needs no justification by the amount of input.
const FREE: usize = 64 * KB;

/// A gzip stream (RFC 1952) that is undone piece by piece.
#[derive(Debug)]
pub(super) struct Gunzip(MultiGzDecoder<Output>);

impl Gunzip {
    pub(super) fn new(limit: usize, limits: &Limits) -> Self {
        Self(MultiGzDecoder::new(Output {
            ready: Vec::new(),
            written: 0,
            received: 0,
            limit,
            ratio: limits.gzip_ratio,
            over: None,
        }))
    }

    /// What another piece of the stream brings out.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<Bytes, BodyError> {
        self.0.get_mut().received += piece.len();
        let result = self.0.write_all(piece).and_then(|()| self.0.flush());
        self.take(result)
    }

    /// What is left at the end of the stream, which must be complete.
    pub(super) fn finish(&mut self) -> Result<Bytes, BodyError> {
        let result = self.0.try_finish();
        self.take(result)
    }

    fn take(&mut self, result: io::Result<()>) -> Result<Bytes, BodyError> {
        let output = self.0.get_mut();
        match (output.over, result) {
            (Some(over), _) => Err(over),
            (None, Err(_)) => Err(BodyError::Gzip),
            (None, Ok(())) => Ok(std::mem::take(&mut output.ready).into()),
        }
    }
}

/// Where the decoder writes.
#[derive(Debug)]
struct Output {
    ready: Vec<u8>,
    written: usize,
    /// Compressed bytes so far.
    received: usize,
    limit: usize,
    ratio: usize,
    over: Option<BodyError>,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written += bytes.len();
        if self.written > self.limit {
            self.over = Some(BodyError::TooLarge { limit: self.limit });
        } else if self.written > FREE && self.written / self.ratio.max(1) > self.received {
            self.over = Some(BodyError::Expansion { ratio: self.ratio });
        }
        if self.over.is_some() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.ready.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

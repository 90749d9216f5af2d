//! [`read_json()`]: a body as an object, parsed while it arrives when it is large.

use std::{
    io::{self, BufReader, Read},
    panic::resume_unwind,
};

use axum::body::Body;
use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use scim::Object;
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinHandle, spawn_blocking},
};

use super::{
    error::{BodyError, ReadError},
    incoming::Incoming,
};
use crate::http::{KB, Limits, MB};

/// Below this, parsing takes less time than handing the work to another thread.
const INLINE: usize = 64 * KB;
/// Up to this, a body is collected before it is parsed. A client that sends slowly then holds
/// memory, which there is plenty of, and no thread.
const COLLECT: usize = 2 * MB;
/// Pieces that may wait for the parser. The client is held back when there are more.
const WAITING: usize = 8;

/// The parsers that may wait for a client at a time. The threads are shared with everything else
/// that blocks, so the bound is one for the process.
static PARSERS: Semaphore = Semaphore::const_new(32);

/// Reads a JSON object of at most `limit` bytes.
///
/// # Errors
///
/// [`ReadError::Body`] when it does not arrive whole, [`BodyError::Empty`] when there is none, and
/// [`ReadError::Json`] when it is not JSON, not an object, or over a limit of the JSON reader.
pub async fn read_json(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    limits: &Limits,
) -> Result<Object, ReadError> {
    let mut incoming = Incoming::new(body, headers, limit, limits)?;
    let json = limits.json();
    let mut start = BytesMut::new();
    while start.len() <= COLLECT {
        if let Some(piece) = incoming.next().await? {
            start.extend_from_slice(&piece);
            continue;
        }
        return match start.len() {
            0 => Err(BodyError::Empty.into()),
            1..=INLINE => Ok(scim::json::from_slice(&start, json)?),
            _ => Ok(finished(spawn_blocking(move || scim::json::from_slice(&start, json))).await??),
        };
    }
    let _turn = PARSERS.acquire().await.map_err(|_| BodyError::Broken)?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let reader = Pieces { receiver, present: start.freeze() };
    let parsing =
        spawn_blocking(move || scim::json::read(BufReader::with_capacity(INLINE, reader), json));
    while let Some(piece) = incoming.next().await? {
        // A parser that hangs up has found an error. It is the answer, so stop reading.
        if sender.send(piece).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(finished(parsing).await??)
}

/// What a thread has parsed. A panic goes on where the request is served.
async fn finished<T>(thread: JoinHandle<T>) -> Result<T, BodyError> {
    thread.await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        // The runtime is shutting down, which cuts the connection anyway.
        Err(_) => BodyError::Broken,
    })
}

/// The pieces as a reader. It ends where the sender is dropped, whole or not: whoever dropped it
/// early has an error of its own to report and does not look at what was parsed.
struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    present: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.present.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.present = piece,
                None => return Ok(0),
            }
        }
        let n = buffer.len().min(self.present.len());
        self.present.copy_to_slice(&mut buffer[..n]);
        Ok(n)
    }
}

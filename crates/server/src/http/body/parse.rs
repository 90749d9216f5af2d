//! [`parse()`]: a body handed to a parser, while it arrives when it is large.

use std::{
    fmt,
    io::{self, BufReader, Read},
    panic::resume_unwind,
};

use axum::body::Body;
use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinHandle, spawn_blocking},
};

use super::{error::BodyError, incoming::Incoming};
use crate::http::{KB, LARGE, Limits};

/// Below this, parsing takes less time than handing the work to another thread.
const INLINE: usize = 64 * KB;
/// Up to this, a body is collected before it is parsed. A client that sends slowly then holds
/// memory, which there is plenty of, and no thread.
pub(super) const COLLECT: usize = LARGE;
/// Pieces that may wait for the parser. The client is held back when there are more.
const WAITING: usize = 8;

/// The parsers that may wait for a client at a time. The threads are shared with everything else
/// that blocks, so the bound is one for the process.
static PARSERS: Semaphore = Semaphore::const_new(32);

/// What a parser reads.
#[derive(Debug)]
pub enum Source<'b> {
    /// The whole body.
    Whole(&'b [u8]),
    /// A body that is still arriving; reading it blocks.
    Arriving(BufReader<Pieces>),
}

/// Has a body of at most `limit` bytes parsed, and returns what the parser returned. `admit` is
/// waited for once the body has turned out to be larger than [`LARGE`], announced or not; the rest
/// of it stays with the client meanwhile.
///
/// A parser that stops early has found an error: its answer counts, and the rest of the body is
/// not read.
///
/// # Errors
///
/// Where the body does not arrive whole; [`BodyError::Empty`] where there is none; that of `admit`.
pub async fn parse<T, E, A, P>(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    limits: &Limits,
    admit: A,
    parser: P,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<BodyError>,
    A: Future<Output = Result<(), E>>,
    P: FnOnce(Source<'_>) -> T + Send + 'static,
{
    let mut incoming = Incoming::new(body, headers, limit, limits)?;
    let mut start = BytesMut::new();
    while start.len() <= COLLECT {
        if let Some(piece) = incoming.next().await? {
            start.extend_from_slice(&piece);
            continue;
        }
        return match start.len() {
            0 => Err(BodyError::Empty.into()),
            1..=INLINE => Ok(parser(Source::Whole(&start))),
            _ => Ok(finished(spawn_blocking(move || parser(Source::Whole(&start)))).await?),
        };
    }
    admit.await?;
    let _turn = PARSERS.acquire().await.map_err(|_| BodyError::Broken)?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let pieces = Pieces { receiver, present: start.freeze() };
    let reader = BufReader::with_capacity(INLINE, pieces);
    let parsing = spawn_blocking(move || parser(Source::Arriving(reader)));
    while let Some(piece) = incoming.next().await? {
        if sender.send(piece).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(finished(parsing).await?)
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
pub struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    present: Bytes,
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces").field("present", &self.present.len()).finish_non_exhaustive()
    }
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

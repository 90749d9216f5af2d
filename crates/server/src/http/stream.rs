//! Answers that are produced while they are sent: lists, exports, event feeds.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use tokio::{sync::mpsc, task::JoinHandle};
use tracing::Instrument as _;

/// Chunks that may wait for the client. The producer sleeps when there are more.
const WAITING: usize = 4;

/// Where the producer puts its chunks.
#[derive(Debug)]
pub struct Sink(mpsc::Sender<Chunk>);

/// The client went away. No one reads what is still to come, so the producer should stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client closed the connection")]
pub struct Gone;

impl Sink {
    /// Sends a chunk, and waits while the client is slower than the producer.
    ///
    /// # Errors
    ///
    /// The client went away.
    pub async fn send(&self, bytes: impl Into<Bytes>) -> Result<(), Gone> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Ok(());
        }
        self.0.send(Chunk::Data(bytes)).await.map_err(|_| Gone)
    }
}

/// What goes through the channel. The end is said, never inferred: a producer that panics or is
/// dropped must not look like one that has finished.
#[derive(Debug)]
enum Chunk {
    Data(Bytes),
    End,
}

/// A body that the task `produce` fills through its [`Sink`].
///
/// If the task fails or panics, the body ends in an error and the connection is cut, so that a
/// client never takes half an answer for a whole one. If the client goes away, the task is
/// cancelled at its next await.
pub fn body<P, F, E>(produce: P) -> Body
where
    P: FnOnce(Sink) -> F,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display + Send + 'static,
{
    let (sender, chunks) = mpsc::channel(WAITING);
    let end = sender.clone();
    let work = produce(Sink(sender));
    let produced = async move {
        match work.await {
            // Failing to say so means that the client went away.
            Ok(()) => _ = end.send(Chunk::End).await,
            Err(error) => {
                tracing::error!(error = format_args!("{error:#}"), "an answer was cut off");
            }
        }
    };
    // What is logged of it belongs to the request.
    let task = tokio::spawn(produced.in_current_span());
    Body::new(Streamed { chunks, task, ended: false })
}

struct Streamed {
    chunks: mpsc::Receiver<Chunk>,
    task: JoinHandle<()>,
    ended: bool,
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let chunk = ready!(self.chunks.poll_recv(cx));
        Poll::Ready(match chunk {
            Some(Chunk::Data(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Chunk::End) => {
                self.ended = true;
                None
            }
            None => {
                self.ended = true;
                Some(Err(CutOff))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The producer failed; its reason is in the log.
#[derive(Debug)]
struct CutOff;

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer could not be completed")
    }
}

impl Error for CutOff {}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use http_body_util::BodyExt;
    use tokio::sync::oneshot;

    use super::{Gone, body};

    #[tokio::test]
    async fn chunks_arrive_in_order_and_the_body_ends() {
        let body = body(async |sink| {
            for n in 0..100 {
                sink.send(format!("{n},")).await?;
                sink.send("").await?;
            }
            Ok::<_, Gone>(())
        });
        let text = body.collect().await.expect("whole").to_bytes();
        assert!(text.starts_with(b"0,1,2,") && text.ends_with(b"98,99,"));
    }

    #[tokio::test]
    async fn a_failed_producer_is_not_a_whole_answer() {
        let body = body(async |sink| {
            sink.send("half").await.map_err(|gone| gone.to_string())?;
            Err("the store went away".to_owned())
        });
        assert!(body.collect().await.is_err());
    }

    #[tokio::test]
    async fn a_panicking_producer_is_not_a_whole_answer() {
        let body = body(async |sink| {
            sink.send("half").await?;
            panic!("a bug");
            #[expect(unreachable_code, reason = "names the type")]
            Ok::<_, Gone>(())
        });
        assert!(body.collect().await.is_err());
    }

    #[tokio::test]
    async fn a_producer_without_a_client_stops() {
        let (alive, dropped) = oneshot::channel::<()>();
        let body = body(async move |sink| {
            sink.send("x").await?;
            pending::<()>().await;
            drop(alive);
            Ok::<_, Gone>(())
        });
        tokio::task::yield_now().await;
        drop(body);
        assert!(dropped.await.is_err(), "the task must be gone");
    }

    #[tokio::test]
    async fn a_slow_client_holds_the_producer_back() {
        let (sent, mut count) = tokio::sync::watch::channel(0);
        let mut body = body(async move |sink| {
            for n in 1..=1000 {
                sink.send("x").await?;
                sent.send_replace(n);
            }
            Ok::<_, Gone>(())
        });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*count.borrow_and_update(), super::WAITING);
        body.frame().await.expect("a frame").expect("data");
        count.changed().await.expect("one more");
        assert_eq!(*count.borrow_and_update(), super::WAITING + 1);
    }
}

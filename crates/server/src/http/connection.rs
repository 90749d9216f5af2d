//! One connection: its deadlines, its requests in flight and its end.
//!
//! hyper closes an idle connection after the time it allows for a head, and waits for ever for the
//! first bytes. So the deadlines are kept here, around the stream: [`Timed`] fails a read when the
//! connection has been without a request for too long, and a write that makes no progress.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::Request;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};
use tower::ServiceExt;

use super::{address::PeerAddress, limits::Limits};

/// After our last byte, how long the peer may be quiet before the connection is dropped.
const LINGER_QUIET: Duration = Duration::from_millis(500);
/// The same, however much it keeps sending.
const LINGER_TOTAL: Duration = Duration::from_secs(5);

/// The requests in flight on one connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    in_flight: usize,
    /// When a connection without requests is given up.
    deadline: Instant,
    idle: Duration,
    /// Who reads while a request is in flight: woken when the deadline begins to run.
    reader: Option<Waker>,
}

impl Activity {
    /// A connection that was just opened.
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            in_flight: 0,
            deadline: Instant::now() + limits.header_timeout,
            idle: limits.idle_timeout,
            reader: None,
        })))
    }

    fn begin(self: &Arc<Self>) -> InFlight {
        self.state().in_flight += 1;
        InFlight(Arc::clone(self))
    }

    /// When the connection is given up. While a request is in flight that is unknown, and the
    /// task is woken when it is known.
    fn poll_deadline(&self, cx: &Context<'_>) -> Poll<Instant> {
        let mut state = self.state();
        if state.in_flight == 0 {
            return Poll::Ready(state.deadline);
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics under this lock, and two numbers cannot be half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight: from its head until its answer's last byte, or until it is dropped.
struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        if state.in_flight == 0 {
            state.deadline = Instant::now() + state.idle;
            if let Some(reader) = state.reader.take() {
                reader.wake();
            }
        }
    }
}

/// The application on one connection: tells each request its peer and counts it.
#[derive(Debug)]
pub(super) struct Counted<S> {
    pub(super) app: S,
    pub(super) peer: PeerAddress,
    pub(super) activity: Arc<Activity>,
}

impl<S> hyper::service::Service<Request<Incoming>> for Counted<S>
where
    S: tower::Service<Request<Body>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let in_flight = self.activity.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer);
        let app = self.app.clone();
        Box::pin(async move {
            let response = app.oneshot(request).await?;
            Ok(response.map(|body| Body::new(CountedBody { body, _in_flight: in_flight })))
        })
    }
}

/// An answer's body that keeps its request in flight until it is sent or dropped.
struct CountedBody {
    body: Body,
    _in_flight: InFlight,
}

impl http_body::Body for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream with deadlines.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    activity: Arc<Activity>,
    read: Alarm,
    write: Alarm,
    /// Longest time a write may make no progress.
    stall: Duration,
    /// Since when the present write makes no progress.
    stalled: Option<Instant>,
    end: Option<Linger>,
}

/// The end of a connection whose peer may still be sending.
#[derive(Debug)]
struct Linger {
    until: Instant,
    quiet_until: Instant,
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>, limits: &Limits) -> Self {
        Self {
            stream,
            activity,
            read: Alarm::default(),
            write: Alarm::default(),
            stall: limits.body_timeout,
            stalled: None,
            end: None,
        }
    }

    /// Lets a write wait for so long and no longer.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let since = *self.stalled.get_or_insert_with(Instant::now);
        ready!(self.write.poll(since + self.stall, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if result.is_ready() {
            return result;
        }
        let deadline = ready!(self.activity.poll_deadline(cx));
        ready!(self.read.poll(deadline, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Says goodbye, then reads and drops what still arrives, for a moment.
    ///
    /// Closing a socket with unread bytes resets the connection, and the client would lose the
    /// answer that told it why: a body over the limit would look like a broken network
    /// (RFC 9112 §9.6).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let end = if let Some(end) = &mut this.end {
            end
        } else {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            let now = Instant::now();
            let end = Linger { until: now + LINGER_TOTAL, quiet_until: now + LINGER_QUIET };
            this.end.insert(end)
        };
        loop {
            let mut space = [0; 4096];
            let mut buffer = ReadBuf::new(&mut space);
            match Pin::new(&mut this.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let now = Instant::now();
                    if now >= end.until {
                        return Poll::Ready(Ok(()));
                    }
                    end.quiet_until = end.until.min(now + LINGER_QUIET);
                }
                // The peer has closed too, or is gone.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return this.read.poll(end.quiet_until, cx).map(Ok),
            }
        }
    }
}

/// A timer that is made when it is first needed.
#[derive(Debug, Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if sleep.deadline() != at {
            sleep.as_mut().reset(at);
        }
        sleep.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, time::Duration};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::{Instant, sleep},
    };

    use super::{Activity, Timed};
    use crate::http::Limits;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_no_answer_is_given_up_and_a_slow_one_is_not() {
        let limits = Limits::default();
        let (mut client, server) = duplex(1024);
        let mut server = Timed::new(server, Activity::new(&limits), &limits);
        let answer = tokio::spawn(async move {
            let result = server.write_all(&[b'x'; 8192]).await;
            result.map_err(|error| error.kind())
        });
        let mut taken = [0; 1024];
        for _ in 0..4 {
            sleep(Duration::from_secs(29)).await;
            client.read_exact(&mut taken).await.expect("the next kilobyte");
        }
        let begun = Instant::now();
        assert_eq!(answer.await.expect("no panic"), Err(ErrorKind::TimedOut));
        assert_eq!(begun.elapsed().as_secs(), 30);
    }
}

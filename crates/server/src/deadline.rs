//! [`enforce`]: every request is answered within its deadline, whatever the store does.
//!
//! A database that hangs (a frozen machine, a disk that answers nothing) gives no error: whoever
//! waits for it waits for ever. The thread that waits stays where it is; the client gets an answer.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{App, error::HttpError};

/// Serves a request, and answers 503 where the answer is not there in time.
pub(crate) async fn enforce<F>(
    app: &App,
    mut request: Request,
    serve: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let limit = app.limits().request_deadline;
    let clock = Clock::default();
    request.extensions_mut().insert(Patience(clock.clone()));
    let request = request.map(|body| Body::new(Arriving { body, clock: clock.clone() }));
    let Some(response) = within(limit, &clock, serve(request)).await else {
        app.store().doubt();
        return HttpError::late(limit).into_response();
    };
    response.map(|body| Body::new(Leaving { body, limit, late: None }))
}

/// Lets a handler wait on purpose: for something that a client wants to be told of when it happens.
#[derive(Clone, Debug)]
pub(crate) struct Patience(Clock);

impl Patience {
    /// The answer may come so much later than otherwise.
    pub(crate) fn extend(&self, by: Duration) {
        self.0.times().more += by;
    }
}

/// Waits for the answer; `None`: it is late.
async fn within<T>(limit: Duration, clock: &Clock, answer: impl Future<Output = T>) -> Option<T> {
    let began = Instant::now();
    let mut answer = pin!(answer);
    let mut alarm = pin!(sleep_until(began + limit));
    poll_fn(|cx| {
        if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
            return Poll::Ready(Some(answer));
        }
        loop {
            let deadline = clock.deadline(began + limit, limit);
            if deadline != alarm.deadline() {
                alarm.as_mut().reset(deadline);
            }
            ready!(alarm.as_mut().poll(cx));
            // The client may have become quiet meanwhile.
            if clock.deadline(began + limit, limit) <= deadline {
                return Poll::Ready(None);
            }
        }
    })
    .await
}

/// The time that a request has beside its limit.
#[derive(Clone, Debug, Default)]
struct Clock(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    /// Since when the client is waited for.
    waiting: Option<Instant>,
    /// How long it was waited for before, and what its body buys.
    more: Duration,
}

impl Clock {
    fn times(&self) -> MutexGuard<'_, Times> {
        // Nothing panics under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the answer is late. While the client is waited for, that is a moment that moves.
    fn deadline(&self, first: Instant, limit: Duration) -> Instant {
        let times = self.times();
        match times.waiting {
            None => first + times.more,
            Some(_) => Instant::now() + limit,
        }
    }
}

/// The body of a request, whose client may take its time: other limits are for that.
struct Arriving {
    body: Body,
    clock: Clock,
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let mut times = self.clock.times();
        match &polled {
            Poll::Pending => _ = times.waiting.get_or_insert_with(Instant::now),
            Poll::Ready(frame) => {
                let waited = times.waiting.take().map(|since| since.elapsed());
                times.more += waited.unwrap_or_default();
                if let Some(Ok(frame)) = frame
                    && let Some(bytes) = frame.data_ref()
                {
                    // A second for each megabyte.
                    times.more += Duration::from_micros(bytes.len() as u64);
                }
            }
        }
        drop(times);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // No one waits for the rest of it.
        let mut times = self.clock.times();
        let waited = times.waiting.take().map(|since| since.elapsed());
        times.more += waited.unwrap_or_default();
    }
}

/// The body of an answer. It is cut off where what produces it gives nothing for too long while
/// the client waits: half an answer that stands still is no answer.
struct Leaving {
    body: Body,
    limit: Duration,
    late: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for Leaving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.late = None;
            return Poll::Ready(frame);
        }
        let at = Instant::now() + self.limit;
        let late = self.late.get_or_insert_with(|| Box::pin(sleep_until(at)));
        ready!(late.as_mut().poll(cx));
        tracing::error!("an answer was cut off: the store gave nothing more");
        let error = axum::Error::new(std::io::Error::from(std::io::ErrorKind::TimedOut));
        Poll::Ready(Some(Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::pending, time::Duration};

    use axum::body::Body;
    use bytes::Bytes;
    use futures_util::stream;
    use http_body_util::BodyExt as _;
    use tokio::time::{Instant, sleep};

    use super::{Arriving, Clock, Leaving, within};

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_store_that_hangs_is_answered() {
        let begun = Instant::now();
        assert!(within(LIMIT, &Clock::default(), pending::<()>()).await.is_none());
        assert_eq!(begun.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_a_slow_client_is_its_own_and_the_time_after_it_is_not() {
        let pieces = stream::unfold(0, async |sent| {
            sleep(Duration::from_secs(25)).await;
            (sent < 2).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"x")), sent + 1))
        });
        let clock = Clock::default();
        let body = Arriving { body: Body::from_stream(pieces), clock: clock.clone() };
        let begun = Instant::now();
        let answer = within(LIMIT, &clock, async {
            body.collect().await.expect("a body");
            pending::<()>().await;
        });
        assert!(answer.await.is_none());
        assert_eq!(begun.elapsed().as_secs(), 75 + 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_body_buys_time() {
        let clock = Clock::default();
        let large = Bytes::from(vec![b'x'; 5_000_000]);
        let body = Arriving { body: Body::from(large), clock: clock.clone() };
        let begun = Instant::now();
        let answer = within(LIMIT, &clock, async {
            body.collect().await.expect("a body");
            pending::<()>().await;
        });
        assert!(answer.await.is_none());
        assert_eq!(begun.elapsed().as_secs(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_stands_still_is_cut_off() {
        let pieces = stream::unfold(0, async |sent| {
            if sent == 3 {
                pending::<()>().await;
            }
            sleep(Duration::from_secs(9)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), sent + 1))
        });
        let mut body =
            Body::new(Leaving { body: Body::from_stream(pieces), limit: LIMIT, late: None });
        let begun = Instant::now();
        for _ in 0..3 {
            body.frame().await.expect("a frame").expect("data");
        }
        assert!(body.frame().await.expect("an end").is_err());
        assert_eq!(begun.elapsed().as_secs(), 3 * 9 + 10);
    }
}

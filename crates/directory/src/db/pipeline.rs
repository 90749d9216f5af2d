//! [`Pipeline`]: a connection to PostgreSQL on which no one waits for more than must be known.
//!
//! A statement whose outcome no one asks for is only sent; its answer is read along with the next
//! one that somebody waits for, at the commit at the latest. PostgreSQL runs statements in the order
//! in which they were sent, and refuses all others of a transaction once one has failed, so what is
//! read later is as certain as what is read at once.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    task::yield_now,
    time::timeout,
};
use tokio_postgres::{
    Client, Row, Statement, ToStatement,
    tls::MakeTlsConnect,
    types::{BorrowToSql, ToSql},
};

use crate::error::Error;

/// The longest that the answers to what was sent may take. PostgreSQL itself ends a statement
/// sooner (`statement_timeout`): a server that says nothing for so long hangs.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// What was sent, and will be answered.
type Unread = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

/// A connection to PostgreSQL.
pub(super) struct Pipeline {
    client: Arc<Client>,
    /// What was sent and not read yet, in its order.
    unread: VecDeque<Unread>,
    state: State,
    /// How long an answer may take.
    patience: Option<Duration>,
    /// How often somebody waited for an answer.
    round_trips: u64,
    // Last: it drives the connection of the client.
    runtime: Runtime,
}

/// How the last exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Sound,
    /// A statement failed that no one waited for: the failure is not that of the last one sent.
    FailedLate,
    /// Answers did not come, so the next ones cannot be told from them.
    Silent,
}

/// Why a commit did not succeed.
#[derive(Debug)]
pub(crate) enum NotCommitted {
    /// Nothing was committed: something failed before it.
    Failed(Error),
    /// It was sent, and its outcome is not known.
    Unknown(Error),
}

impl From<NotCommitted> for Error {
    fn from(why: NotCommitted) -> Self {
        match why {
            NotCommitted::Failed(error) | NotCommitted::Unknown(error) => error,
        }
    }
}

impl Pipeline {
    /// Connects, with a runtime of its own: it runs while somebody waits for an answer, on the
    /// thread of whoever waits.
    ///
    /// # Errors
    ///
    /// Those of the driver.
    pub(super) fn connect<T>(
        config: &tokio_postgres::Config,
        tls: T,
    ) -> Result<Self, tokio_postgres::Error>
    where
        T: MakeTlsConnect<tokio_postgres::Socket>,
        T::Stream: Send + 'static,
    {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the system gives a thread a place to wait at");
        let (client, connection) = runtime.block_on(config.connect(tls))?;
        runtime.spawn(async move {
            // Whoever waits for an answer is told of it, too.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
        Ok(Self {
            client: Arc::new(client),
            unread: VecDeque::new(),
            state: State::Sound,
            patience: None,
            round_trips: 0,
            runtime,
        })
    }

    /// Lets no one wait longer for an answer than this.
    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = Some(patience);
    }

    /// Whether it cannot be used any more.
    pub(super) fn is_closed(&self) -> bool {
        self.state == State::Silent || self.client.is_closed()
    }

    /// Whether the last failure was that of a statement that no one waited for.
    pub(super) fn failed_late(&self) -> bool {
        self.state == State::FailedLate
    }

    /// How often somebody waited for an answer.
    pub(super) fn round_trips(&self) -> u64 {
        self.round_trips
    }

    /// Sends a statement whose outcome no one waits for. Its parameters are not needed afterwards.
    pub(super) fn send<P>(&mut self, statement: Statement, params: Vec<P>)
    where
        P: BorrowToSql + Send + 'static,
    {
        let client = Arc::clone(&self.client);
        self.push(async move { client.execute_raw(&statement, params).await.map(drop) });
    }

    /// The same of statements without parameters. Where one fails, those after it are not run.
    pub(super) fn send_text(&mut self, text: String) {
        let client = Arc::clone(&self.client);
        self.push(async move { client.batch_execute(&text).await });
    }

    fn push(
        &mut self,
        sent: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
    ) {
        let mut sent: Unread = Box::pin(sent);
        // The driver sends when it is asked for the first time, and no one is told of the answer.
        self.unread.push_back(match sent.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => sent,
            // It was not even sent. Whoever reads the answers is told.
            Poll::Ready(result) => Box::pin(async { result }),
        });
    }

    /// Makes sure that what was sent is on its way, and does not wait for the answers.
    pub(super) fn flush(&self) {
        self.runtime.block_on(yield_now());
    }

    /// Reads all answers that are due.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        if self.unread.is_empty() {
            return Ok(());
        }
        let (earlier, ()) = self.exchange(async |_| ())?;
        Ok(earlier?)
    }

    /// The rows of a statement.
    pub(super) fn query<T>(
        &mut self,
        statement: &T,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error>
    where
        T: ?Sized + ToStatement,
    {
        self.ask(async |client| client.query(statement, params).await)
    }

    /// The only row of a statement.
    pub(super) fn query_one<T>(
        &mut self,
        statement: &T,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, Error>
    where
        T: ?Sized + ToStatement,
    {
        self.ask(async |client| client.query_one(statement, params).await)
    }

    /// The rows of several statements, all sent before the first is answered.
    pub(super) fn query_each<'p>(
        &mut self,
        statements: impl IntoIterator<Item = (Statement, Vec<&'p (dyn ToSql + Sync)>)>,
    ) -> Result<Vec<Vec<Row>>, Error> {
        self.ask(async |client| {
            let mut asked: Vec<_> = statements
                .into_iter()
                .map(|(statement, params)| {
                    Box::pin(async move { client.query(&statement, &params).await })
                })
                .collect();
            // All of them are sent, and some may be answered.
            let mut answers = Vec::with_capacity(asked.len());
            for one in &mut asked {
                answers.push(poll_fn(|cx| Poll::Ready(one.as_mut().poll(cx))).await);
            }
            let mut all = Vec::with_capacity(asked.len());
            for (one, answer) in asked.into_iter().zip(answers) {
                all.push(match answer {
                    Poll::Ready(rows) => rows?,
                    Poll::Pending => one.await?,
                });
            }
            Ok(all)
        })
    }

    /// Runs a statement, and answers how many rows it changed.
    pub(super) fn execute<T>(
        &mut self,
        statement: &T,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Error>
    where
        T: ?Sized + ToStatement,
    {
        self.ask(async |client| client.execute(statement, params).await)
    }

    /// Runs statements without parameters.
    pub(super) fn batch_execute(&mut self, text: &str) -> Result<(), Error> {
        self.ask(async |client| client.batch_execute(text).await)
    }

    pub(super) fn prepare(&mut self, text: &str) -> Result<Statement, Error> {
        self.ask(async |client| client.prepare(text).await)
    }

    /// Commits, together with what was sent before.
    pub(super) fn commit(&mut self) -> Result<(), NotCommitted> {
        let ended = self.exchange(async |client| client.batch_execute("commit").await);
        match ended.map_err(NotCommitted::Unknown)? {
            (Ok(()), Ok(())) => Ok(()),
            // What PostgreSQL refuses it does not commit, whatever follows.
            (Err(refused), _) if refused.as_db_error().is_some() => {
                Err(NotCommitted::Failed(refused.into()))
            }
            (Err(error), _) | (Ok(()), Err(error)) => Err(NotCommitted::Unknown(error.into())),
        }
    }

    /// Waits for one answer, and for all that are due before it.
    fn ask<T>(
        &mut self,
        asked: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let (earlier, answer) = self.exchange(asked)?;
        // Where an earlier one has failed, the last one fails of that.
        earlier?;
        Ok(answer?)
    }

    /// Sends, and reads the answers to all that was sent: how what was sent before went, and the
    /// answer itself.
    fn exchange<T>(
        &mut self,
        asked: impl AsyncFnOnce(&Client) -> T,
    ) -> Result<(Result<(), tokio_postgres::Error>, T), Error> {
        if self.state == State::Silent {
            return Err(silent());
        }
        let Self { client, unread, runtime, patience, .. } = self;
        let answers = async {
            let mut asked = pin!(asked(client));
            let first = poll_fn(|cx| Poll::Ready(asked.as_mut().poll(cx))).await;
            let mut earlier = Ok(());
            while let Some(answer) = unread.pop_front() {
                let answer = answer.await;
                if earlier.is_ok() {
                    earlier = answer;
                }
            }
            let answer = match first {
                Poll::Ready(answer) => answer,
                Poll::Pending => asked.await,
            };
            (earlier, answer)
        };
        let answers = runtime.block_on(async {
            match *patience {
                Some(patience) => timeout(patience, answers).await,
                None => Ok(answers.await),
            }
        });
        self.round_trips += 1;
        let Ok((earlier, answer)) = answers else {
            self.state = State::Silent;
            return Err(silent());
        };
        self.state = if earlier.is_ok() { State::Sound } else { State::FailedLate };
        Ok((earlier, answer))
    }
}

fn silent() -> Error {
    let seconds = ANSWER_LIMIT.as_secs();
    Error::Unavailable(format!("PostgreSQL did not answer within {seconds} s"))
}

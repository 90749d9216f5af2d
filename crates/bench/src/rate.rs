//! [`Client`]: sends one request after another; how many are answered in a second.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    http::{Connection, Request},
    series::Series,
    site::Usage,
};

/// A connection and what is sent on it.
pub(crate) struct Client {
    connection: Connection,
    next: Box<dyn FnMut() -> Request + Send>,
    /// What each answer has to be.
    status: u16,
}

impl Client {
    pub(crate) fn new(
        connection: Connection,
        status: u16,
        next: impl FnMut() -> Request + Send + 'static,
    ) -> Self {
        Self { connection, next: Box::new(next), status }
    }

    async fn once(&mut self) -> Result<Duration> {
        let request = (self.next)();
        let begun = Instant::now();
        let answer = self.connection.exchange(&request).await?;
        let time = begun.elapsed();
        let (status, wanted) = (answer.status, self.status);
        ensure!(status == wanted, "{status}: {}", String::from_utf8_lossy(answer.body));
        Ok(time)
    }

    async fn until(mut self, end: Instant) -> Result<(Self, Series)> {
        let mut times = Series::default();
        while Instant::now() < end {
            times.push(self.once().await?);
        }
        Ok((self, times))
    }
}

/// What so many clients got done in some time.
#[derive(Debug, Default)]
pub(crate) struct Spurt {
    pub(crate) times: Series,
    /// Requests, or whatever was done instead.
    pub(crate) done: usize,
    pub(crate) elapsed: Duration,
    pub(crate) usage: Usage,
}

impl Spurt {
    /// How many in a second.
    pub(crate) fn rate(&self) -> f64 {
        crate::figures::number(self.done) / self.elapsed.as_secs_f64()
    }
}

/// Lets the first `count` clients work for some time. Each has a connection before the time
/// begins.
pub(crate) fn spurt(
    runtime: &Runtime,
    clients: &mut Vec<Client>,
    count: usize,
    time: Duration,
    usage: impl Fn() -> Usage,
) -> Result<Spurt> {
    let mut taken: Vec<Client> = clients.drain(..count).collect();
    runtime.block_on(async {
        for client in &mut taken {
            client.once().await?;
        }
        let (before, begun) = (usage(), Instant::now());
        let mut tasks = JoinSet::new();
        for client in taken {
            tasks.spawn(client.until(begun + time));
        }
        let mut spurt = Spurt::default();
        while let Some(ended) = tasks.join_next().await {
            let (client, times) = ended.context("a client failed")??;
            clients.push(client);
            spurt.times.extend(times);
        }
        spurt.elapsed = begun.elapsed();
        spurt.usage = usage().since(before);
        spurt.done = spurt.times.len();
        Ok(spurt)
    })
}

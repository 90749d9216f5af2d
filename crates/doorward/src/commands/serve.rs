//! `doorward serve`

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use directory::Store;
use doorward::config::{Config, check};
use serde_json::json;
use tokio::{net::TcpListener, select};

use super::{
    service::{Reach, Service},
    store::{self, Missing},
};
use crate::answer::{self, Answer};

/// `doorward serve`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address and port to listen on [default: 127.0.0.1:8400]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
}

/// Serves until the process is told to end, then finishes what is in flight.
pub(crate) async fn run(config: &Config, json: bool) -> Result<Answer> {
    for finding in check(config) {
        tracing::warn!("{finding}");
    }
    // From here on a signal is a wish, even while the store is being opened.
    let signals = Signals::listen()?;
    let store = store::open(config, Missing::Create).await?;
    let result = serve(config, &store, signals, json).await;
    store::close(store).await?;
    if result.is_ok() {
        tracing::info!("stopped");
    }
    result.map(|()| Answer::nothing())
}

async fn serve(config: &Config, store: &Store, mut signals: Signals, json: bool) -> Result<()> {
    let listener = bind(config.network.listen).await?;
    let mut service = Service::start(config, store, listener)?;
    let Reach { address, public_url } = &service.reach;
    tracing::info!("listening on {address}; base URL for SCIM 2.0: {public_url}/scim/v2");
    if json {
        let ready = json!({ "address": address.to_string(), "public_url": public_url });
        answer::line(&ready.to_string())?;
    }
    select! {
        ended = service.ended() => {
            ended?;
            bail!("the server ended by itself")
        }
        signal = signals.next() => {
            let grace = config.limits.shutdown_grace.as_secs();
            tracing::info!("{signal}: requests in flight have {grace} s; again: end at once");
            signals.end_at_the_next();
            service.end().await
        }
    }
}

/// Listens on an address.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; `--listen ADDR` chooses another address or port")
    })
}

/// The ways in which a process is told to end.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on the signals do not end the process by themselves.
    pub(crate) fn listen() -> Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};

            let wait = |kind| signal(kind).context("cannot wait for signals");
            Ok(Self {
                interrupt: wait(SignalKind::interrupt())?,
                terminate: wait(SignalKind::terminate())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next one, and names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        #[cfg(unix)]
        select! {
            _ = self.interrupt.recv() => "interrupted",
            _ = self.terminate.recv() => "told to end",
        }
        #[cfg(not(unix))]
        {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            "interrupted"
        }
    }

    /// Whoever asks twice does not want to wait. What was acknowledged is kept all the same.
    pub(crate) fn end_at_the_next(mut self) {
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(1);
        });
    }
}

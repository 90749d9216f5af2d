//! `doorward serve`

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use directory::Store;
use doorward::{
    config::{Config, check},
    logging,
};
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
    // From here on a signal asks for a clean end, even while the store is being opened.
    let signals = Signals::listen()?;
    // Before the store: a server that cannot listen makes none.
    let listener = bind(config.network.listen).await?;
    let store = store::open(config, Missing::Create).await?;
    let start = Start { listener, is_new: store.was_created(), json };
    let result = serve(config, &store, signals, start).await;
    store::close(store).await?;
    if result.is_ok() {
        tracing::info!("stopped");
    }
    result.map(|()| Answer::nothing())
}

/// How a server begins.
struct Start {
    listener: TcpListener,
    /// Whether the store was made just now.
    is_new: bool,
    json: bool,
}

async fn serve(config: &Config, store: &Store, mut signals: Signals, start: Start) -> Result<()> {
    let mut service = Service::start(config, &store::installation(store), start.listener).await?;
    let Reach { address, public_url } = &service.reach;
    if start.is_new {
        tracing::warn!("there was no store in {}: made an empty one", store::place(config));
    }
    tracing::info!("listening on {address}; base URL for SCIM 2.0: {public_url}/scim/v2");
    // Whoever waits for it reads the log.
    logging::flush();
    if start.json {
        let ready = json!({
            "address": address.to_string(),
            "public_url": public_url.as_str(),
            "made_store": start.is_new,
        });
        answer::line(&ready.to_string())?;
    } else if start.is_new {
        answer::line(&empty(config))?;
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

/// What to do with a store that was made just now.
fn empty(config: &Config) -> String {
    let (place, doorward) = (store::place(config), store::command(config));
    format!(
        "There was no store in {place}, so this server made an empty one.\n\
         If you expected one to be there: stop the server, and name the right directory with `--data`.\n\
         Otherwise go on from another terminal:\n\n  \
         {doorward} organization create \"Acme Corporation\" --slug acme\n  \
         {doorward} connection create --organization acme --provider okta\n"
    )
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
            logging::flush();
            std::process::exit(1);
        });
    }
}

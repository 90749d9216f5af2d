//! [`Service`]: a server that runs, with what runs beside it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use directory::{
    Installation, Lock, Random, Store,
    maintenance::{prune, reap},
};
use doorward::{
    config::{Config, Kept, PublicUrl},
    descriptors,
};
use server::{ServerOptions, http::Limits};
use tokio::{net::TcpListener, select, sync::watch, task::JoinHandle, time::sleep};

use super::{public_url, store};
use crate::problem;

/// How often the reaper looks for something to clear away.
const REAP_EVERY: Duration = Duration::from_secs(5);
/// How often old records are removed.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// A server on a store, until it is told to end.
#[derive(Debug)]
pub(crate) struct Service {
    /// How it is reached.
    pub(crate) reach: Reach,
    stop: watch::Sender<bool>,
    server: Option<JoinHandle<std::io::Result<()>>>,
    upkeep: JoinHandle<()>,
    _lock: Lock,
}

/// How a service is reached.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The address for providers.
    pub(crate) public_url: PublicUrl,
}

impl Service {
    /// Starts serving on a listener, and tells the commands that come after by which address it is
    /// reached. Two services on one data directory are refused.
    pub(crate) async fn start(
        config: &Config,
        installation: &Installation,
        listener: TcpListener,
    ) -> Result<Self> {
        let lock = store::lock(config)?;
        // The port may have been chosen by the system.
        let address = listener.local_addr().context("cannot tell the address")?;
        let public_url = config.network.public_url_at(address);
        public_url::remember(config, installation, &public_url).await?;
        let store = installation.store();
        let (stop, stopped) = watch::channel(false);
        let options = ServerOptions {
            application: config.application.clone(),
            store: store.clone(),
            random: Arc::new(Random::from_system()),
            public_url: public_url.to_string(),
            limits: Limits {
                connections: descriptors::make_room(config.limits.connections),
                ..config.limits.clone()
            },
            sessions: config.sessions,
            trusted_proxies: config.network.trusted_proxies.networks().to_vec(),
            dns_server: config.network.dns_server,
            outbound_allow: config.network.outbound_allow.clone(),
            metrics_allow: config.network.metrics_allow.clone(),
        };
        let upkeep = tokio::spawn(upkeep(store.clone(), config.kept, stopped.clone()));
        let server = tokio::spawn(server::serve(listener, options, until(stopped)));
        let reach = Reach { address, public_url };
        Ok(Self { reach, stop, server: Some(server), upkeep, _lock: lock })
    }

    /// Waits until the server ends. Without being told to, it should not.
    pub(crate) async fn ended(&mut self) -> Result<()> {
        let Some(server) = &mut self.server else { return Ok(()) };
        let ended = server.await;
        self.server = None;
        ended.context("the server failed")?.context("the server failed")
    }

    /// Ends it: requests in flight are finished.
    pub(crate) async fn end(mut self) -> Result<()> {
        self.stop.send_replace(true);
        let ended = self.ended().await;
        self.upkeep.await.context("the upkeep of the store failed")?;
        ended
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // That no one is left to say it is an end, too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Clears away what was deleted, and removes what is old, until it is told to stop.
async fn upkeep(store: Store, kept: Kept, stopped: watch::Receiver<bool>) {
    let reaping = async {
        loop {
            sleep(reap(&store).await).await;
        }
    };
    let pruning = async {
        loop {
            prune(&store, kept).await;
            sleep(PRUNE_EVERY).await;
        }
    };
    select! {
        biased;
        () = until(stopped) => {}
        () = reaping => {}
        () = pruning => {}
    }
}

/// Clears a piece away. Answers how long to wait before the next.
async fn reap(store: &Store) -> Duration {
    match reap::step(store).await {
        Ok(true) => Duration::ZERO,
        Ok(false) => REAP_EVERY,
        Err(error) => {
            let error = problem::sentence(&error.into());
            tracing::error!(error, "cannot clear away deleted records; trying again");
            REAP_EVERY
        }
    }
}

async fn prune(store: &Store, kept: Kept) {
    if let Err(error) = prune::sync_logs(store).await {
        let error = problem::sentence(&error.into());
        tracing::error!(error, "cannot remove old entries of the sync logs; trying again later");
    }
    if let Err(error) = prune::sign_ins(store).await {
        let error = problem::sentence(&error.into());
        tracing::error!(error, "cannot remove sessions that ended; trying again later");
    }
    match directory::audit::sign(store).await {
        Ok(0) => {}
        Ok(signed) => tracing::debug!(signed, "heads of chains were signed"),
        Err(error) => {
            let error = problem::sentence(&error.into());
            tracing::error!(error, "cannot sign the heads of chains; trying again later");
        }
    }
    if let Some(kept) = kept.events {
        match prune::events(store, kept).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "events are not kept any more"),
            Err(error) => {
                let error = problem::sentence(&error.into());
                tracing::error!(error, "cannot remove old events; trying again later");
            }
        }
    }
    match prune::pending_members(store, kept.pending_members).await {
        Ok(0) => {}
        Ok(forgotten) => {
            tracing::info!(forgotten, "members that groups had named did not arrive in time");
        }
        Err(error) => {
            let error = problem::sentence(&error.into());
            tracing::error!(error, "cannot forget members that did not arrive; trying again later");
        }
    }
}

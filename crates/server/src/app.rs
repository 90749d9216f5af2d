//! [`App`]: what every request can reach.

use std::{net::SocketAddr, sync::Arc};

use directory::{ConnectionId, Random, Store, program, session};
use ipnet::IpNet;

use crate::{
    api::snapshot::Snapshots,
    cookie::Jar,
    dns::Resolver,
    entrance::Tries,
    http::{
        Drain, Limits, TrustedProxies, auth_failures::AuthFailureLimiter,
        large_bodies::LargeBodies, rate::RateLimit,
    },
    metrics::Metrics,
    oauth::client_keys::ClientKeys,
    outbound::Outbound,
    sync_log::SyncLog,
    trouble::Troubles,
};

/// The application that people know: its administrators meet Doorward under this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Where its customers write to.
    pub support: Option<String>,
}

impl Default for Application {
    fn default() -> Self {
        Self { name: "Doorward".to_owned(), support: None }
    }
}

/// How a server is set up.
#[derive(Debug)]
pub struct ServerOptions {
    /// The application that people know.
    pub application: Application,
    /// The directory.
    pub store: Store,
    /// Where the ids of requests come from.
    pub random: Arc<Random>,
    /// The address under which the world reaches this server, without a slash at its end.
    pub public_url: String,
    /// How much a request may cost.
    pub limits: Limits,
    /// How long people stay signed in.
    pub sessions: session::Policy,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The DNS server that is asked about domains; none: the one that the system asks.
    pub dns_server: Option<SocketAddr>,
    /// Networks beside the public ones that requests may be sent to.
    pub outbound_allow: Vec<IpNet>,
    /// Networks beside this machine that may read the metrics.
    pub metrics_allow: Vec<IpNet>,
}

/// What every request can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    application: Application,
    store: Store,
    random: Arc<Random>,
    public_url: String,
    limits: Limits,
    sessions: session::Policy,
    proxies: TrustedProxies,
    auth_failures: AuthFailureLimiter,
    tries: Tries,
    drain: Drain,
    dns_server: Option<SocketAddr>,
    outbound: Outbound,
    client_keys: ClientKeys,
    snapshots: Snapshots,
    sync_log: SyncLog,
    connection_rate: RateLimit<ConnectionId>,
    api_key_rate: RateLimit<program::Which>,
    metrics: Metrics,
    metrics_allow: Vec<IpNet>,
    troubles: Troubles,
    large_bodies: LargeBodies<ConnectionId>,
}

impl App {
    /// Sets a server up.
    #[must_use]
    pub fn new(options: ServerOptions) -> Self {
        let ServerOptions {
            application,
            store,
            random,
            public_url,
            limits,
            sessions,
            trusted_proxies,
            dns_server,
            outbound_allow,
            metrics_allow,
        } = options;
        Self(Arc::new(Inner {
            application,
            metrics: Metrics::new(&store),
            metrics_allow,
            store,
            random,
            auth_failures: AuthFailureLimiter::new(&limits),
            tries: Tries::default(),
            connection_rate: RateLimit::per_minute(limits.connection_rate),
            api_key_rate: RateLimit::per_minute(limits.api_key_rate),
            limits,
            sessions,
            proxies: TrustedProxies::new(trusted_proxies),
            drain: Drain::new(),
            dns_server,
            outbound: Outbound::for_server(&public_url, outbound_allow),
            public_url,
            client_keys: ClientKeys::default(),
            snapshots: Snapshots::default(),
            sync_log: SyncLog::default(),
            troubles: Troubles::default(),
            large_bodies: LargeBodies::default(),
        }))
    }

    /// The directory.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Where the ids of requests come from.
    #[must_use]
    pub fn random(&self) -> &Arc<Random> {
        &self.0.random
    }

    /// The application that people know.
    pub(crate) fn application(&self) -> &Application {
        &self.0.application
    }

    /// The address under which the world reaches this server.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// How long people stay signed in.
    pub(crate) fn sessions(&self) -> session::Policy {
        self.0.sessions
    }

    /// Scheme, host and port of this server, as browsers name where a request comes from.
    pub(crate) fn origin(&self) -> &str {
        let url = self.public_url();
        let host = url.find("://").map_or(0, |at| at + 3);
        url[host..].find('/').map_or(url, |at| &url[..host + at])
    }

    /// The cookies of this server.
    pub(crate) fn cookies(&self) -> Jar {
        Jar::of(self.public_url())
    }

    /// How much a request may cost.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Whether the server is on its way out.
    #[must_use]
    pub fn drain(&self) -> &Drain {
        &self.0.drain
    }

    /// Who is asked about domains.
    pub(crate) fn resolver(&self) -> Resolver {
        self.0.dns_server.map_or_else(Resolver::of_system, Resolver::new)
    }

    /// Requests to addresses that others chose.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// The snapshots that are being told.
    pub(crate) fn snapshots(&self) -> &Snapshots {
        &self.0.snapshots
    }

    /// Keys that clients publish.
    pub(crate) fn client_keys(&self) -> &ClientKeys {
        &self.0.client_keys
    }

    /// What is wrong with the ways in which providers call, on its way into the store.
    #[must_use]
    pub fn troubles(&self) -> &Troubles {
        &self.0.troubles
    }

    /// What providers asked for, on its way into the store.
    #[must_use]
    pub fn sync_log(&self) -> &SyncLog {
        &self.0.sync_log
    }

    /// How many requests each connection may make over SCIM.
    pub(crate) fn connection_rate(&self) -> &RateLimit<ConnectionId> {
        &self.0.connection_rate
    }

    /// How many requests each API key may make, and each client that acts for itself.
    pub(crate) fn api_key_rate(&self) -> &RateLimit<program::Which> {
        &self.0.api_key_rate
    }

    /// What this server counts.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Networks beside this machine that may read the metrics.
    pub(crate) fn metrics_allow(&self) -> &[IpNet] {
        &self.0.metrics_allow
    }

    pub(crate) fn large_bodies(&self) -> &LargeBodies<ConnectionId> {
        &self.0.large_bodies
    }

    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.0.proxies
    }

    pub(crate) fn tries(&self) -> &Tries {
        &self.0.tries
    }

    pub(crate) fn auth_failures(&self) -> &AuthFailureLimiter {
        &self.0.auth_failures
    }
}

//! [`App`]: what every request can reach.

use std::sync::Arc;

use directory::Store;
use ipnet::IpNet;

use crate::http::{Drain, Limits, TrustedProxies, failures::Failures};

/// How a server is set up.
#[derive(Debug)]
pub struct ServerOptions {
    /// The directory.
    pub store: Store,
    /// The address under which the world reaches this server, without a slash at its end.
    pub public_url: String,
    /// How much a request may cost.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// What every request can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    public_url: String,
    limits: Limits,
    proxies: TrustedProxies,
    failures: Failures,
    drain: Drain,
}

impl App {
    /// Sets a server up.
    #[must_use]
    pub fn new(options: ServerOptions) -> Self {
        let ServerOptions { store, public_url, limits, trusted_proxies } = options;
        Self(Arc::new(Inner {
            store,
            public_url,
            failures: Failures::per_minute(limits.auth_failures),
            limits,
            proxies: TrustedProxies::new(trusted_proxies),
            drain: Drain::new(),
        }))
    }

    /// The directory.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The address under which the world reaches this server.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
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

    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.0.proxies
    }

    pub(crate) fn failures(&self) -> &Failures {
        &self.0.failures
    }
}

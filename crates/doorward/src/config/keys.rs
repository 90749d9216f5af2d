//! [`KEYS`]: every key there is.

/// One key of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// As it stands in the file; `limits.body` is `body` in the table `limits`.
    pub name: &'static str,
    /// The flag that sets it, if there is one.
    pub flag: Option<&'static str>,
}

impl Key {
    /// The variable that sets it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.replace('.', "_").to_uppercase())
    }
}

/// How each of our variables begins.
pub const PREFIX: &str = "DOORWARD_";

/// Every key, in the order of the documentation.
pub const KEYS: &[Key] = &[
    flag("data", "--data"),
    flag("database_url", "--database-url"),
    key("store.writers"),
    key("store.readers"),
    key("store.scanners"),
    flag("listen", "--listen"),
    flag("public_url", "--public-url"),
    key("trusted_proxies"),
    key("dns_server"),
    key("application.name"),
    key("application.support"),
    key("outbound_allow"),
    key("metrics_allow"),
    key("pending_members_kept"),
    key("events_kept"),
    flag("log", "--log"),
    flag("log_format", "--log-format"),
    key("limits.body"),
    key("limits.group_body"),
    key("limits.bulk_body"),
    key("limits.bulk_operations"),
    key("limits.json_depth"),
    key("limits.json_names"),
    key("limits.filter_bytes"),
    key("limits.filter_depth"),
    key("limits.patch_operations"),
    key("limits.page_default"),
    key("limits.page_max"),
    key("limits.header_timeout"),
    key("limits.idle_timeout"),
    key("limits.body_timeout"),
    key("limits.body_rate"),
    key("limits.request_deadline"),
    key("limits.gzip_ratio"),
    key("limits.connections"),
    key("limits.shutdown_grace"),
    key("limits.session_idle"),
    key("limits.session_life"),
    key("limits.scan_budget"),
    key("limits.auth_failures"),
    key("limits.auth_failures_per_address"),
    key("limits.connection_rate"),
    key("limits.api_key_rate"),
];

const fn key(name: &'static str) -> Key {
    Key { name, flag: None }
}

const fn flag(name: &'static str, flag: &'static str) -> Key {
    Key { name, flag: Some(flag) }
}

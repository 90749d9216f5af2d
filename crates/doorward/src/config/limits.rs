//! The table `[limits]`.

use directory::session::Policy;
use server::http::Limits;

use super::{
    settings::Settings,
    units::{count, duration, rate, size, wait},
};

/// The JSON parser itself stops at 128.
const JSON_DEPTH: u64 = 100;
/// Parsing and evaluating a filter use the stack.
const FILTER_DEPTH: u64 = 200;

/// Reads the table over the defaults.
pub(super) fn read(settings: &mut Settings) -> Limits {
    let mut limits = Limits::default();
    let any = u64::from(u32::MAX);
    settings.set("limits.body", &mut limits.body, size);
    settings.set("limits.group_body", &mut limits.group_body, size);
    settings.set("limits.bulk_body", &mut limits.bulk_body, size);
    settings.set("limits.bulk_operations", &mut limits.bulk_operations, count(any));
    settings.set("limits.json_depth", &mut limits.json_depth, count(JSON_DEPTH));
    settings.set("limits.json_names", &mut limits.json_names, count(any));
    settings.set("limits.filter_bytes", &mut limits.filter_bytes, size);
    settings.set("limits.filter_depth", &mut limits.filter_depth, count(FILTER_DEPTH));
    settings.set("limits.patch_operations", &mut limits.patch_operations, count(any));
    settings.set("limits.page_default", &mut limits.page_default, count(any));
    settings.set("limits.page_max", &mut limits.page_max, count(any));
    settings.set("limits.header_timeout", &mut limits.header_timeout, wait);
    settings.set("limits.idle_timeout", &mut limits.idle_timeout, wait);
    settings.set("limits.body_timeout", &mut limits.body_timeout, wait);
    settings.set("limits.body_rate", &mut limits.body_rate, size);
    settings.set("limits.request_deadline", &mut limits.request_deadline, wait);
    settings.set("limits.gzip_ratio", &mut limits.gzip_ratio, count(any));
    settings.set("limits.connections", &mut limits.connections, count(any));
    settings.set("limits.shutdown_grace", &mut limits.shutdown_grace, duration);
    settings.set("limits.scan_budget", &mut limits.scan_budget, count(any));
    settings.set("limits.auth_failures", &mut limits.auth_failures, count(any));
    let per_address = &mut limits.auth_failures_per_address;
    settings.set("limits.auth_failures_per_address", per_address, count(any));
    settings.set("limits.connection_rate", &mut limits.connection_rate, rate);
    settings.set("limits.api_key_rate", &mut limits.api_key_rate, rate);
    agree(settings, &limits);
    limits
}

/// How long people stay signed in.
pub(super) fn sessions(settings: &mut Settings) -> Policy {
    let mut policy = Policy::default();
    settings.set("limits.session_idle", &mut policy.idle, wait);
    settings.set("limits.session_life", &mut policy.life, wait);
    if policy.idle > policy.life {
        let message = "is more than `limits.session_life`";
        let key = written(settings, "limits.session_idle", "limits.session_life");
        settings.problem_at(key, &explained(key, "limits.session_idle", message));
    }
    policy
}

/// Limits that only make sense together.
fn agree(settings: &mut Settings, limits: &Limits) {
    if limits.page_default > limits.page_max {
        let message = "is more than `limits.page_max`";
        let key = written(settings, "limits.page_default", "limits.page_max");
        settings.problem_at(key, &explained(key, "limits.page_default", message));
    }
    if limits.body > limits.group_body {
        let message = "is more than `limits.group_body`";
        let key = written(settings, "limits.body", "limits.group_body");
        settings.problem_at(key, &explained(key, "limits.body", message));
    }
}

/// The key to blame: the first, unless only the second was written.
fn written(settings: &Settings, first: &'static str, second: &'static str) -> &'static str {
    if settings.origin(first).is_some() { first } else { second }
}

/// The message, with its subject where that is not the key it stands at.
fn explained(key: &str, subject: &str, message: &str) -> String {
    if key == subject { message.to_owned() } else { format!("`{subject}` {message}") }
}

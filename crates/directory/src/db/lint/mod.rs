//! What holds for every statement of the crate: both engines can prepare it, it stays in its
//! organization, it uses nothing that only one engine has, and it finds its rows by an index. And
//! for every table: it is the same on both engines, and as the registry says.

mod catalogue;
mod clearing;
mod engines;
pub(crate) mod fresh;
mod live;
mod reading;
mod sources;
mod tenancy;
mod walls;

use super::statement::Declared;
use crate::{
    access, audit, break_glass, checksum, connection, credential, domain, event, feed, history,
    idempotency, installation, maintenance, oauth, organization, plan, removal, resource, role,
    saml, schemas, search, session, setup_link, sign_in, snapshot, store::tables::CLEARING,
    sync_log, trouble, webhook,
};

macro_rules! modules {
    ($($($part:ident)::+;)*) => {
        /// The statements of every module that declares some. `sources` sees to it that none is
        /// missing.
        const MODULES: &[(&str, &[(&str, Declared)])] =
            &[$((stringify!($($part)::+), $($part)::+::STATEMENTS)),*];
    };
}

modules! {
    access::guard;
    audit;
    audit::head;
    break_glass;
    checksum;
    connection;
    connection::settings;
    credential::api_key;
    credential::caller;
    credential::token;
    domain;
    event;
    event::retention;
    feed;
    history;
    idempotency;
    installation::folding;
    installation::key;
    installation::settings;
    maintenance::reap;
    maintenance::reap::everywhere;
    maintenance::rekey;
    maintenance::verify::chains;
    maintenance::verify::removals;
    maintenance::verify::roles;
    maintenance::verify::rows;
    oauth::client;
    oauth::client::create;
    oauth::client::secret;
    oauth::grant;
    oauth::key;
    oauth::logout;
    oauth::logout::everywhere;
    oauth::replay;
    oauth::token;
    organization;
    plan;
    removal::decide;
    removal::held;
    removal::judge;
    removal::limits;
    removal::prune;
    resource;
    resource::group;
    resource::group::members;
    resource::group::staging;
    resource::index;
    resource::membership;
    resource::pending;
    resource::pushed;
    resource::rank;
    resource::save;
    resource::tombstone;
    role;
    role::assignment;
    role::mapping;
    saml;
    saml::certificate;
    saml::request_key;
    saml::source;
    saml::source::everywhere;
    schemas;
    schemas::fit;
    schemas::index;
    schemas::register;
    search::candidates;
    search::columns;
    search::index_scan;
    search::membership;
    session;
    setup_link;
    sign_in;
    sign_in::person;
    snapshot;
    crate::store;
    crate::store::counters;
    sync_log;
    trouble;
    webhook::delivery;
    webhook::endpoint;
    webhook::secret;
    webhook::work::claim;
    webhook::work::everywhere;
    webhook::work::gather;
    webhook::work::record;
    webhook::work::wake;
}

/// Every statement, as `module::NAME` and as it is written for PostgreSQL; lists with two elements.
fn all() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (module, statements) in MODULES {
        let module = module.replace(' ', "");
        for (name, declared) in *statements {
            let text = match declared {
                Declared::Sql(sql) => sql.text().to_owned(),
                Declared::ListSql(sql) => {
                    let fixed = [sql.head, sql.item, sql.tail].map(reading::last_parameter);
                    sql.text(fixed.into_iter().max().unwrap_or(0), 2)
                }
            };
            all.push((format!("{module}::{name}"), text));
        }
    }
    let clearing = CLEARING.iter();
    all.extend(clearing.map(|(table, sql)| (format!("tables::{table}"), sql.text().to_owned())));
    all
}

/// Statements to which a rule does not apply, and why.
type Exceptions = &'static [(&'static str, &'static str)];

/// Fails where a statement breaks a rule and is no exception, and where an exception is none: it
/// keeps the rule, or there is no such statement. `breach` says how a text breaks the rule.
fn expect_of_all(exceptions: Exceptions, breach: impl Fn(&str) -> Option<String>) {
    let mut complaints = Vec::new();
    let all = all();
    for (name, text) in &all {
        let is_exception = exceptions.iter().any(|(exception, _)| exception == name);
        match (breach(text), is_exception) {
            (Some(breach), false) => complaints.push(format!("{name}: {breach}: {text}")),
            (None, true) => complaints.push(format!("{name} needs no exception")),
            _ => {}
        }
    }
    for (exception, _) in exceptions {
        if !all.iter().any(|(name, _)| name == exception) {
            complaints.push(format!("{exception} is an exception, and there is no such statement"));
        }
    }
    expect_none(&complaints);
}

/// Fails with all complaints at once.
fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

//! What holds for every statement of the crate: both engines can prepare it, it stays in its
//! organization, it uses nothing that only one engine has, and it finds its rows by an index.

mod engines;
mod reading;
mod sources;
mod tenancy;

use super::statement::Declared;
use crate::{
    connection, custom, event, group, index, installation, member, organization, pending, rank,
    reap, resource, schemas, search, token, user, verify,
};

/// The statements of every module that declares some. `sources` sees to it that none is missing.
const MODULES: &[(&str, &[(&str, Declared)])] = &[
    ("connection", connection::STATEMENTS),
    ("custom", custom::STATEMENTS),
    ("custom::create", custom::create::STATEMENTS),
    ("custom::save", custom::save::STATEMENTS),
    ("db::scope", super::scope::STATEMENTS),
    ("db::store", super::store::STATEMENTS),
    ("event", event::STATEMENTS),
    ("group", group::STATEMENTS),
    ("group::create", group::create::STATEMENTS),
    ("group::delete", group::delete::STATEMENTS),
    ("group::membership", group::membership::STATEMENTS),
    ("group::save", group::save::STATEMENTS),
    ("group::waiting", group::waiting::STATEMENTS),
    ("index", index::STATEMENTS),
    ("installation", installation::STATEMENTS),
    ("member", member::STATEMENTS),
    ("organization", organization::STATEMENTS),
    ("pending", pending::STATEMENTS),
    ("rank", rank::STATEMENTS),
    ("reap", reap::STATEMENTS),
    ("reap::maintenance", reap::maintenance::STATEMENTS),
    ("reap::organization", reap::organization::STATEMENTS),
    ("resource", resource::STATEMENTS),
    ("schemas", schemas::STATEMENTS),
    ("schemas::fit", schemas::fit::STATEMENTS),
    ("schemas::index", schemas::index::STATEMENTS),
    ("schemas::register", schemas::register::STATEMENTS),
    ("search::candidates", search::candidates::STATEMENTS),
    ("search::columns", search::columns::STATEMENTS),
    ("search::cursor", search::cursor::STATEMENTS),
    ("search::lines", search::lines::STATEMENTS),
    ("search::members", search::members::STATEMENTS),
    ("token", token::STATEMENTS),
    ("user", user::STATEMENTS),
    ("user::create", user::create::STATEMENTS),
    ("user::delete", user::delete::STATEMENTS),
    ("user::save", user::save::STATEMENTS),
    ("user::tombstone", user::tombstone::STATEMENTS),
    ("verify::events", verify::events::STATEMENTS),
    ("verify::rows", verify::rows::STATEMENTS),
];

/// Every statement, as `module::NAME` and as the engines read it; lists with two elements.
fn all() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (module, statements) in MODULES {
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
    all
}

/// Fails with all complaints at once.
fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

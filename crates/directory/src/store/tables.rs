//! [`TABLES`]: every table of the store, in one list.
//!
//! Clearing a deleted organization away, verifying, linting and the planners' statistics read it; a
//! test compares it with the catalogue of both engines. A new table is a part of a migration, a
//! line here, and a folder of the domain.

use std::sync::LazyLock;

use crate::db::Sql;

/// One table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Whose rows it holds, and for how long.
    pub(crate) rows: Rows,
    /// Its indexes; the first is the primary key.
    pub(crate) indexes: &'static [Index],
}

/// Whose rows a table holds, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Of the installation, or of the way to an organization.
    Installation,
    /// Of an organization, by `org`, and few of each: they are cleared away with it, all at once.
    Few,
    /// Of an organization, and the way to it for whoever does not know it yet: few, and cleared away
    /// with it, all at once.
    Way,
    /// Of an organization: they are cleared away with it, in pieces in the order of this column. Of
    /// two, the first is that of a few groups, of which one is cleared away after the other. An
    /// index has them after `org`.
    Many(&'static str),
    /// Of an organization, and they outlive it.
    Kept,
    /// An organization itself: cleared away when none of its rows is left.
    Organization,
}

/// An index, and what SQLite is told of it: how many rows there are, and how many share the first
/// column, the first two, and so on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index {
    pub(crate) name: &'static str,
    pub(crate) statistics: &'static str,
}

impl Table {
    /// Whether each row belongs to an organization and begins with its number.
    pub(crate) fn is_of_organizations(&self) -> bool {
        !matches!(self.rows, Rows::Installation)
    }

    /// Whether its keys begin with the number of an organization, so that all rows of one can lie
    /// together.
    pub(crate) fn is_keyed_by_organization(&self) -> bool {
        !matches!(self.rows, Rows::Installation | Rows::Way)
    }

    /// The statement that clears away rows of an organization: of many, 5,000 at the most.
    fn clearing(&self) -> Option<String> {
        let name = self.name;
        match self.rows {
            Rows::Few | Rows::Way => Some(format!("delete from {name} where org = $1")),
            Rows::Many(columns) => {
                let (smallest, column) = match columns.split_once(", ") {
                    None => (String::new(), columns),
                    Some((group, column)) => {
                        let smallest = format!("(select min({group}) from {name} where org = $1)");
                        (format!(" and {group} = {smallest}"), column)
                    }
                };
                Some(format!(
                    "delete from {name} where org = $1{smallest} and {column} <= \
                     (select max({column}) from (select {column} from {name} \
                     where org = $1{smallest} order by {column} limit 5000) as piece)"
                ))
            }
            Rows::Installation | Rows::Kept | Rows::Organization => None,
        }
    }
}

/// The statements that clear away the rows of an organization, by table.
pub(crate) static CLEARING: LazyLock<Vec<(&'static str, Sql)>> = LazyLock::new(|| {
    let texts = TABLES.iter().filter_map(|table| Some((table.name, table.clearing()?)));
    texts.map(|(name, text)| (name, Sql::new(text.leak()))).collect()
});

macro_rules! tables {
    ($($name:ident $rows:expr, [$($index:ident $statistics:literal),*];)*) => {
        /// Every table of the store.
        pub(crate) const TABLES: &[Table] = &[$(Table {
            name: stringify!($name),
            rows: $rows,
            indexes: &[$(Index { name: stringify!($index), statistics: $statistics }),*],
        }),*];
    };
}

use Rows::{Few, Installation, Kept, Many, Organization, Way};

// A primary key is named like its table where SQLite has no rows beside it, and
// `sqlite_autoindex_<table>_1` where it has.
tables! {
    installation Installation, [];
    installation_setting Installation, [installation_setting "10 1"];
    installation_key Installation, [installation_key "10 1"];
    audit_key Installation, [audit_key "10 1"];
    signing_key Installation, [signing_key "10 1"];
    plan Installation, [plan "10 1"];
    installation_definition Installation, [installation_definition "50 1"];
    organization_slug Installation, [organization_slug "1000 1"];
    connection_home Way, [connection_home "1000 1", connection_home_org "1000 10 1"];
    domain_home Way, [domain_home "1000 1", domain_home_org "1000 10 1"];
    break_glass_home Way, [break_glass_home "1000 1 1", break_glass_home_org "1000 10 1"];
    organization_home Way, [organization_home "1000 1", organization_home_org "1000 1 1"];
    organization Organization, [];
    organization_counter Organization, [];
    add_on Few, [add_on "1000 10 1"];
    connection Few, [connection "1000 10 1", connection_id "1000 10 1"];
    domain Few, [domain "1000 10 1"];
    token Few, [token "1000 10 1"];
    credential_trouble Few, [credential_trouble "1000 10 5 1"];
    removal_guard Few, [removal_guard "1000 10 1"];
    removal_window Few, [removal_window "10000 100 10 1"];
    removal_hold Few, [removal_hold "1000 10 5 1"];
    held_removal Many("connection, no"), [
        held_removal "100000 10000 5000 1", held_removal_hold "100000 10000 5000 1000 1"
    ];
    api_key Few, [api_key "1000 10 1"];
    schema_definition Few, [schema_definition "1000 10 1"];
    unready_index Few, [unready_index "1000 10 1"];
    resource Many("kind, no"), [
        sqlite_autoindex_resource_1 "1000000 100000 50000 1",
        resource_id "1000000 100000 50000 1",
        resource_name "1000000 100000 50000 1",
        resource_external "1000000 100000 50000 1 1",
        resource_modified "1000000 100000 50000 1 1",
        resource_active "1000000 100000 50000 1",
        resource_members "100000 10000 1"
    ];
    attribute_index Many("no"), [
        attribute_index "2000000 200000 100000 2 1", attribute_index_no "2000000 200000 2"
    ];
    member Many("no"), [member "10000000 1000000 1000 1", member_no "10000000 1000000 10 1"];
    pending_member Many("value"), [
        pending_member "100000 10000 100 1",
        pending_member_value "100000 10000 10 1",
        pending_member_since "100000 10000 100"
    ];
    retired_member_set Few, [retired_member_set "1000 10 1"];
    staged_member_set Few, [staged_member_set "100 10 1"];
    tombstone Many("id"), [
        tombstone "1000000 100000 1", tombstone_external "1000000 100000 100000 1"
    ];
    rank_block Few, [rank_block "100000 10000 5000 2000 1"];
    role Few, [role "1000 10 1", role_name "1000 10 1"];
    role_assignment Many("no"), [
        role_assignment "100000 10000 1000 1", role_assignment_no "100000 10000 1 1"
    ];
    role_mapping Few, [role_mapping "1000 10 2 1", role_mapping_no "1000 10 1 1"];
    setup_link Few, [setup_link "1000 10 1"];
    saml_connection Few, [saml_connection "1000 10 1"];
    saml_certificate Few, [saml_certificate "1000 10 2 1"];
    saml_metadata Few, [saml_metadata "1000 10 1", saml_metadata_due "1000 1 1 1"];
    saml_request_key Few, [saml_request_key "1000 10 1"];
    sign_in_request Many("expires"), [
        sign_in_request "10000 100 1", sign_in_request_expires "10000 100 1 1"
    ];
    sign_in_answer Many("expires"), [
        sign_in_answer "10000 100 1", sign_in_answer_expires "10000 100 1 1"
    ];
    taken_assertion Many("expires"), [
        taken_assertion "100000 1000 500 1", taken_assertion_expires "100000 1000 1 1 1"
    ];
    saml_account Many("no"), [
        saml_account "100000 10000 5000 1", saml_account_no "100000 10000 1 1 1"
    ];
    session Many("id"), [
        session "100000 1000 1", session_no "100000 1000 2 1",
        session_connection "100000 1000 500 1", session_expires "100000 1000 1 1"
    ];
    break_glass Few, [break_glass "1000 10 1"];
    oauth_client Few, [oauth_client "1000 10 1"];
    oauth_client_secret Few, [oauth_client_secret "1000 10 2 1"];
    oauth_grant Many("expires"), [
        oauth_grant "100000 1000 1", oauth_grant_client "100000 1000 500 1",
        oauth_grant_no "100000 1000 2 1", oauth_grant_session "100000 1000 2 1",
        oauth_grant_expires "100000 1000 1 1", oauth_grant_logout_due "10 1 1 1"
    ];
    oauth_token Many("expires"), [
        oauth_token "1000000 10000 1", oauth_token_expires "1000000 10000 1 1"
    ];
    taken_jwt Many("expires"), [
        taken_jwt "10000 100 50 1", taken_jwt_expires "10000 100 1 1 1"
    ];
    idempotent_request Many("created"), [
        idempotent_request "10000 100 50 1", idempotent_request_created "10000 100 1 1 1"
    ];
    webhook Few, [webhook "1000 10 1", webhook_due "1000 500 2 1 1"];
    webhook_secret Few, [webhook_secret "1000 10 2 1"];
    webhook_delivery Many("created"), [
        webhook_delivery "100000 10000 1000 1",
        webhook_delivery_state "100000 10000 1000 500 1",
        webhook_delivery_created "100000 10000 2 1 1"
    ];
    feed Installation, [feed "1000000 1", feed_organization "1000000 1000 1"];
    feed_head Installation, [];
    unfed Few, [];
    event Many("seq"), [
        sqlite_autoindex_event_1 "10000000 1000000 1", event_target "10000000 1000000 10 1"
    ];
    audit Kept, [sqlite_autoindex_audit_1 "1000000 100000 1"];
    audit_head Kept, [audit_head "10000 100 1"];
    sync_log Many("at"), [
        sqlite_autoindex_sync_log_1 "10000000 1000000 2 1",
        sync_log_connection "10000000 1000000 1000000 2 1"
    ];
}

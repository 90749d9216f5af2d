//! The bounds of the directory that no one can configure.

use scim::{FixedLimit, Unit};

use crate::{
    access::guard,
    connection,
    credential::token,
    db, organization, plan,
    resource::membership,
    role::{self, mapping},
    schemas::register,
    seal,
    search::Cursors,
    store, sync_log,
};

/// The fixed limits of the directory.
pub const FIXED: &[FixedLimit] = &[
    FixedLimit::new(
        "Levels of groups above a group that takes a group as a member",
        membership::DEEPEST as u64,
        Unit::Count,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "Groups above a group that takes a group as a member",
        membership::MOST_ABOVE as u64,
        Unit::Count,
        "400 `invalidValue`",
    ),
    FixedLimit::new(
        "How long a cursor is good for",
        Cursors::LIFETIME.as_secs(),
        Unit::Seconds,
        "400 `expiredCursor`",
    ),
    FixedLimit::new(
        "A cursor that is sent back",
        seal::LONGEST as u64,
        Unit::Bytes,
        "400 `invalidCursor`",
    ),
    FixedLimit::new(
        "Requests of one organization that wait to read a little: a resource, a look-up",
        store::MOST_SHORT as u64,
        Unit::Count,
        "429 with `Retry-After`",
    ),
    FixedLimit::new(
        "Requests of one organization that wait to read much: a scan, a sort, a large page",
        store::MOST_LONG as u64,
        Unit::Count,
        "429 with `Retry-After`",
    ),
    FixedLimit::new(
        "Changes of one organization that wait",
        store::MOST_CHANGES as u64,
        Unit::Count,
        "429 with `Retry-After`",
    ),
    FixedLimit::new(
        "What the waiting requests of one organization can be expected to take, each of these kinds",
        store::PATIENCE.as_secs(),
        Unit::Seconds,
        "429 with `Retry-After`",
    ),
    FixedLimit::new(
        "Requests of all organizations that wait to read a little",
        store::MOST_SHORT_OF_ALL as u64,
        Unit::Count,
        "503 with `Retry-After`",
    ),
    FixedLimit::new(
        "Requests of all organizations that wait to read much",
        store::MOST_LONG_OF_ALL as u64,
        Unit::Count,
        "503 with `Retry-After`",
    ),
    FixedLimit::new(
        "Changes of all organizations that wait",
        store::MOST_CHANGES_OF_ALL as u64,
        Unit::Count,
        "503 with `Retry-After`",
    ),
    FixedLimit::new(
        "What PostgreSQL may take to answer, before its connection is given up",
        db::ANSWER_LIMIT.as_secs(),
        Unit::Seconds,
        "503 with `Retry-After`",
    ),
    FixedLimit::new(
        "Live tokens of one connection",
        token::MOST_LIVE as u64,
        Unit::Count,
        "`doorward token issue` refuses",
    ),
    FixedLimit::new(
        "The slug of an organization",
        organization::LONGEST_SLUG as u64,
        Unit::Characters,
        "`doorward organization create` refuses",
    ),
    FixedLimit::new(
        "The name of an organization",
        organization::LONGEST_NAME as u64,
        Unit::Characters,
        "`doorward organization create` refuses",
    ),
    FixedLimit::new(
        "The name of a connection",
        connection::LONGEST_NAME as u64,
        Unit::Characters,
        "`doorward connection create` and `rename` refuse",
    ),
    FixedLimit::new(
        "The name of a plan",
        plan::LONGEST_NAME as u64,
        Unit::Characters,
        "`doorward plan set` refuses",
    ),
    FixedLimit::new(
        "Roles of an organization's own",
        role::MOST as u64,
        Unit::Count,
        "`doorward role create` refuses",
    ),
    FixedLimit::new(
        "The description of a role",
        role::LONGEST_DESCRIPTION as u64,
        Unit::Characters,
        "`doorward role create` refuses",
    ),
    FixedLimit::new(
        "Groups that roles are mapped to, of one organization",
        mapping::MOST as u64,
        Unit::Count,
        "`doorward role map` refuses",
    ),
    FixedLimit::new(
        "Memberships that are looked at for an administrator who can come in",
        guard::MOST_LOOKED_AT as u64,
        Unit::Count,
        "as if there were none: what would depend on one is refused",
    ),
    FixedLimit::new(
        "A text of the log of a connection",
        sync_log::LONGEST_TEXT as u64,
        Unit::Characters,
        "it is cut",
    ),
    FixedLimit::new(
        "Definitions of schemas in force for one organization",
        register::MOST as u64,
        Unit::Count,
        "`doorward schema register` refuses",
    ),
    FixedLimit::new(
        "One definition of schemas, as JSON",
        register::LARGEST as u64,
        Unit::Bytes,
        "`doorward schema register` refuses",
    ),
];

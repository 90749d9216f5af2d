//! [`Column`]: the columns of users and groups that are indexes of one attribute.

use crate::db::{ListSql, Sql, statements};

statements! {
    USERS_BY_ID = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and id = $2 limit $3"
    };
    USERS_BY_ID_UP = Sql {
        "select id, no from usr where org = $1 and (id, no) > ($2, $3) \
         and id < $4 order by id limit $5 offset $6"
    };
    USERS_BY_ID_DOWN = Sql {
        "select id, no from usr where org = $1 and (id, no) < ($2, $3) \
         and id >= $4 order by id desc limit $5 offset $6"
    };
    USERS_BY_NAME = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and username_key = $2 limit $3"
    };
    USERS_BY_NAME_UP = Sql {
        "select username_key, no from usr where org = $1 and (username_key, no) > ($2, $3) \
         and username_key < $4 order by username_key limit $5 offset $6"
    };
    USERS_BY_NAME_DOWN = Sql {
        "select username_key, no from usr where org = $1 and (username_key, no) < ($2, $3) \
         and username_key >= $4 order by username_key desc limit $5 offset $6"
    };
    USERS_BY_EXTERNAL = Sql {
        "select no, id, active, version, created, modified, connection, doc from usr \
         where org = $1 and external_id = $2 order by no limit $3"
    };
    USERS_BY_EXTERNAL_UP = Sql {
        "select external_id, no from usr where org = $1 and (external_id, no) > ($2, $3) \
         and external_id < $4 order by external_id, no limit $5 offset $6"
    };
    USERS_BY_EXTERNAL_DOWN = Sql {
        "select external_id, no from usr where org = $1 and (external_id, no) < ($2, $3) \
         and external_id >= $4 order by external_id desc, no desc limit $5 offset $6"
    };
    USERS_BY_EXTERNAL_HAVE = ListSql {
        "select no from usr where org = $1 and external_id is not null and no in (",
        "{}",
        ")"
    };
    GROUPS_BY_ID = Sql {
        "select no, id, mset, member_count, version, created, modified, connection, doc from grp \
         where org = $1 and id = $2 limit $3"
    };
    GROUPS_BY_ID_UP = Sql {
        "select id, no from grp where org = $1 and (id, no) > ($2, $3) \
         and id < $4 order by id limit $5 offset $6"
    };
    GROUPS_BY_ID_DOWN = Sql {
        "select id, no from grp where org = $1 and (id, no) < ($2, $3) \
         and id >= $4 order by id desc limit $5 offset $6"
    };
    GROUPS_BY_NAME = Sql {
        "select no, id, mset, member_count, version, created, modified, connection, doc from grp \
         where org = $1 and display_key = $2 limit $3"
    };
    GROUPS_BY_NAME_UP = Sql {
        "select display_key, no from grp where org = $1 and (display_key, no) > ($2, $3) \
         and display_key < $4 order by display_key limit $5 offset $6"
    };
    GROUPS_BY_NAME_DOWN = Sql {
        "select display_key, no from grp where org = $1 and (display_key, no) < ($2, $3) \
         and display_key >= $4 order by display_key desc limit $5 offset $6"
    };
    GROUPS_BY_EXTERNAL = Sql {
        "select no, id, mset, member_count, version, created, modified, connection, doc from grp \
         where org = $1 and external_id = $2 order by no limit $3"
    };
    GROUPS_BY_EXTERNAL_UP = Sql {
        "select external_id, no from grp where org = $1 and (external_id, no) > ($2, $3) \
         and external_id < $4 order by external_id, no limit $5 offset $6"
    };
    GROUPS_BY_EXTERNAL_DOWN = Sql {
        "select external_id, no from grp where org = $1 and (external_id, no) < ($2, $3) \
         and external_id >= $4 order by external_id desc, no desc limit $5 offset $6"
    };
    GROUPS_BY_EXTERNAL_HAVE = ListSql {
        "select no from grp where org = $1 and external_id is not null and no in (",
        "{}",
        ")"
    };
}

/// A column that is an index of one attribute: its keys are those of [`crate::index::key`], each
/// with the number of the resource that has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The attribute: a core or common one, with a single value.
    pub(crate) attribute: &'static str,
    /// Whole rows with key `$2`, at most `$3`, in the order of their numbers.
    pub(crate) equal: Sql,
    /// Keys and numbers behind `$2, $3` and before key `$4`, at most `$5` after skipping `$6`.
    pub(crate) up: Sql,
    /// The same backwards: before `$2, $3`, down to key `$4`.
    pub(crate) down: Sql,
    /// Which of these numbers have a key. `None`: all resources have one.
    pub(crate) have: Option<ListSql>,
}

/// Those of users.
pub(crate) const USERS: &[Column] = &[
    Column {
        attribute: "userName",
        equal: USERS_BY_NAME,
        up: USERS_BY_NAME_UP,
        down: USERS_BY_NAME_DOWN,
        have: None,
    },
    Column {
        attribute: "externalId",
        equal: USERS_BY_EXTERNAL,
        up: USERS_BY_EXTERNAL_UP,
        down: USERS_BY_EXTERNAL_DOWN,
        have: Some(USERS_BY_EXTERNAL_HAVE),
    },
    Column {
        attribute: "id",
        equal: USERS_BY_ID,
        up: USERS_BY_ID_UP,
        down: USERS_BY_ID_DOWN,
        have: None,
    },
];

/// Those of groups.
pub(crate) const GROUPS: &[Column] = &[
    Column {
        attribute: "displayName",
        equal: GROUPS_BY_NAME,
        up: GROUPS_BY_NAME_UP,
        down: GROUPS_BY_NAME_DOWN,
        have: None,
    },
    Column {
        attribute: "externalId",
        equal: GROUPS_BY_EXTERNAL,
        up: GROUPS_BY_EXTERNAL_UP,
        down: GROUPS_BY_EXTERNAL_DOWN,
        have: Some(GROUPS_BY_EXTERNAL_HAVE),
    },
    Column {
        attribute: "id",
        equal: GROUPS_BY_ID,
        up: GROUPS_BY_ID_UP,
        down: GROUPS_BY_ID_DOWN,
        have: None,
    },
];

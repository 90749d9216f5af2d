//! [`Column`]: the columns that are indexes of one attribute, and the lines along which resources
//! stand in the order of their keys.

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
    USERS_MODIFIED_UP = Sql {
        "select modified, no from usr where org = $1 and (modified, no) > ($2, $3) \
         and modified < $4 order by modified, no limit $5 offset $6"
    };
    USERS_MODIFIED_DOWN = Sql {
        "select modified, no from usr where org = $1 and (modified, no) < ($2, $3) \
         and modified >= $4 order by modified desc, no desc limit $5 offset $6"
    };
    USERS_CREATED_UP = Sql {
        "select created, no from usr where org = $1 and no > $2 and no < $3 \
         order by no limit $4 offset $5"
    };
    USERS_CREATED_DOWN = Sql {
        "select created, no from usr where org = $1 and no < $2 and no > $3 \
         order by no desc limit $4 offset $5"
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
    GROUPS_MODIFIED_UP = Sql {
        "select modified, no from grp where org = $1 and (modified, no) > ($2, $3) \
         and modified < $4 order by modified, no limit $5 offset $6"
    };
    GROUPS_MODIFIED_DOWN = Sql {
        "select modified, no from grp where org = $1 and (modified, no) < ($2, $3) \
         and modified >= $4 order by modified desc, no desc limit $5 offset $6"
    };
    GROUPS_CREATED_UP = Sql {
        "select created, no from grp where org = $1 and no > $2 and no < $3 \
         order by no limit $4 offset $5"
    };
    GROUPS_CREATED_DOWN = Sql {
        "select created, no from grp where org = $1 and no < $2 and no > $3 \
         order by no desc limit $4 offset $5"
    };
    CUSTOM_BY_ID = Sql {
        "select no, kind, id, version, created, modified, connection, doc from custom \
         where org = $1 and kind = $4 and id = $2 limit $3"
    };
    CUSTOM_BY_EXTERNAL = Sql {
        "select no, kind, id, version, created, modified, connection, doc from custom \
         where org = $1 and kind = $4 and external_id = $2 order by no limit $3"
    };
    CUSTOM_BY_EXTERNAL_UP = Sql {
        "select external_id, no from custom where org = $1 and kind = $7 and (external_id, no) > ($2, $3) \
         and external_id < $4 order by external_id, no limit $5 offset $6"
    };
    CUSTOM_BY_EXTERNAL_DOWN = Sql {
        "select external_id, no from custom where org = $1 and kind = $7 and (external_id, no) < ($2, $3) \
         and external_id >= $4 order by external_id desc, no desc limit $5 offset $6"
    };
    CUSTOM_BY_EXTERNAL_HAVE = ListSql {
        "select no from custom where org = $1 and external_id is not null and no in (",
        "{}",
        ")"
    };
    CUSTOM_MODIFIED_UP = Sql {
        "select modified, no from custom where org = $1 and kind = $7 and (modified, no) > ($2, $3) \
         and modified < $4 order by modified, no limit $5 offset $6"
    };
    CUSTOM_MODIFIED_DOWN = Sql {
        "select modified, no from custom where org = $1 and kind = $7 and (modified, no) < ($2, $3) \
         and modified >= $4 order by modified desc, no desc limit $5 offset $6"
    };
    CUSTOM_CREATED_UP = Sql {
        "select created, no from custom where org = $1 and kind = $6 and no > $2 and no < $3 \
         order by no limit $4 offset $5"
    };
    CUSTOM_CREATED_DOWN = Sql {
        "select created, no from custom where org = $1 and kind = $6 and no < $2 and no > $3 \
         order by no desc limit $4 offset $5"
    };
}

/// A column that is an index of one attribute: its keys are those of [`crate::index::key`].
///
/// Its statements, and those of [`Along`] and [`Walks`], take the kind as one more parameter at
/// the end where several kinds share the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The attribute: a core or common one, with a single value.
    pub(crate) attribute: &'static str,
    /// Whole rows with key `$2`, at most `$3`, in the order of their numbers.
    pub(crate) equal: Sql,
    /// How one walks along it; `None`: it has no order of its own.
    pub(crate) along: Option<Along>,
}

impl Column {
    /// Whether every resource has a key.
    pub(crate) fn is_complete(&self) -> bool {
        self.along.is_some_and(|along| along.have.is_none()) || self.attribute == "id"
    }
}

/// How one walks along an index in the order of its keys, and for one key of the numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Along {
    /// Keys and numbers behind `$2, $3` and before key `$4`, at most `$5` after skipping `$6`.
    pub(crate) up: Sql,
    /// The same backwards: before `$2, $3`, down to key `$4`.
    pub(crate) down: Sql,
    /// Which of these numbers stand in it; `None`: all do.
    pub(crate) have: Option<ListSql>,
}

/// How one walks through all resources of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walks {
    /// By the time of their last change.
    pub(crate) modified: Along,
    /// By their numbers, each with the time of creation: behind `$2`, before `$3`, at most `$4`
    /// after skipping `$5`. Numbers are given in the order of creation.
    pub(crate) up: Sql,
    /// The same backwards: before `$2`, behind `$3`.
    pub(crate) down: Sql,
}

/// The columns of users.
pub(crate) const USERS: &[Column] = &[
    Column {
        attribute: "userName",
        equal: USERS_BY_NAME,
        along: Some(Along { up: USERS_BY_NAME_UP, down: USERS_BY_NAME_DOWN, have: None }),
    },
    Column {
        attribute: "externalId",
        equal: USERS_BY_EXTERNAL,
        along: Some(Along {
            up: USERS_BY_EXTERNAL_UP,
            down: USERS_BY_EXTERNAL_DOWN,
            have: Some(USERS_BY_EXTERNAL_HAVE),
        }),
    },
    Column {
        attribute: "id",
        equal: USERS_BY_ID,
        along: Some(Along { up: USERS_BY_ID_UP, down: USERS_BY_ID_DOWN, have: None }),
    },
];

/// The walks through users.
pub(crate) const USERS_WALKS: Walks = Walks {
    modified: Along { up: USERS_MODIFIED_UP, down: USERS_MODIFIED_DOWN, have: None },
    up: USERS_CREATED_UP,
    down: USERS_CREATED_DOWN,
};

/// The columns of groups.
pub(crate) const GROUPS: &[Column] = &[
    Column {
        attribute: "displayName",
        equal: GROUPS_BY_NAME,
        along: Some(Along { up: GROUPS_BY_NAME_UP, down: GROUPS_BY_NAME_DOWN, have: None }),
    },
    Column {
        attribute: "externalId",
        equal: GROUPS_BY_EXTERNAL,
        along: Some(Along {
            up: GROUPS_BY_EXTERNAL_UP,
            down: GROUPS_BY_EXTERNAL_DOWN,
            have: Some(GROUPS_BY_EXTERNAL_HAVE),
        }),
    },
    Column {
        attribute: "id",
        equal: GROUPS_BY_ID,
        along: Some(Along { up: GROUPS_BY_ID_UP, down: GROUPS_BY_ID_DOWN, have: None }),
    },
];

/// The walks through groups.
pub(crate) const GROUPS_WALKS: Walks = Walks {
    modified: Along { up: GROUPS_MODIFIED_UP, down: GROUPS_MODIFIED_DOWN, have: None },
    up: GROUPS_CREATED_UP,
    down: GROUPS_CREATED_DOWN,
};

/// The columns of resources of registered types.
pub(crate) const CUSTOM: &[Column] = &[
    Column {
        attribute: "externalId",
        equal: CUSTOM_BY_EXTERNAL,
        along: Some(Along {
            up: CUSTOM_BY_EXTERNAL_UP,
            down: CUSTOM_BY_EXTERNAL_DOWN,
            have: Some(CUSTOM_BY_EXTERNAL_HAVE),
        }),
    },
    Column { attribute: "id", equal: CUSTOM_BY_ID, along: None },
];

/// The walks through resources of registered types.
pub(crate) const CUSTOM_WALKS: Walks = Walks {
    modified: Along { up: CUSTOM_MODIFIED_UP, down: CUSTOM_MODIFIED_DOWN, have: None },
    up: CUSTOM_CREATED_UP,
    down: CUSTOM_CREATED_DOWN,
};

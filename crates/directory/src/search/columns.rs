//! [`Column`]: the columns that are indexes of one attribute, and the statements that scan the table
//! in the order of their keys.

use scim::schema::Target;

use crate::{
    db::{ListSql, Sql, statements},
    resource::Kind,
};

statements! {
    BY_ID = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and id = $3 limit $4"
    };
    BY_ID_UP = Sql {
        "select id as key, no from resource where org = $1 and kind = $2 and (id, no) > ($3, $4) \
         and id < $5 order by id limit $6 offset $7"
    };
    BY_ID_DOWN = Sql {
        "select id as key, no from resource where org = $1 and kind = $2 and (id, no) < ($3, $4) \
         and id >= $5 order by id desc limit $6 offset $7"
    };
    BY_NAME = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and name_key = $3 limit $4"
    };
    BY_NAME_UP = Sql {
        "select name_key as key, no from resource where org = $1 and kind = $2 \
         and (name_key, no) > ($3, $4) and name_key < $5 order by name_key limit $6 offset $7"
    };
    BY_NAME_DOWN = Sql {
        "select name_key as key, no from resource where org = $1 and kind = $2 \
         and (name_key, no) < ($3, $4) and name_key >= $5 order by name_key desc \
         limit $6 offset $7"
    };
    BY_EXTERNAL_ID = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 and external_id = $3 \
         order by no limit $4"
    };
    BY_EXTERNAL_ID_UP = Sql {
        "select external_id as key, no from resource where org = $1 and kind = $2 \
         and (external_id, no) > ($3, $4) and external_id < $5 order by external_id, no \
         limit $6 offset $7"
    };
    BY_EXTERNAL_ID_DOWN = Sql {
        "select external_id as key, no from resource where org = $1 and kind = $2 \
         and (external_id, no) < ($3, $4) and external_id >= $5 \
         order by external_id desc, no desc limit $6 offset $7"
    };
    WITH_EXTERNAL_ID = ListSql {
        "select no from resource where org = $1 and kind = $2 and external_id is not null \
         and no in (",
        "{}",
        ")"
    };
    MODIFIED_UP = Sql {
        "select modified as key, no from resource where org = $1 and kind = $2 \
         and (modified, no) > ($3, $4) and modified < $5 order by modified, no limit $6 offset $7"
    };
    MODIFIED_DOWN = Sql {
        "select modified as key, no from resource where org = $1 and kind = $2 \
         and (modified, no) < ($3, $4) and modified >= $5 order by modified desc, no desc \
         limit $6 offset $7"
    };
    CREATED_UP = Sql {
        "select created as key, no from resource where org = $1 and kind = $2 and no > $3 \
         and no < $4 order by no limit $5 offset $6"
    };
    CREATED_DOWN = Sql {
        "select created as key, no from resource where org = $1 and kind = $2 and no < $3 \
         and no > $4 order by no desc limit $5 offset $6"
    };
}

/// A column that is an index of one attribute: its keys are those of
/// [`crate::resource::index::key`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// The attribute: a core or common one, with a single value.
    pub(super) attribute: &'static str,
    /// Whole rows of kind `$2` with key `$3`, at most `$4`, in the order of their numbers.
    pub(super) equal: Sql,
    /// How one scans it in the order of its keys.
    pub(super) order: Order,
}

impl Column {
    /// Whether every resource has a key.
    pub(super) fn is_complete(&self) -> bool {
        self.order.keyed.is_none()
    }
}

/// How one scans an index in the order of its keys, and for one key of the numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// Keys and numbers of kind `$2` after `$3, $4` and before key `$5`, at most `$6` after
    /// skipping `$7`.
    pub(super) up: Sql,
    /// The same backwards: before `$3, $4`, down to key `$5`.
    pub(super) down: Sql,
    /// Which of these numbers have a key; `None`: all do.
    pub(super) keyed: Option<ListSql>,
}

/// By the time of the last change.
pub(super) const MODIFIED: Order = Order { up: MODIFIED_UP, down: MODIFIED_DOWN, keyed: None };

/// By their numbers, each with the time of creation: after `$3`, before `$4`, at most `$5` after
/// skipping `$6`. Numbers are given in the order of creation.
pub(super) const CREATED: [Sql; 2] = [CREATED_UP, CREATED_DOWN];

const NAME: Order = Order { up: BY_NAME_UP, down: BY_NAME_DOWN, keyed: None };
const ID: Column = Column {
    attribute: "id",
    equal: BY_ID,
    order: Order { up: BY_ID_UP, down: BY_ID_DOWN, keyed: None },
};
const EXTERNAL_ID: Column = Column {
    attribute: "externalId",
    equal: BY_EXTERNAL_ID,
    order: Order {
        up: BY_EXTERNAL_ID_UP,
        down: BY_EXTERNAL_ID_DOWN,
        keyed: Some(WITH_EXTERNAL_ID),
    },
};

/// The columns that are indexes of a kind of resource.
pub(super) fn columns_of(kind: Kind) -> &'static [Column] {
    const USER: &[Column] =
        &[Column { attribute: "userName", equal: BY_NAME, order: NAME }, EXTERNAL_ID, ID];
    const GROUP: &[Column] =
        &[Column { attribute: "displayName", equal: BY_NAME, order: NAME }, EXTERNAL_ID, ID];
    const REGISTERED: &[Column] = &[EXTERNAL_ID, ID];
    match kind {
        Kind::USER => USER,
        Kind::GROUP => GROUP,
        _ => REGISTERED,
    }
}

/// Whether a path means this core or common attribute, or this part of it.
pub(super) fn is_core(target: &Target<'_>, name: &str, sub: Option<&str>) -> bool {
    match target {
        Target::Attribute { extension: None, attribute, sub: part } => {
            attribute.name == name && part.map(|part| part.name.as_str()) == sub
        }
        _ => false,
    }
}

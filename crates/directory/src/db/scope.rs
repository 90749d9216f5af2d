//! [`Scope`]: whose rows a transaction is about.

use crate::id::OrgNo;

/// Whose rows a transaction may see and change. On PostgreSQL the policies of the tables hold it to
/// that, whatever its statements say: the second wall between organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of one organization.
    Organization(OrgNo),
    /// Those of all: the installation's small tables, the ways to organizations, and upkeep.
    Installation,
}

/// What the setting says in place of a number.
pub(super) const ALL: &str = "all";

impl Scope {
    /// What tells PostgreSQL. It ends with the transaction.
    pub(super) fn setting(self) -> String {
        match self {
            Self::Organization(org) => format!("set local doorward.org = '{}'", org.0),
            Self::Installation => format!("set local doorward.org = '{ALL}'"),
        }
    }
}

//! [`Subject`]: what is measured, and what it is measured against.

use crate::{limit::sqlite::Piece, site::Engine};

/// Clients at once.
pub(crate) const CLIENTS: [usize; 3] = [1, 8, 32];
/// Where the targets count.
pub(crate) const MANY: usize = 32;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// An axum route that answers a user.
    Constant,
    Get,
    LookUp,
    Create,
    Profile,
    Member,
    /// Creates for as many organizations as there are clients.
    CreateSpread,
    /// The rows alone, through SQLite.
    Rows(Piece),
    /// Rows of one column, through PostgreSQL.
    Pgbench,
}

impl Subject {
    /// Those of an engine, in the order of the tables.
    pub(crate) fn of(engine: Engine) -> &'static [Self] {
        match engine {
            Engine::Sqlite => &[
                Self::Constant,
                Self::Get,
                Self::LookUp,
                Self::Rows(Piece::Create),
                Self::Create,
                Self::Rows(Piece::Profile),
                Self::Profile,
                Self::Rows(Piece::Member),
                Self::Member,
            ],
            Engine::Postgres => &[
                Self::Constant,
                Self::Get,
                Self::LookUp,
                Self::Pgbench,
                Self::Create,
                Self::CreateSpread,
                Self::Profile,
                Self::Member,
            ],
        }
    }

    /// As the tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Constant => "limit: an axum route with a constant",
            Self::Get => "read a user",
            Self::LookUp => "look up `userName eq`",
            Self::Create => "create a user",
            Self::Profile => "change a profile",
            Self::Member => "add or remove one member",
            Self::CreateSpread => "create users, an organization for each client",
            Self::Rows(Piece::Create) => "limit: the rows of a create, group commit",
            Self::Rows(Piece::Profile) => "limit: the rows of a changed profile",
            Self::Rows(Piece::Member) => "limit: the rows of one member",
            Self::Pgbench => "limit: `pgbench`, commits of one row",
        }
    }

    /// What it can be at most.
    pub(crate) fn limit(self, engine: Engine) -> Option<Self> {
        match (self, engine) {
            (Self::Get | Self::LookUp, _) => Some(Self::Constant),
            (Self::Create, Engine::Sqlite) => Some(Self::Rows(Piece::Create)),
            (Self::Profile, Engine::Sqlite) => Some(Self::Rows(Piece::Profile)),
            (Self::Member, Engine::Sqlite) => Some(Self::Rows(Piece::Member)),
            (Self::Create | Self::Profile | Self::Member | Self::CreateSpread, _) => {
                Some(Self::Pgbench)
            }
            (Self::Constant | Self::Rows(_) | Self::Pgbench, _) => None,
        }
    }

    /// What is wanted at 32 clients.
    pub(crate) fn target(self, engine: Engine) -> Option<Target> {
        match (self, engine) {
            (Self::Get, Engine::Sqlite) => Some(Target::Share(0.65)),
            (Self::LookUp, Engine::Sqlite) => Some(Target::Share(0.50)),
            (Self::Create, Engine::Sqlite) => Some(Target::Share(0.60)),
            (Self::Profile | Self::Member, Engine::Sqlite) => Some(Target::Share(0.80)),
            (Self::Create, Engine::Postgres) => Some(Target::Rate(1_000.0)),
            (Self::CreateSpread, Engine::Postgres) => Some(Target::Share(0.40)),
            _ => None,
        }
    }
}

/// What is wanted at least.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// Of the limit.
    Share(f64),
    /// In a second.
    Rate(f64),
}

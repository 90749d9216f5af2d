//! [`Error`]: why the directory did not do what was asked.

use std::{borrow::Cow, fmt};

use crate::{
    id::{EventNo, Version},
    removal::Held,
};

/// Why the directory did not do what was asked.
///
/// Each case has a stable [code](Error::code) for programs and a sentence for people. The sentence
/// names no protocol and no command: every surface puts it into its own form, once. What only the
/// log may read is in the source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing, or it belongs to someone else: no one can tell the two apart.
    #[error("{}", NotFoundSentence(.what, .name.as_deref()))]
    NotFound {
        /// What is missing.
        what: Noun,
        /// The name by which it was asked for, where one was given.
        name: Option<String>,
    },

    /// A value that must be unique is in use, or two things exclude each other.
    #[error("{detail}")]
    Conflict {
        /// The attribute that has the value.
        attribute: Cow<'static, str>,
        /// What is in the way.
        detail: Cow<'static, str>,
    },

    /// A value is missing, or is not one.
    #[error("{detail}")]
    Invalid {
        /// The attribute, or the part of a command, that has it.
        attribute: Cow<'static, str>,
        /// What is wrong with it.
        detail: Cow<'static, str>,
    },

    /// An attribute that never changes would change.
    #[error("{detail}")]
    Immutable {
        /// Which one.
        detail: Cow<'static, str>,
    },

    /// The search would have to look at more than it may.
    #[error("{detail}")]
    TooExpensive {
        /// Why, and which condition would help.
        detail: Cow<'static, str>,
    },

    /// A cursor is not one that was given out for this search.
    #[error("{detail}")]
    InvalidCursor {
        /// What to do.
        detail: Cow<'static, str>,
    },

    /// A cursor is too old.
    #[error("{detail}")]
    ExpiredCursor {
        /// What to do.
        detail: Cow<'static, str>,
    },

    /// Events were asked for that are not kept any more.
    #[error(
        "Events up to number {through} are not kept any more. Take a snapshot of the organization, and \
         follow its events from there."
    )]
    EventsPruned {
        /// The newest of those.
        through: EventNo,
    },

    /// The past was asked for, further back than events are kept.
    #[error("History begins after event {through}: what was before is not kept any more.")]
    HistoryEnds {
        /// The newest event that is not kept.
        through: EventNo,
    },

    /// Whoever asks may not do this.
    #[error("{detail}")]
    Denied {
        /// Which rule forbids it.
        rule: Rule,
        /// Why, and who may, or where it is done.
        detail: Cow<'static, str>,
    },

    /// The record is not in the version that the change was made for. Nothing was done.
    #[error("The record is in version {version}.")]
    Stale {
        /// The version that it is in.
        version: Version,
    },

    /// A provider takes so many people away that an administrator must say whether it is meant.
    #[error("{0}")]
    Held(Box<Held>),

    /// Too much of the organization is waiting. Nothing was done; trying again a little later is
    /// right, and asking for less at a time.
    #[error("too many requests of this organization are waiting for the store")]
    Busy,

    /// Too much of all organizations is waiting. Nothing was done; trying again a little later is
    /// right.
    #[error("too many requests are waiting for the store")]
    Overloaded,

    /// The disk is full. Nothing was done.
    #[error("there is no space left for the store")]
    Full,

    /// The store cannot be reached, or closed before the change was known to be kept.
    #[error("the store is not available: {0}")]
    Unavailable(String),

    /// The store cannot be used as it is: its schema, or the keys in it, are of another version of
    /// the program.
    #[error("{0}")]
    Unusable(#[from] Unusable),

    /// A row does not hold what the schema promises.
    #[error("the store is damaged: {0}")]
    Damaged(Box<Damage>),

    /// The store refused a statement: a defect of ours.
    #[error("the store failed")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What can be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Noun {
    /// An organization.
    Organization,
    /// An organization that was deleted, and of which the audit is left.
    Deleted,
    /// A connection.
    Connection,
    /// A token.
    Token,
    /// An API key.
    Key,
    /// A user, a group, or a resource of a registered type.
    Resource,
    /// A user.
    User,
    /// A group.
    Group,
    /// A resource type that was registered.
    ResourceType,
    /// A definition of schemas.
    Definition,
    /// A role.
    Role,
    /// A role that was given to a user, or mapped to a group.
    Grant,
    /// A plan.
    Plan,
    /// An add-on of an organization.
    AddOn,
    /// A certificate of a provider.
    Certificate,
    /// Someone who is signed in.
    Session,
    /// A domain of e-mail addresses.
    Domain,
    /// An administrator who comes in without the provider.
    BreakGlass,
    /// A program that asks for tokens.
    Client,
    /// A link by which someone without an account sets up a connection.
    SetupLink,
    /// An address that events are sent to.
    Webhook,
    /// A secret of a webhook.
    Secret,
    /// A delivery of a webhook.
    Delivery,
    /// An event.
    Event,
    /// A request of a provider, in the sync log.
    Request,
    /// A removal that is held.
    HeldRemoval,
}

impl Noun {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Deleted => "deleted organization",
            Self::Connection => "connection",
            Self::Token => "token",
            Self::Key => "API key",
            Self::Resource => "resource",
            Self::User => "user",
            Self::Group => "group",
            Self::ResourceType => "resource type",
            Self::Definition => "definition",
            Self::Role => "role",
            Self::Grant => "such role",
            Self::Plan => "plan",
            Self::AddOn => "add-on",
            Self::Certificate => "certificate",
            Self::Session => "session",
            Self::Domain => "domain",
            Self::BreakGlass => "break-glass account",
            Self::Client => "client",
            Self::SetupLink => "set-up link",
            Self::Webhook => "webhook",
            Self::Secret => "secret",
            Self::Delivery => "delivery",
            Self::Event => "event",
            Self::Request => "request",
            Self::HeldRemoval => "held removal",
        }
    }
}

/// Which rule forbids something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The principal has no right to it.
    NotPermitted,
    /// It belongs to an identity provider, and is changed there.
    ManagedElsewhere,
    /// The organization would be left without an administrator who can come in.
    LastAdministrator,
    /// The plan of the organization does not include it.
    NotEntitled,
    /// An administrator has refused it, of what was held.
    RemovalRefused,
}

impl Rule {
    /// The stable name, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotPermitted => "not_permitted",
            Self::ManagedElsewhere => "managed_elsewhere",
            Self::LastAdministrator => "last_administrator",
            Self::NotEntitled => "not_entitled",
            Self::RemovalRefused => "removal_refused",
        }
    }
}

/// Why a store cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// There is no store yet.
    #[error("there is no store yet")]
    Missing,
    /// There is a store already, where another one was to be put.
    #[error("there is a store already")]
    Occupied,
    /// A copy into it is not finished, so that it lacks what is to come.
    #[error("the store is being copied from another one, and not all of it is here")]
    Unfinished,
    /// An older program made it; its schema must be brought up to date.
    #[error("the schema of the store has version {found}, and this program needs version {needed}")]
    OldSchema {
        /// The version that it has.
        found: u32,
        /// The version that this program needs.
        needed: u32,
    },
    /// A newer program made it.
    #[error(
        "the schema of the store has version {found}, and this program knows version {known} at \
         most: a newer program made it"
    )]
    NewSchema {
        /// The version that it has.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// A migration was applied to it with another text: a build between two versions made it.
    #[error("the migration {version} that made the store is not the one of this program")]
    OtherSchema {
        /// The number of the migration.
        version: u32,
    },
    /// Another process has it alone: a server, or whoever changes its tables or keys.
    #[error("another process serves the store already")]
    Served {
        /// The number of the process, where it is known.
        process: Option<u32>,
    },
    /// It is to be distributed, and its PostgreSQL is a single one.
    #[error("its PostgreSQL does not have the extension citus")]
    NotDistributed,
    /// Its keys were made by another rule of folding text.
    #[error(
        "the keys of the store were made by the folding rule \"{found}\", and this program \
             has \"{needed}\""
    )]
    OtherFolding {
        /// The rule by which they were made.
        found: String,
        /// The rule of this program.
        needed: String,
    },
}

/// Where a row does not hold what the schema promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The table.
    pub table: String,
    /// The column, or a word for what is wrong as a whole.
    pub column: String,
    /// The columns of the row's key, as far as they could be read.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, key, problem } = self;
        write!(f, "{table}.{column}")?;
        if !key.is_empty() {
            write!(f, " ({key})")?;
        }
        write!(f, ": {problem}")
    }
}

struct NotFoundSentence<'e>(&'e Noun, Option<&'e str>);

impl fmt::Display for NotFoundSentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "There is no {}", self.0.word())?;
        match self.1 {
            Some(name) => write!(f, " \"{}\".", name.escape_debug()),
            None => f.write_str("."),
        }
    }
}

impl Error {
    /// The stable name of the case, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Invalid { .. } => "invalid",
            Self::Immutable { .. } => "immutable",
            Self::TooExpensive { .. } => "too_expensive",
            Self::InvalidCursor { .. } => "invalid_cursor",
            Self::ExpiredCursor { .. } => "expired_cursor",
            Self::EventsPruned { .. } => "events_pruned",
            Self::HistoryEnds { .. } => "history_ends",
            Self::Denied { rule, .. } => rule.code(),
            Self::Stale { .. } => "stale",
            Self::Held(_) => "removals_held",
            Self::Busy => "busy",
            Self::Overloaded => "overloaded",
            Self::Full => "full",
            Self::Unavailable(_) => "unavailable",
            Self::Unusable(_) => "unusable",
            Self::Damaged(_) => "damaged",
            Self::Store(_) => "failed",
        }
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: Noun) -> Self {
        Self::NotFound { what, name: None }
    }

    /// There is nothing of this name.
    #[must_use]
    pub fn no_such(what: Noun, name: impl Into<String>) -> Self {
        Self::NotFound { what, name: Some(name.into()) }
    }

    /// A value that is not one.
    pub fn invalid(
        attribute: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid { attribute: attribute.into(), detail: detail.into() }
    }

    /// A value that is in use.
    pub fn conflict(
        attribute: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Conflict { attribute: attribute.into(), detail: detail.into() }
    }

    /// A rule that forbids it.
    pub(crate) fn denied(rule: Rule, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Denied { rule, detail: detail.into() }
    }

    /// Rows that contradict each other.
    pub(crate) fn damaged(table: &str, key: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self::Damaged(Box::new(Damage {
            table: table.to_owned(),
            column: "row".to_owned(),
            key: key.to_string(),
            problem: problem.into(),
        }))
    }

    /// What a schema says about the attributes of a resource, in the domain's words.
    pub(crate) fn of_schema(error: &scim::Error) -> Self {
        let detail = error.detail().to_owned();
        match error.scim_type() {
            scim::ScimType::Mutability => Self::Immutable { detail: detail.into() },
            _ => Self::invalid("", detail),
        }
    }

    /// Whether the domain said no: the store is sound, and whatever shares the transaction may go
    /// on once the changes of the work are undone.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::Invalid { .. }
            | Self::Immutable { .. }
            | Self::TooExpensive { .. }
            | Self::InvalidCursor { .. }
            | Self::ExpiredCursor { .. }
            | Self::EventsPruned { .. }
            | Self::HistoryEnds { .. }
            | Self::Denied { .. }
            | Self::Held(_)
            | Self::Stale { .. } => true,
            Self::Busy
            | Self::Overloaded
            | Self::Full
            | Self::Unavailable(_)
            | Self::Unusable(_)
            | Self::Damaged(_)
            | Self::Store(_) => false,
        }
    }

    /// Whether the same transaction may succeed when it is run again.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// The error of a piece of work that runs in a transaction: the directory's own, or one of a
/// surface that has more to say.
pub trait WorkError: From<Error> + Send + 'static {
    /// The failure of the store, if it is one. `None`: the work was refused, and whatever shares
    /// the transaction may go on once its changes are undone.
    fn store_failure(&self) -> Option<&Error>;
}

impl WorkError for Error {
    fn store_failure(&self) -> Option<&Error> {
        (!self.is_refusal()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Noun};

    #[test]
    fn a_sentence_names_what_is_missing() {
        assert_eq!(Error::not_found(Noun::Role).to_string(), "There is no role.");
        assert_eq!(
            Error::no_such(Noun::Organization, "a\nb").to_string(),
            "There is no organization \"a\\nb\"."
        );
    }
}

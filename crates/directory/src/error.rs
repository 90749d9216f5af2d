//! [`Error`]: why the directory did not do what was asked.

use std::borrow::Cow;

/// Why the directory did not do what was asked.
///
/// What a client may read is in the variant; what only the log may read is in the source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing in this organization.
    #[error("not found")]
    NotFound,

    /// The request breaks a rule of SCIM; `uniqueness` is a conflict with what is stored.
    #[error(transparent)]
    Scim(#[from] scim::Error),

    /// The resource is not in the version that the request was made for. Nothing was done.
    #[error("the resource is in version {version}")]
    PreconditionFailed {
        /// The version that it is in.
        version: i64,
    },

    /// An operator asked for something that cannot be: the sentence says what to do instead.
    #[error("{0}")]
    Refused(Cow<'static, str>),

    /// Too much is waiting. Nothing was done; trying again a little later is right.
    #[error("too many requests are waiting for the store")]
    Busy,

    /// The disk is full. Nothing was done.
    #[error("there is no space left for the store")]
    Full,

    /// The store cannot be reached, or closed before the change was known to be kept.
    #[error("the store is not available: {0}")]
    Unavailable(String),

    /// A row does not hold what the schema promises.
    #[error("the store is damaged: {0}")]
    Corrupt(Cow<'static, str>),

    /// The store refused a statement: a defect of ours.
    #[error("the store failed")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A rule for operators that was broken.
    pub fn refused(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(message.into())
    }

    pub(crate) fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt(what.into())
    }

    /// A value that must be unique in the organization is in use.
    pub(crate) fn taken(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Scim(scim::Error::new(scim::ScimType::Uniqueness, detail))
    }

    /// Whether the domain said no: the store is sound, and whatever shares the transaction may go
    /// on once the changes of the work are undone.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotFound | Self::Scim(_) | Self::PreconditionFailed { .. } | Self::Refused(_)
        )
    }

    /// Whether the same transaction may succeed when it is run again.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

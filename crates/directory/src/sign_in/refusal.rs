//! [`Refusal`]: why someone who showed a genuine answer does not come in.

/// Why someone does not come in. The sentence is for the administrators of the organization; the
/// person reads the same whatever the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The connection has no sign-in.
    #[error("Single sign-on of this connection is off. Set its state to testing or enforced.")]
    Off,
    /// The connection is disabled, or not in use yet.
    #[error(
        "The connection is not active: it is disabled, or still being set up. Activate it, and try \
         again."
    )]
    ConnectionNotActive,
    /// The plan does not include single sign-on.
    #[error(
        "The plan of the organization does not include single sign-on (SAML). Ask the provider of \
         this application to add it."
    )]
    NotEntitled,
    /// The answer is not there any more, or another browser asked for it.
    #[error(
        "The browser that asked for this sign-in is not the one that came back, or it came back too \
         late. Start again from the sign-in page, in one browser and with cookies on."
    )]
    AnswerLost,
    /// No user is meant.
    #[error(
        "No user of the organization is meant by this NameID. Assign the person to the \
         application at the identity provider, or choose another attribute for the NameID."
    )]
    UnknownUser,
    /// Several are.
    #[error(
        "Several users of the organization are meant by this NameID. Choose an attribute for the \
         NameID that only one has."
    )]
    SeveralUsers,
    /// The user is archived.
    #[error(
        "The user is archived, because the identity provider deactivated or unassigned it. Assign \
         it again there."
    )]
    Archived,
    /// Another connection answers for the user.
    #[error(
        "The user is managed by another connection of the organization, which alone may sign it in."
    )]
    OtherConnection,
    /// Another person is signed in with this browser, and no one here asked for the answer.
    #[error(
        "Another person is signed in with this browser, and the sign-in began at the identity \
         provider. Sign out first."
    )]
    SomeoneElse,
    /// A user cannot be made of what arrived.
    #[error("A user could not be made of what the identity provider says: {0}")]
    NotCreated(String),
}

impl Refusal {
    /// A stable word for programs, the log and the audit.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off => "sign_in_off",
            Self::ConnectionNotActive => "connection_not_active",
            Self::NotEntitled => "not_entitled",
            Self::AnswerLost => "answer_lost",
            Self::UnknownUser => "unknown_user",
            Self::SeveralUsers => "several_users",
            Self::Archived => "archived",
            Self::OtherConnection => "other_connection",
            Self::SomeoneElse => "someone_else",
            Self::NotCreated(_) => "not_created",
        }
    }
}

//! [`Message`]: what a page says that follows an act. The address carries its word only.

macro_rules! messages {
    ($($variant:ident $word:literal $text:literal;)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Message { $($variant),* }

        impl Message {
            /// The word in the address.
            pub(super) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The sentence of a word; `None`: it is none of ours.
            pub(super) fn text(word: &str) -> Option<&'static str> {
                match word { $($word => Some($text),)* _ => None }
            }
        }
    };
}

messages! {
    Saved "saved" "Saved. It applies at once.";
    Enabled "enabled" "The connection is switched on.";
    Disabled "disabled" "The connection is switched off. Users, groups and tokens stay.";
    Live "live" "The connection is live: roles and sign-ins count from now on.";
    Revoked "revoked" "The token is revoked. It is refused from now on.";
    Renamed "renamed" "Saved. The connection has its new name.";
    Ended "ended" "The session is over.";
    EndedAll "ended-all" "All sessions are over.";
    Archived "archived" "Archived. Everything is kept, and no sign-in is possible.";
    Reactivated "reactivated" "Reactivated, with the same groups and roles.";
    RoleGiven "role-given" "The role is given. It counts at once.";
    RoleTaken "role-taken" "The role is taken. It counts at once.";
    Added "added" "Added.";
    Verified "verified" "The domain is verified. Its addresses lead to your sign-in from now on.";
    Removed "removed" "Removed.";
    Trusted "trusted" "Trusted. What the provider signs with this key is taken from now on.";
    Linked "linked" "Linked. The next push decides about the members.";
    Unlinked "unlinked" "Unlinked. It is a team from now on.";
    Deleted "deleted" "Deleted.";
    LetThrough "let-through" "Let through. It is done when the provider asks again.";
    Released "released" "Released. They are done when the provider asks again.";
    Refused "refused" "Refused. The people stay.";
    Administrators "administrators" "The members of the group are administrators.";
}

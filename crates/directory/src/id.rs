//! Identifiers and numbers. Each is a type of its own, so that one cannot stand for another.
//!
//! An *id* is random, stands in addresses and answers, and says nothing about its owner. A *number*
//! is small, ascending, and stands in the keys of the store.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

use crate::{
    db::{Cell, FromCell, Mismatch, Param},
    random::Random,
};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub(crate) fn random(random: &Random) -> Self {
                Self(random.uuid())
            }

            /// Reads an identifier. Only its own spelling counts (RFC 7643 §3.1: `id` is
            /// case-exact); anything else names nothing.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let id = Self(Uuid::try_parse(text).ok()?);
                (id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text).then_some(id)
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
                Self::parse(&String::from_cell(cell)?).ok_or(Mismatch(stringify!($name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| D::Error::custom(concat!("no ", stringify!($name))))
            }
        }
    };
}

id! {
    /// An organization, as the application knows it.
    OrganizationId
}
id! {
    /// A connection; it stands in addresses.
    ConnectionId
}
id! {
    /// A user or a group: SCIM wants ids that are unique over all resource types (RFC 7643 §3.1).
    ResourceId
}
impl ResourceId {
    /// Its 16 bytes.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id of these bytes.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

id! {
    /// Someone who is signed in, in one browser.
    SessionId
}
id! {
    /// What a client was granted.
    GrantId
}
impl GrantId {
    /// Its 16 bytes.
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }
}

id! {
    /// An address that events are sent to.
    WebhookId
}
id! {
    /// A link by which someone without an account sets up a connection.
    SetupLinkId
}
id! {
    /// One request, or one command: what it changed, its line in the log and its entry in the sync
    /// log carry the same.
    RequestId
}

impl RequestId {
    /// A new one.
    #[must_use]
    pub fn new(random: &Random) -> Self {
        Self::random(random)
    }
}

macro_rules! number {
    ($(#[$meta:meta])* $vis:vis $name:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        $vis struct $name(pub(crate) i64);

        impl From<$name> for Param<'_> {
            fn from(number: $name) -> Self {
                Self::Int(number.0)
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: Cell) -> Result<Self, Mismatch> {
                i64::from_cell(cell).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// An organization in the store. It stands in tokens, and leads every key.
    pub(crate) OrgNo
}
number! {
    /// A user, group or other resource in its organization: ascending, never used twice.
    pub ResourceNo
}
number! {
    /// The set of members that a group points to.
    pub(crate) MemberSetNo
}
number! {
    /// A connection in its organization.
    pub ConnectionNo
}
number! {
    /// A token in its organization: 1, 2, 3 …
    pub TokenNo
}
number! {
    /// An API key, among those of its organization or of the installation: 1, 2, 3 …
    pub KeyNo
}
number! {
    /// A delivery of a webhook: 1, 2, 3 …
    pub DeliveryNo
}
number! {
    /// A role in its organization. Those below [`RoleNo::FIRST_CUSTOM`] are built in.
    pub(crate) RoleNo
}
number! {
    /// An event in its organization: 1, 2, 3 … without gaps.
    pub EventNo
}
number! {
    /// An entry of an audit chain: 1, 2, 3 … without gaps.
    pub AuditNo
}
number! {
    /// How often a resource was changed, its creation included; the entity tag of SCIM.
    pub Version
}

macro_rules! shown {
    ($($name:ident),*) => {$(
        impl $name {
            /// The number itself.
            #[must_use]
            pub fn number(self) -> i64 {
                self.0
            }
        }
    )*};
}
shown!(TokenNo, KeyNo, ResourceNo, EventNo, AuditNo, DeliveryNo, Version);

impl RoleNo {
    /// Roles that an organization makes have this number or a larger one.
    pub(crate) const FIRST_CUSTOM: i64 = 100;
}

/// The numbers that lists go by.
macro_rules! entry {
    ($($name:ident),*) => {$(
        impl $name {
            /// Before the first.
            pub const START: Self = Self(0);
        }

        impl From<i64> for $name {
            /// The one with this number, as it was given out.
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl From<$name> for i64 {
            fn from(no: $name) -> Self {
                no.0
            }
        }
    )*};
}
entry!(EventNo, AuditNo, ResourceNo, DeliveryNo);

impl Version {
    /// That of a resource that was just created.
    pub(crate) const FIRST: Self = Self(1);

    /// The one after it.
    #[must_use]
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The numbers of credentials.
macro_rules! spoken {
    ($($name:ident),*) => {$(
        impl $name {
            /// Reads a number as the commands print it.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                text.parse().ok().filter(|number| *number > 0).map(Self)
            }
        }
    )*};
}
spoken!(TokenNo, KeyNo, DeliveryNo);

#[cfg(test)]
mod tests {
    use super::ResourceId;
    use crate::random::Random;

    #[test]
    fn only_the_printed_spelling_is_an_id() {
        let id = ResourceId::random(&Random::from_seed(1));
        assert_eq!(ResourceId::parse(&id.to_string()), Some(id));
        for other in ["", "1", "010101001010101011001010101011"] {
            assert_eq!(ResourceId::parse(other), None);
        }
        assert_eq!(ResourceId::parse(&id.to_string().to_uppercase()), None);
        assert_eq!(ResourceId::parse(&id.to_string().replace('-', "")), None);
    }
}

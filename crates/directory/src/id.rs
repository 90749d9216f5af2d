//! Identifiers. Each is a type of its own, made by the server, and says nothing about its owner.

use std::fmt;

use uuid::Uuid;

use crate::chance::Chance;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $made:vis) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Draws a new one.
            #[must_use]
            $made fn new(chance: &Chance) -> Self {
                Self(chance.uuid())
            }

            /// Reads an identifier. Only its own spelling counts (RFC 7643 §3.1: `id` is
            /// case-exact); anything else names nothing.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let id = Self(Uuid::try_parse(text).ok()?);
                (id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text).then_some(id)
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
    };
}

/// What is kept in the store is read back from it.
macro_rules! stored {
    ($($name:ident),*) => {$(
        impl $name {
            pub(crate) fn from_store(text: &str) -> Result<Self, crate::Error> {
                Self::parse(text).ok_or_else(|| {
                    crate::Error::corrupt(concat!("a ", stringify!($name), " cannot be read"))
                })
            }
        }
    )*};
}

id! {
    /// An organization, as the application knows it.
    OrganizationId, pub(crate)
}
id! {
    /// A connection; it stands in addresses.
    ConnectionId, pub(crate)
}
id! {
    /// A user or a group: SCIM wants ids that are unique over all resource types (RFC 7643 §3.1).
    ResourceId, pub(crate)
}
id! {
    /// A request: it stands in its log line and in the header `X-Request-Id` of its answer.
    RequestId, pub
}
stored!(OrganizationId, ConnectionId, ResourceId);

/// The number of an organization in the store. It stands in tokens, and leads every key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OrgNo(pub(crate) i64);

/// The number of a user or group in its organization: ascending, never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceNo(pub(crate) i64);

/// The number of a connection or token in its organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyNo(pub(crate) i64);

impl fmt::Display for KeyNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl KeyNo {
    /// The number itself.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    /// Reads a number as the commands print it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| *number > 0).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::ResourceId;
    use crate::chance::Chance;

    #[test]
    fn only_the_printed_spelling_is_an_id() {
        let id = ResourceId::new(&Chance::from_seed(1));
        assert_eq!(ResourceId::parse(&id.to_string()), Some(id));
        for other in ["", "1", "010101001010101011001010101011"] {
            assert_eq!(ResourceId::parse(other), None);
        }
        assert_eq!(ResourceId::parse(&id.to_string().to_uppercase()), None);
        assert_eq!(ResourceId::parse(&id.to_string().replace('-', "")), None);
    }
}

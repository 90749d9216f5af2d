//! What the two chained records, [events](crate::event) and [audit](crate::audit), have in common:
//! typed payloads, one list of kinds each, and a hash that ties every entry to the one before.

use aws_lc_rs::digest;
use scim::Object;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{clock::Time, resource::document};

/// The newest entry of a chain: its number and its hash.
#[derive(Clone, Debug)]
pub(crate) struct Head<N> {
    pub(crate) no: N,
    pub(crate) hash: Vec<u8>,
}

/// What is hashed of an entry.
pub(crate) struct Hashed<'e> {
    pub(crate) no: i64,
    pub(crate) at: Time,
    pub(crate) principal: &'e str,
    pub(crate) request: Option<&'e str>,
    pub(crate) kind: i64,
    pub(crate) target: &'e str,
    pub(crate) body: &'e str,
}

impl Hashed<'_> {
    /// The hash of an entry that follows one with hash `previous`. Texts are led by their length,
    /// so that no two contents hash the same bytes.
    pub(crate) fn after(&self, previous: &[u8]) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(previous);
        for number in [self.no, self.at.as_micros(), self.kind] {
            context.update(&number.to_be_bytes());
        }
        for text in [self.principal, self.request.unwrap_or_default(), self.target, self.body] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        context.finish().as_ref().to_vec()
    }
}

/// The attributes of a resource, as an entry holds them.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes(pub Object);

impl From<&Object> for Attributes {
    fn from(object: &Object) -> Self {
        Self(object.clone())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        document::parse(&json.to_string()).map(Self).map_err(D::Error::custom)
    }
}

/// A kind of entry, as documents and the feed show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// The number in the store.
    pub number: i64,
    /// The name on the wire.
    pub name: &'static str,
    /// What it tells.
    pub about: &'static str,
    /// What its payload holds.
    pub fields: &'static [DescribedField],
}

/// One member of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescribedField {
    /// The name on the wire.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its type, as the source says it.
    pub ty: &'static str,
}

/// The name of a field on the wire: its own, unless serde has another.
macro_rules! wire_name {
    ($field:ident rename = $name:literal) => {
        $name
    };
    ($field:ident $($other:tt)*) => {
        stringify!($field)
    };
}
pub(crate) use wire_name;

/// Declares the kinds of a record: one list, from which come the numbers in the store, the names on
/// the wire, the types of the payloads and the documentation. Whoever adds a kind adds it here, and
/// the compiler names every place that has to know it.
macro_rules! records {
    (
        $(#[$meta:meta])* enum $kinds:ident;
        $(#[$payload_meta:meta])* enum $payload:ident;
        $(
            #[doc = $about:literal]
            $number:literal $name:literal $variant:ident {
                $(#[doc = $field_about:literal] $(#[serde($($serde:tt)*)])? $field:ident: $ty:ty,)*
            }
        )*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kinds {
            $(#[doc = $about] $variant,)*
        }

        impl $kinds {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The kind, for documents.
            #[must_use]
            pub fn described(self) -> $crate::record::Described {
                match self {
                    $(Self::$variant => $crate::record::Described {
                        number: $number,
                        name: $name,
                        about: $about.trim_ascii_start(),
                        fields: const { &[$($crate::record::DescribedField {
                            name: $crate::record::wire_name!($field $($($serde)*)?),
                            about: $field_about.trim_ascii_start(),
                            ty: stringify!($ty),
                        }),*] },
                    },)*
                }
            }

            /// The number in the store. It never changes its meaning.
            pub(crate) fn number(self) -> i64 {
                self.described().number
            }

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.described().name
            }

            /// The kind with this name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }

        impl $crate::db::FromCell for $kinds {
            fn from_cell(cell: $crate::db::Cell) -> Result<Self, $crate::db::Mismatch> {
                let number = i64::from_cell(cell)?;
                let found = Self::ALL.iter().copied().find(|kind| kind.number() == number);
                found.ok_or($crate::db::Mismatch("the number of a known kind"))
            }
        }

        $(
            #[doc = $about]
            #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
            pub struct $variant {
                $(#[doc = $field_about] $(#[serde($($serde)*)])? pub $field: $ty,)*
            }

            impl From<$variant> for $payload {
                fn from(payload: $variant) -> Self {
                    Self::$variant(payload)
                }
            }
        )*

        $(#[$payload_meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        pub enum $payload {
            $(#[doc = $about] $variant($variant),)*
        }

        impl $payload {
            /// Its kind.
            #[must_use]
            pub fn kind(&self) -> $kinds {
                match self {
                    $(Self::$variant(_) => $kinds::$variant,)*
                }
            }

            /// Reads the payload of a kind.
            pub(super) fn read(kind: $kinds, text: &str) -> serde_json::Result<Self> {
                Ok(match kind {
                    $($kinds::$variant => Self::$variant(serde_json::from_str(text)?),)*
                })
            }
        }
    };
}
pub(crate) use records;

#[cfg(test)]
mod document;

#[cfg(test)]
mod tests {
    use super::{Hashed, Time};
    use crate::event::{EventKind, kinds::ResourceDeleted};

    #[test]
    fn the_hash_depends_on_every_part_and_on_where_texts_end() {
        let base = || Hashed {
            no: 1,
            at: Time::from_micros(5),
            principal: "a",
            request: Some("r"),
            kind: 2,
            target: "b",
            body: "c",
        };
        let hash = base().after(b"p");
        for other in [
            base().after(b"q"),
            Hashed { no: 2, ..base() }.after(b"p"),
            Hashed { at: Time::from_micros(6), ..base() }.after(b"p"),
            Hashed { principal: "x", ..base() }.after(b"p"),
            Hashed { request: None, ..base() }.after(b"p"),
            Hashed { kind: 3, ..base() }.after(b"p"),
            Hashed { target: "bc", body: "", ..base() }.after(b"p"),
        ] {
            assert_ne!(hash, other);
        }
    }
    #[test]
    fn a_field_is_described_under_its_name_on_the_wire() {
        let payload = ResourceDeleted { resource_type: "Device".to_owned() };
        let json = serde_json::to_value(payload).expect("it is JSON");
        for field in EventKind::ResourceDeleted.described().fields {
            assert!(json.get(field.name).is_some(), "{field:?} is not in {json}");
        }
    }
}

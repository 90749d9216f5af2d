//! One list of kinds for each record, and what documents say of a kind.

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
        $(#[$payload_meta:meta])* enum $payload:ident numbered $no:ident;
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
                            name: $crate::record::kinds::wire_name!($field $($($serde)*)?),
                            about: $field_about.trim_ascii_start(),
                            ty: stringify!($ty),
                        }),*] },
                    },)*
                }
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

        impl From<$kinds> for $crate::record::Described {
            fn from(kind: $kinds) -> Self {
                kind.described()
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

        impl $crate::record::Record for $payload {
            type No = $no;
            type Kind = $kinds;

            fn kind(&self) -> $kinds {
                match self {
                    $(Self::$variant(_) => $kinds::$variant,)*
                }
            }

            fn read(kind: i64, text: &str) -> Option<serde_json::Result<Self>> {
                Some(match kind {
                    $($number => serde_json::from_str(text).map(Self::$variant),)*
                    _ => return None,
                })
            }
        }
    };
}
pub(crate) use records;

#[cfg(test)]
mod tests {
    use crate::event::{EventKind, kinds::ResourceDeleted};

    #[test]
    fn a_field_is_described_under_its_name_on_the_wire() {
        let payload = ResourceDeleted { resource_type: "Device".to_owned() };
        let json = serde_json::to_value(payload).expect("it is JSON");
        for field in EventKind::ResourceDeleted.described().fields {
            assert!(json.get(field.name).is_some(), "{field:?} is not in {json}");
        }
    }
}

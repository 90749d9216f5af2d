//! What the two chained records, [events](crate::event) and [audit](crate::audit), have in common:
//! an [`Entry`] with a typed payload and a hash that ties it to the one before, and one list of
//! [kinds] each.

mod entry;
pub(crate) mod kinds;

#[cfg(test)]
mod document;

use scim::Object;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

pub(crate) use self::{
    entry::{Act, Head},
    kinds::records,
};
pub use self::{
    entry::{Entry, Record},
    kinds::{Described, DescribedField},
};
use crate::resource::parse_document;

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
        let json = Box::<RawValue>::deserialize(deserializer)?;
        parse_document(json.get()).map(Self).map_err(D::Error::custom)
    }
}

//! Users, groups and members, as short to write as they are to read.

use directory::group::MemberName;
use scim::Object;

/// A user with this userName.
#[must_use]
pub fn user(name: &str) -> Object {
    Object::new().with("userName", name)
}

/// A group with this displayName.
#[must_use]
pub fn group(name: &str) -> Object {
    Object::new().with("displayName", name)
}

/// Members by their ids or externalIds.
#[must_use]
pub fn members<N: ToString>(names: &[N]) -> Vec<MemberName> {
    names.iter().map(|name| MemberName::from(name.to_string())).collect()
}

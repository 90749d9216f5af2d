//! [`Person`]: what people want to see of a user.

use directory::{Membership, user::User};
use scim::{Value, urn};

/// A user, as a row of texts.
#[derive(Debug)]
pub(crate) struct Person<'u> {
    user: &'u User,
    groups: &'u [Membership],
}

impl<'u> Person<'u> {
    /// A user and the groups that it is in.
    pub(crate) fn new(user: &'u User, groups: &'u [Membership]) -> Self {
        Self { user, groups }
    }

    /// The user itself.
    pub(crate) fn user(&self) -> &'u User {
        self.user
    }

    /// The groups it is in, those by way of other groups included.
    pub(crate) fn memberships(&self) -> &'u [Membership] {
        self.groups
    }

    /// A top-level attribute.
    pub(crate) fn text(&self, name: &str) -> &'u str {
        self.user.attributes.str(name).unwrap_or_default()
    }

    /// A part of the name.
    pub(crate) fn name(&self, part: &str) -> &'u str {
        self.within("name", part)
    }

    /// An attribute of the enterprise extension.
    pub(crate) fn enterprise(&self, name: &str) -> &'u str {
        self.within(urn::ENTERPRISE_USER, name)
    }

    fn within(&self, attribute: &str, name: &str) -> &'u str {
        let complex = self.user.attributes.get(attribute).and_then(Value::as_complex);
        complex.and_then(|complex| complex.str(name)).unwrap_or_default()
    }

    /// The name as shown: what the provider says, or what the parts give, or the userName.
    pub(crate) fn display_name(&self) -> String {
        self.user.display_name().unwrap_or_else(|| self.user.name().to_owned())
    }

    /// The primary address, or the first.
    pub(crate) fn email(&self) -> &'u str {
        self.user.email().unwrap_or_default()
    }

    /// The names of its groups, those by way of other groups included.
    pub(crate) fn groups(&self) -> String {
        let names: Vec<&str> = self.groups.iter().map(|group| group.display.as_str()).collect();
        names.join("; ")
    }
}

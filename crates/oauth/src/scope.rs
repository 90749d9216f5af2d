//! [`Scopes`]: what a token is good for (RFC 6749 §3.3).

use std::fmt;

use crate::{limit::MOST_SCOPES, parameters::ParameterFault};

/// OpenID Connect: an ID token, and userinfo.
pub const OPENID: &str = "openid";
/// OpenID Connect Core §5.4. Claims about a person are there with or without it.
pub const PROFILE: &str = "profile";
/// OpenID Connect Core §5.4. Claims about a person are there with or without it.
pub const EMAIL: &str = "email";
/// The names of a person's groups.
pub const GROUPS: &str = "groups";
/// A refresh token (OpenID Connect Core §11).
pub const OFFLINE_ACCESS: &str = "offline_access";
/// The SCIM resources of one connection.
pub const SCIM: &str = "scim";
/// The management API: to look.
pub const API_READ: &str = "api:read";
/// The management API: that, and to change people, groups and roles.
pub const API_WRITE: &str = "api:write";
/// The management API: all that its client reaches.
pub const API_MANAGE: &str = "api:manage";

/// Those of the management API.
pub const OF_API: [&str; 3] = [API_READ, API_WRITE, API_MANAGE];

/// Scopes in the order in which they were asked for, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads scopes with a space between them.
    ///
    /// # Errors
    ///
    /// When there is another character than RFC 6749 §3.3 grants, and when there are too many.
    pub fn parse(text: &str) -> Result<Self, ParameterFault> {
        let mut scopes = Self::default();
        // Two spaces in a row are a typing error of an administrator, and harm no one.
        for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
            let is_granted = |byte: u8| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
            if !scope.bytes().all(is_granted) {
                return Err(ParameterFault::Malformed("scope"));
            }
            scopes.insert(scope);
            if scopes.0.len() > MOST_SCOPES {
                return Err(ParameterFault::TooLong("scope"));
            }
        }
        Ok(scopes)
    }

    /// These scopes, which are known to be well-formed.
    pub(crate) fn of(scopes: &[&str]) -> Self {
        Self(scopes.iter().map(|scope| (*scope).to_owned()).collect())
    }

    /// Adds a scope, if it is not there.
    fn insert(&mut self, scope: &str) {
        if !self.contains(scope) {
            self.0.push(scope.to_owned());
        }
    }

    /// Whether a scope is there.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known == scope)
    }

    /// Whether all of these are within others.
    #[must_use]
    pub fn is_within(&self, others: &Self) -> bool {
        self.iter().all(|scope| others.contains(scope))
    }

    /// Those that are within others.
    pub(crate) fn within(&self, others: &Self) -> Self {
        Self(self.0.iter().filter(|scope| others.contains(scope)).cloned().collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each scope.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

//! [`Person`]: the claims about somebody.

use serde_json::{Map, Value as Json, json};

use crate::scope::{self, Scopes};

/// What is told of a person, in the ID token and by userinfo alike (OpenID Connect Core §5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// `sub`: the user's id.
    pub subject: String,
    /// An address of e-mail.
    pub email: Option<String>,
    /// Whether the organization proved that the address is in a domain of its own.
    pub email_verified: bool,
    /// As it is displayed.
    pub name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// `userName`.
    pub preferred_username: String,
    /// Whose member the person is.
    pub organization: Organization,
    /// What the person may do.
    pub roles: Vec<String>,
    /// The names of the person's groups: told with the scope `groups`.
    pub groups: Vec<String>,
}

/// An organization as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Its short name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl Person {
    /// The claims that these scopes give. All but the groups are there with `openid` alone: they are
    /// about members of the application's own customers.
    pub(super) fn claims(&self, scopes: &Scopes) -> Map<String, Json> {
        let mut claims = Map::new();
        let mut put = |name: &str, value: Json| drop(claims.insert(name.to_owned(), value));
        put("sub", self.subject.as_str().into());
        if let Some(email) = &self.email {
            put("email", email.as_str().into());
            put("email_verified", self.email_verified.into());
        }
        for (name, text) in [
            ("name", self.name.as_deref()),
            ("given_name", self.given_name.as_deref()),
            ("family_name", self.family_name.as_deref()),
            ("preferred_username", Some(self.preferred_username.as_str())),
        ] {
            if let Some(text) = text {
                put(name, text.into());
            }
        }
        let Organization { id, slug, name } = &self.organization;
        put("organization", json!({ "id": id, "slug": slug, "name": name }));
        put("roles", self.roles.clone().into());
        if scopes.contains(scope::GROUPS) {
            put("groups", self.groups.clone().into());
        }
        claims
    }

    /// The answer of userinfo (OpenID Connect Core §5.3.2), to whoever shows an access token with the
    /// scope `openid`.
    #[must_use]
    pub fn userinfo(&self, scopes: &Scopes) -> Json {
        Json::Object(self.claims(scopes))
    }
}

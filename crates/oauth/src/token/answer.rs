//! [`TokenAnswer`]: what a client gets.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::{scope::Scopes, secret::Secret};

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). It is never stored
/// by a cache: `Cache-Control: no-store`.
#[derive(Clone, Debug)]
pub struct TokenAnswer<'a> {
    /// A bearer token (RFC 6750).
    pub access_token: &'a Secret,
    /// How long it lives.
    pub expires_in: SignedDuration,
    /// The next refresh token.
    pub refresh_token: Option<&'a Secret>,
    /// What was granted.
    pub scopes: &'a Scopes,
    /// With the scope `openid`.
    pub id_token: Option<&'a str>,
}

impl TokenAnswer<'_> {
    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut body = json!({
            "access_token": self.access_token.reveal(),
            "token_type": "Bearer",
            "expires_in": self.expires_in.as_secs(),
            "scope": self.scopes.to_string(),
        });
        if let Some(token) = self.refresh_token {
            body["refresh_token"] = token.reveal().into();
        }
        if let Some(token) = self.id_token {
            body["id_token"] = token.into();
        }
        body
    }
}

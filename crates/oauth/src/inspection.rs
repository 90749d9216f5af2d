//! Revocation (RFC 7009) and introspection (RFC 7662): what a client asks of a token that it has.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::{
    client::{Client, ClientId},
    issuer::Issuer,
    parameters::Parameters,
    scope::Scopes,
    secret::{PresentedSecret, SecretKind},
    token::TokenRefusal,
};

/// A token that a client wants to be revoked or looked at.
///
/// `token_type_hint` is not needed, since a token says what it is, and an unknown hint is ignored
/// (RFC 7009 §2.1).
#[derive(Clone, Debug)]
pub struct TokenInQuestion(Option<PresentedSecret>);

impl TokenInQuestion {
    /// Reads a request to revoke a token, of a client that was authenticated.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn of_revocation(parameters: &Parameters) -> Result<Self, TokenRefusal> {
        parameters.check_unrepeated(&[])?;
        let secret = PresentedSecret::parse(parameters.required("token")?).ok();
        let is_token = |secret: &PresentedSecret| {
            matches!(secret.kind, SecretKind::AccessToken | SecretKind::RefreshToken)
        };
        Ok(Self(secret.filter(is_token)))
    }

    /// Reads a request to look at a token, of a client that was authenticated.
    ///
    /// # Errors
    ///
    /// When it cannot be read, and when the client keeps no secret (RFC 7662 §2.1).
    pub fn of_introspection(
        parameters: &Parameters,
        client: &Client,
    ) -> Result<Self, TokenRefusal> {
        if !client.is_confidential() {
            return Err(TokenRefusal::NotConfidential);
        }
        Self::of_revocation(parameters)
    }

    /// What to look for; `None`: it is no token of ours, which is revoked already (RFC 7009 §2.2) and
    /// inactive (RFC 7662 §2.2).
    #[must_use]
    pub fn secret(&self) -> Option<&PresentedSecret> {
        self.0.as_ref()
    }

    /// That the token which was found is the client's to revoke (RFC 7009 §2.1).
    ///
    /// # Errors
    ///
    /// When it was given to another client.
    pub fn check_owner(client: &Client, owner: &ClientId) -> Result<(), TokenRefusal> {
        (client.id == *owner).then_some(()).ok_or(TokenRefusal::OtherClient)
    }
}

/// What is told of a token (RFC 7662 §2.2).
#[derive(Clone, Debug)]
pub enum Introspection<'a> {
    /// It is expired, revoked, unknown or another client's: all the same.
    Inactive,
    /// It works.
    Active {
        /// Who issued it.
        issuer: &'a Issuer,
        /// To whom.
        client_id: &'a ClientId,
        /// For what.
        scopes: &'a Scopes,
        /// The person, or the client where it acts for itself.
        subject: &'a str,
        /// The person's user name.
        username: Option<&'a str>,
        /// When it was made.
        issued_at: Timestamp,
        /// When it stops working.
        expires: Option<Timestamp>,
        /// Whether it is an access token.
        is_access_token: bool,
    },
}

impl Introspection<'_> {
    /// The body.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let Self::Active {
            issuer,
            client_id,
            scopes,
            subject,
            username,
            issued_at,
            expires,
            is_access_token,
        } = self
        else {
            return json!({ "active": false });
        };
        let mut body = json!({
            "active": true,
            "iss": issuer.as_str(),
            "client_id": client_id.as_str(),
            "scope": scopes.to_string(),
            "sub": subject,
            "iat": issued_at.as_second(),
        });
        if let Some(username) = username {
            body["username"] = (*username).into();
        }
        if let Some(expires) = expires {
            body["exp"] = expires.as_second().into();
        }
        if *is_access_token {
            body["token_type"] = "Bearer".into();
        }
        body
    }
}

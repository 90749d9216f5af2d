//! [`IdToken`]: who signed in, when and how.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::Value as Json;

use super::Person;
use crate::{
    client::ClientId,
    issuer::Issuer,
    jose::{SigningError, SigningKey},
    limit::ID_TOKEN_LIFETIME,
    scope::Scopes,
    secret::Secret,
};

/// What the identity provider said of a sign-in. What it did not say is left out: nothing is invented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// When the person was authenticated.
    pub auth_time: Timestamp,
    /// How, as a class: SAML's `AuthnContextClassRef`.
    pub acr: Option<String>,
    /// How, as methods of RFC 8176.
    pub amr: Vec<String>,
    /// When the session ends at the latest (IPSIE): the earliest of the provider's and our limits.
    pub session_expiry: Option<Timestamp>,
    /// The name of the session, by which a logout is told (OpenID Connect Back-Channel Logout §2.1).
    pub session_id: String,
}

/// An ID token (OpenID Connect Core §2) before it is signed.
#[derive(Clone, Copy, Debug)]
pub struct IdToken<'a> {
    /// Who says so.
    pub issuer: &'a Issuer,
    /// To whom.
    pub client_id: &'a ClientId,
    /// Of whom.
    pub person: &'a Person,
    /// Which of the claims.
    pub scopes: &'a Scopes,
    /// How.
    pub sign_in: &'a SignIn,
    /// As it came in the authorization request.
    pub nonce: Option<&'a str>,
    /// The access token beside it, for `at_hash` (§3.1.3.6).
    pub access_token: Option<&'a Secret>,
}

impl IdToken<'_> {
    /// Signs the token at the moment `now`.
    ///
    /// # Errors
    ///
    /// When the cryptographic library fails.
    pub fn sign(&self, key: &SigningKey, now: Timestamp) -> Result<String, SigningError> {
        let mut claims = self.person.claims(self.scopes);
        let mut put = |name: &str, value: Json| drop(claims.insert(name.to_owned(), value));
        put("iss", self.issuer.as_str().into());
        // IPSIE: one text, and not a list.
        put("aud", self.client_id.as_str().into());
        put("iat", now.as_second().into());
        put("exp", (now.as_second() + ID_TOKEN_LIFETIME.as_secs()).into());
        let SignIn { auth_time, acr, amr, session_expiry, session_id } = self.sign_in;
        put("auth_time", auth_time.as_second().into());
        put("sid", session_id.as_str().into());
        if let Some(acr) = acr {
            put("acr", acr.as_str().into());
        }
        if !amr.is_empty() {
            put("amr", amr.clone().into());
        }
        if let Some(moment) = session_expiry {
            put("session_expiry", moment.as_second().into());
        }
        if let Some(nonce) = self.nonce {
            put("nonce", nonce.into());
        }
        if let Some(token) = self.access_token {
            put("at_hash", at_hash(token.reveal()).into());
        }
        key.sign("JWT", &Json::Object(claims))
    }
}

/// The left half of the hash of an access token, by the hash of ES256 and RS256.
fn at_hash(access_token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}

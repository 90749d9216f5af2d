//! [`IssuedCode`]: what is kept of an authorization code, and the rules of its exchange.

use jiff::Timestamp;

use super::TokenRefusal;
use crate::{
    client::{Client, ClientId},
    pkce::{CodeChallenge, CodeVerifier},
};

/// What is kept of a code (RFC 6749 §4.1.2), to be compared with the request that shows it.
#[derive(Clone, Debug)]
pub struct IssuedCode {
    /// To whom it was given.
    pub client_id: ClientId,
    /// The `redirect_uri` of the authorization request, if it named one.
    pub redirect_uri: Option<String>,
    /// The challenge of the authorization request, if it had one.
    pub challenge: Option<CodeChallenge>,
    /// When it stops working: [`CODE_LIFETIME`](crate::limit::CODE_LIFETIME) after it was made.
    pub expires: Timestamp,
    /// Whether it was exchanged before.
    pub is_used: bool,
}

impl IssuedCode {
    /// Whether the client may have tokens for it.
    ///
    /// # Errors
    ///
    /// [`TokenRefusal::CodeReplayed`] asks for more than a refusal: what the code was exchanged for is
    /// revoked (RFC 6749 §4.1.2). Every other refusal leaves the code as it is, so that a stranger who
    /// saw it cannot use it up.
    pub fn exchange(
        &self,
        client: &Client,
        redirect_uri: Option<&str>,
        verifier: Option<&CodeVerifier>,
        now: Timestamp,
    ) -> Result<(), TokenRefusal> {
        if self.client_id != client.id {
            return Err(TokenRefusal::OtherClient);
        }
        if self.is_used {
            return Err(TokenRefusal::CodeReplayed);
        }
        if now >= self.expires {
            return Err(TokenRefusal::Expired);
        }
        if self.redirect_uri.as_deref() != redirect_uri {
            return Err(TokenRefusal::RedirectUri);
        }
        match (&self.challenge, verifier) {
            (None, None) if client.must_use_pkce() => Err(TokenRefusal::PkceMissing),
            (None, None) => Ok(()),
            (Some(_), None) => Err(TokenRefusal::PkceMissing),
            // RFC 9700 §2.1.1: the challenge may have been taken out of the request on its way.
            (None, Some(_)) => Err(TokenRefusal::PkceUnexpected),
            (Some(challenge), Some(verifier)) => {
                challenge.is_of(verifier).then_some(()).ok_or(TokenRefusal::PkceMismatch)
            }
        }
    }
}

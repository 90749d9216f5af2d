//! Proof Key for Code Exchange (RFC 7636), by S256 only.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};

/// What a client sends ahead: the SHA-256 of its verifier (RFC 7636 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

/// What a client shows at the end (RFC 7636 §4.1).
#[derive(Clone, Debug)]
pub struct CodeVerifier(SecretString);

impl CodeChallenge {
    /// The only `code_challenge_method`: `plain` proves nothing to whoever saw the request.
    pub const METHOD: &'static str = "S256";

    /// Reads a challenge; `None`: it is no SHA-256 in base64url.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The challenge as it was sent, to be kept with the code.
    #[must_use]
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Whether it is the verifier's (RFC 7636 §4.6).
    #[must_use]
    pub fn is_of(&self, verifier: &CodeVerifier) -> bool {
        let hash = digest::digest(&digest::SHA256, verifier.0.expose_secret().as_bytes());
        verify_slices_are_equal(hash.as_ref(), &self.0).is_ok()
    }
}

impl CodeVerifier {
    /// Reads a verifier: 43 to 128 characters that need no encoding; `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_granted = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_verifier = (43..=128).contains(&text.len()) && text.bytes().all(is_granted);
        is_verifier.then(|| Self(text.into()))
    }
}

//! [`SigningKey`]: our own keys.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::{Value as Json, json};

use super::{algorithm::Algorithm, key::VerifyingKey};

/// A private key as PKCS #8 (RFC 5208), to be sealed and stored. It cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct PrivateKey(SecretSlice<u8>);

impl PrivateKey {
    /// From the store.
    #[must_use]
    pub fn from_pkcs8(der: Vec<u8>) -> Self {
        Self(der.into())
    }

    /// For the store.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// Why a key does not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// We sign with ES256 and RS256 only.
    #[error("{0} is verified only")]
    Algorithm(Algorithm),
    /// The stored key is none, or for another algorithm.
    #[error("the private key cannot be read")]
    Key,
    /// The cryptographic library failed.
    #[error("no key or no signature could be made")]
    Failed,
}

/// A key of ours, ready to sign with the one algorithm that it is for. Its name is its thumbprint.
pub struct SigningKey {
    pair: Pair,
    public: VerifyingKey,
    id: String,
}

enum Pair {
    P256(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// Makes a key: on P-256 for ES256, of 2048 bits for RS256. The bits are the library's own: it takes
    /// none from outside.
    ///
    /// # Errors
    ///
    /// For another algorithm, and when the library fails.
    pub fn generate(algorithm: Algorithm) -> Result<PrivateKey, SigningError> {
        let failed = |_| SigningError::Failed;
        let der = match algorithm {
            Algorithm::Es256 => {
                let made = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                let pkcs8 = made.and_then(|pair| pair.to_pkcs8v1()).map_err(failed)?;
                pkcs8.as_ref().to_vec()
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
                pkcs8.as_ref().to_vec()
            }
            Algorithm::Es384 | Algorithm::Ps256 => return Err(SigningError::Algorithm(algorithm)),
        };
        Ok(PrivateKey::from_pkcs8(der))
    }

    /// Reads a stored key.
    ///
    /// # Errors
    ///
    /// When it is none, or for another algorithm.
    pub fn new(algorithm: Algorithm, key: &PrivateKey) -> Result<Self, SigningError> {
        let (pair, public) = match algorithm {
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.reveal())
                    .map_err(|_| SigningError::Key)?;
                let public = VerifyingKey::of_p256(pair.public_key().as_ref());
                (Pair::P256(Box::new(pair)), public)
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(key.reveal()).map_err(|_| SigningError::Key)?;
                let numbers = pair.public_key();
                let n = numbers.modulus().big_endian_without_leading_zero();
                let e = numbers.exponent().big_endian_without_leading_zero();
                let public = VerifyingKey::of_rsa(n, e);
                (Pair::Rsa(Box::new(pair)), public)
            }
            Algorithm::Es384 | Algorithm::Ps256 => return Err(SigningError::Algorithm(algorithm)),
        };
        let public = public.ok_or(SigningError::Key)?;
        let id = public.thumbprint();
        Ok(Self { pair, public, id })
    }

    /// What others verify with.
    #[must_use]
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// Its name (`kid`).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::P256(_) => Algorithm::Es256,
            Pair::Rsa(_) => Algorithm::Rs256,
        }
    }

    /// Signs claims into a JWT in the compact form (RFC 7515 §7.1).
    ///
    /// # Errors
    ///
    /// When the library fails.
    pub fn sign(&self, token_type: &str, claims: &Json) -> Result<String, SigningError> {
        let header = json!({ "alg": self.algorithm().as_str(), "typ": token_type, "kid": self.id });
        let text = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", text(&header), text(claims));
        let signature = self.signature(message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let random = SystemRandom::new();
        let failed = |_| SigningError::Failed;
        match &self.pair {
            Pair::P256(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

//! [`VerifyingKey`] and [`KeySet`]: public keys, as JWKs (RFC 7517) carry them.

use std::fmt;

use aws_lc_rs::{
    digest,
    rsa::PublicKey as RsaPublicKey,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey,
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value as Json, json};

use super::{algorithm::Algorithm, json};
use crate::limit::{FEWEST_KEY_BITS, LARGEST_KEY_SET, MOST_KEY_BITS, MOST_KEYS};

/// A public key that signatures are verified with.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    material: Material,
    /// The name that its owner gave it.
    id: Option<String>,
    /// The only algorithm that it may be used with, where its owner says so.
    algorithm: Option<Algorithm>,
}

/// The numbers of a key, big-endian.
#[derive(Clone, PartialEq, Eq)]
enum Material {
    /// Each coordinate in 32 bytes.
    P256 { x: Vec<u8>, y: Vec<u8> },
    /// Each coordinate in 48 bytes.
    P384 { x: Vec<u8>, y: Vec<u8> },
    /// Without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// No JSON object, or one in which a member stands twice.
    #[error("this is no JSON Web Key")]
    NotAKey,
    /// No JSON object with an array `keys`, or too large.
    #[error("this is no set of JSON Web Keys")]
    NotASet,
    /// A private or a symmetric key.
    #[error(
        "this is a private key, which nobody needs to give away: give the public key, and make a new one \
         if this one is in use"
    )]
    Private,
    /// A kind, a curve or an algorithm that is not used here.
    #[error("the key is neither RSA nor on P-256 or P-384, or is for another algorithm")]
    Unsupported,
    /// A key for another purpose than signatures.
    #[error("the key is not for signatures")]
    OtherUse,
    /// A number that is missing, malformed or out of range.
    #[error("a number of the key is missing or malformed")]
    Malformed,
    /// An RSA key that is too short or too long.
    #[error("an RSA key must have {FEWEST_KEY_BITS} to {MOST_KEY_BITS} bits")]
    Size,
}

impl KeyFault {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAKey => "not_a_key",
            Self::NotASet => "not_a_key_set",
            Self::Private => "private_key",
            Self::Unsupported => "key_unsupported",
            Self::OtherUse => "key_other_use",
            Self::Malformed => "key_malformed",
            Self::Size => "key_size",
        }
    }
}

impl VerifyingKey {
    /// Reads one JWK.
    ///
    /// # Errors
    ///
    /// When it is none, private, or no key for the signatures that are known.
    pub fn from_jwk(text: &[u8]) -> Result<Self, KeyFault> {
        Self::read(&json::object(text).ok_or(KeyFault::NotAKey)?)
    }

    /// The RSA key of a certificate: `RSAPublicKey` of RFC 8017 appendix A.1.1, as DER. It has no name,
    /// so it is tried on every token.
    ///
    /// # Errors
    ///
    /// When it is none, or one of another size.
    pub fn from_rsa_der(der: &[u8]) -> Result<Self, KeyFault> {
        let key = RsaPublicKey::from_der(der).map_err(|_| KeyFault::Malformed)?;
        let n = key.modulus().big_endian_without_leading_zero().to_vec();
        let e = key.exponent().big_endian_without_leading_zero().to_vec();
        Self::checked(Material::Rsa { n, e }, None, None)
    }

    pub(super) fn read(jwk: &Map<String, Json>) -> Result<Self, KeyFault> {
        let text = |name: &str| jwk.get(name).map(Json::as_str);
        // RFC 7518 §6.2.2, §6.3.2 and §6.4.1: what only private and symmetric keys have.
        if ["d", "p", "q", "k"].into_iter().any(|name| jwk.contains_key(name)) {
            return Err(KeyFault::Private);
        }
        if !matches!(text("use"), None | Some(Some("sig"))) {
            return Err(KeyFault::OtherUse);
        }
        let verifies = |list: &Json| {
            list.as_array().is_some_and(|list| list.iter().any(|name| name == "verify"))
        };
        if !jwk.get("key_ops").is_none_or(verifies) {
            return Err(KeyFault::OtherUse);
        }
        let id = text("kid").map(|id| id.ok_or(KeyFault::Malformed)).transpose()?;
        let algorithm = text("alg")
            .map(|name| name.and_then(Algorithm::parse).ok_or(KeyFault::Unsupported))
            .transpose()?;
        let number = |name: &str| {
            let number = text(name).flatten().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
            number.ok_or(KeyFault::Malformed)
        };
        let material = match (text("kty").flatten(), text("crv").flatten()) {
            (Some("EC"), Some("P-256")) => Material::P256 { x: number("x")?, y: number("y")? },
            (Some("EC"), Some("P-384")) => Material::P384 { x: number("x")?, y: number("y")? },
            (Some("RSA"), _) => Material::Rsa { n: number("n")?, e: number("e")? },
            _ => return Err(KeyFault::Unsupported),
        };
        Self::checked(material, id.map(str::to_owned), algorithm)
    }

    /// That the numbers are those of a key, and fit the algorithm.
    fn checked(
        material: Material,
        id: Option<String>,
        algorithm: Option<Algorithm>,
    ) -> Result<Self, KeyFault> {
        let is_of_width = match &material {
            Material::P256 { x, y } => x.len() == 32 && y.len() == 32,
            Material::P384 { x, y } => x.len() == 48 && y.len() == 48,
            Material::Rsa { n, e } => {
                let bits = bits(n).ok_or(KeyFault::Malformed)?;
                if !(FEWEST_KEY_BITS..=MOST_KEY_BITS).contains(&bits) {
                    return Err(KeyFault::Size);
                }
                // An exponent of 3 is not wrong, and one of more than 33 bits only costs.
                bits.is_multiple_of(8) && bits_of_exponent(e)
            }
        };
        if !is_of_width {
            return Err(KeyFault::Malformed);
        }
        let key = Self { material, id, algorithm };
        let mut fitting = key.algorithms().peekable();
        if fitting.peek().is_none() {
            return Err(KeyFault::Unsupported);
        }
        // This also makes sure that a point is on its curve.
        for algorithm in fitting {
            key.parsed(algorithm).ok_or(KeyFault::Malformed)?;
        }
        Ok(key)
    }

    /// Public numbers of a key of ours.
    pub(super) fn of_p256(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
        let material = Material::P256 { x: x.to_vec(), y: y.to_vec() };
        Self::checked(material, None, Some(Algorithm::Es256)).ok().map(Self::named)
    }

    /// Public numbers of a key of ours.
    pub(super) fn of_rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let material = Material::Rsa { n: n.to_vec(), e: e.to_vec() };
        Self::checked(material, None, Some(Algorithm::Rs256)).ok().map(Self::named)
    }

    /// With its thumbprint for a name.
    fn named(self) -> Self {
        Self { id: Some(self.thumbprint()), ..self }
    }

    /// The name that its owner gave it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The algorithms that it may be used with.
    fn algorithms(&self) -> impl Iterator<Item = Algorithm> {
        let of_kind: &[Algorithm] = match self.material {
            Material::P256 { .. } => &[Algorithm::Es256],
            Material::P384 { .. } => &[Algorithm::Es384],
            Material::Rsa { .. } => &[Algorithm::Rs256, Algorithm::Ps256],
        };
        let only = self.algorithm;
        of_kind.iter().copied().filter(move |fits| only.is_none_or(|only| only == *fits))
    }

    /// Whether it may be used with an algorithm.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithms().any(|fits| fits == algorithm)
    }

    fn parsed(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let point = |x: &[u8], y: &[u8]| [&[4], x, y].concat();
        match (&self.material, algorithm) {
            (Material::P256 { x, y }, Algorithm::Es256) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(x, y)).ok()
            }
            (Material::P384 { x, y }, Algorithm::Es384) => {
                ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point(x, y)).ok()
            }
            (Material::Rsa { n, e }, Algorithm::Rs256) => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                .ok(),
            (Material::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PSS_2048_8192_SHA256).ok()
            }
            _ => None,
        }
    }

    /// Whether it verifies a signature by this algorithm.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm)
            && self.parsed(algorithm).is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    /// The members that make the key, in the order of RFC 7638 §3.2.
    fn members(&self) -> Json {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.material {
            Material::P256 { x, y } => {
                json!({ "crv": "P-256", "kty": "EC", "x": text(x), "y": text(y) })
            }
            Material::P384 { x, y } => {
                json!({ "crv": "P-384", "kty": "EC", "x": text(x), "y": text(y) })
            }
            Material::Rsa { n, e } => json!({ "e": text(e), "kty": "RSA", "n": text(n) }),
        }
    }

    /// The thumbprint by SHA-256 (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // serde_json keeps the order of members and writes no blanks.
        let hash = digest::digest(&digest::SHA256, self.members().to_string().as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    }

    /// The key as a JWK for signatures.
    #[must_use]
    pub fn to_jwk(&self) -> Json {
        let mut jwk = self.members();
        jwk["use"] = "sig".into();
        if let Some(algorithm) = self.algorithm {
            jwk["alg"] = algorithm.as_str().into();
        }
        if let Some(id) = &self.id {
            jwk["kid"] = id.as_str().into();
        }
        jwk
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How many bits a number without leading zeros has.
fn bits(number: &[u8]) -> Option<usize> {
    let first = number.first().filter(|first| **first != 0)?;
    Some(number.len() * 8 - first.leading_zeros() as usize)
}

/// Odd, and of 2 to 33 bits: what aws-lc accepts.
fn bits_of_exponent(exponent: &[u8]) -> bool {
    let is_odd = exponent.last().is_some_and(|last| last % 2 == 1);
    is_odd && bits(exponent).is_some_and(|bits| (2..=33).contains(&bits))
}

/// The keys of one owner (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet(Vec<VerifyingKey>);

impl KeySet {
    /// Reads a JWK Set. Keys for other purposes or of other kinds are passed over, as RFC 7517 §5 asks.
    ///
    /// # Errors
    ///
    /// When it is none or too large, and when it has a private key.
    pub fn parse(text: &[u8]) -> Result<Self, KeyFault> {
        if text.len() > LARGEST_KEY_SET {
            return Err(KeyFault::NotASet);
        }
        let set = json::object(text).ok_or(KeyFault::NotASet)?;
        let keys = set.get("keys").and_then(Json::as_array).ok_or(KeyFault::NotASet)?;
        if keys.len() > MOST_KEYS {
            return Err(KeyFault::NotASet);
        }
        let mut read = Vec::new();
        for jwk in keys {
            match jwk.as_object().map(VerifyingKey::read) {
                Some(Ok(key)) => read.push(key),
                Some(Err(KeyFault::Private)) => return Err(KeyFault::Private),
                Some(Err(_)) | None => {}
            }
        }
        Ok(Self(read))
    }

    /// Each key.
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.0.iter()
    }

    /// The set as it is published.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({ "keys": self.0.iter().map(VerifyingKey::to_jwk).collect::<Vec<_>>() })
    }
}

impl FromIterator<VerifyingKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

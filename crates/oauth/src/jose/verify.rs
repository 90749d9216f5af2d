//! [`verify`]: from a text to [`Claims`], or to the first rule that does not hold.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Json;

use super::{algorithm::Algorithm, claims::Claims, json, key::VerifyingKey};
use crate::{excerpt::Excerpt, limit::LARGEST_JWT};

/// What a token must be, whatever it says.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    /// The signatures that are accepted.
    pub algorithms: &'a [Algorithm],
    /// What kind of token it must be (RFC 8725 §3.11).
    pub token_type: TokenType<'a>,
}

/// What the header `typ` must say. Letters are not told apart, and `application/` may stand before it
/// (RFC 7515 §4.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType<'a> {
    /// This, and it must be there.
    Explicit(&'a str),
    /// This or `JWT`, or nothing: where the standard has no type of its own, or only lately.
    OrGeneric(&'a str),
}

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtRefusal {
    /// It is too large to be looked at.
    #[error("the token has more than {} KB", LARGEST_JWT / 1024)]
    TooLarge,
    /// It is not three parts in base64url, of which the first two are JSON objects in which no member
    /// stands twice.
    #[error("this is no signed JSON Web Token")]
    Malformed,
    /// `none`, HMAC and whatever else is not accepted.
    #[error("the token is signed by {found}, which is not accepted")]
    Algorithm {
        /// What the header says.
        found: Excerpt,
    },
    /// RFC 7515 §4.1.11: an extension that is not understood, and none is.
    #[error("the token has an extension that must be understood")]
    Critical,
    /// A token for another purpose (RFC 8725 §2.8).
    #[error("the token is of the type {found}")]
    Type {
        /// What the header says.
        found: Excerpt,
    },
    /// No key of the owner has the name of the header, or fits the algorithm: it may be a new one, so
    /// that the owner's keys are worth being fetched again.
    #[error("no key of the owner has this name and fits the algorithm")]
    UnknownKey,
    /// The signature is not one of the owner's keys over this text.
    #[error("the signature does not hold")]
    Signature,
}

impl JwtRefusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "jwt_too_large",
            Self::Malformed => "jwt_malformed",
            Self::Algorithm { .. } => "jwt_algorithm",
            Self::Critical => "jwt_critical",
            Self::Type { .. } => "jwt_type",
            Self::UnknownKey => "jwt_unknown_key",
            Self::Signature => "jwt_signature",
        }
    }
}

/// The parts of a token, before anything of them is believed.
struct Parts<'a> {
    header: serde_json::Map<String, Json>,
    claims: serde_json::Map<String, Json>,
    message: &'a [u8],
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn read(token: &'a str) -> Result<Self, JwtRefusal> {
        if token.len() > LARGEST_JWT {
            return Err(JwtRefusal::TooLarge);
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| JwtRefusal::Malformed);
        let object = |text: &str| json::object(&decode(text)?).ok_or(JwtRefusal::Malformed);
        let (message, signature) = token.rsplit_once('.').ok_or(JwtRefusal::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(JwtRefusal::Malformed)?;
        Ok(Self {
            header: object(header)?,
            claims: object(claims)?,
            message: message.as_bytes(),
            signature: decode(signature)?,
        })
    }
}

/// Verifies a JWT in the compact form with the keys of its owner.
///
/// # Errors
///
/// The first rule that does not hold. [`JwtRefusal::UnknownKey`] is worth another attempt, with keys
/// that were fetched anew.
pub fn verify<'k>(
    token: &str,
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
    verification: &Verification<'_>,
) -> Result<Claims, JwtRefusal> {
    let parts = Parts::read(token)?;
    let text = |name: &str| match parts.header.get(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(JwtRefusal::Malformed),
    };
    let name = text("alg")?.ok_or(JwtRefusal::Malformed)?;
    let algorithm = Algorithm::parse(name)
        .filter(|algorithm| verification.algorithms.contains(algorithm))
        .ok_or_else(|| JwtRefusal::Algorithm { found: Excerpt::of(name) })?;
    // RFC 7797: `b64` is an extension that changes what is signed.
    if parts.header.contains_key("crit") || parts.header.contains_key("b64") {
        return Err(JwtRefusal::Critical);
    }
    check_type(text("typ")?, verification.token_type)?;
    let id = text("kid")?;
    // A key without a name of its own is tried whatever name the token gives.
    let is_meant = |key: &VerifyingKey| match (id, key.id()) {
        (Some(id), Some(known)) => id == known,
        _ => true,
    };
    let mut candidates =
        keys.into_iter().filter(|key| is_meant(key) && key.fits(algorithm)).peekable();
    if candidates.peek().is_none() {
        return Err(JwtRefusal::UnknownKey);
    }
    let holds = candidates.any(|key| key.verifies(algorithm, parts.message, &parts.signature));
    holds.then(|| Claims::of(parts.claims)).ok_or(JwtRefusal::Signature)
}

fn check_type(found: Option<&str>, expected: TokenType<'_>) -> Result<(), JwtRefusal> {
    let subtype = found.map(|found| match found.split_at_checked("application/".len()) {
        Some((start, subtype)) if start.eq_ignore_ascii_case("application/") => subtype,
        _ => found,
    });
    let is = |name: &str| subtype.is_some_and(|subtype| subtype.eq_ignore_ascii_case(name));
    let holds = match expected {
        TokenType::Explicit(name) => is(name),
        TokenType::OrGeneric(name) => subtype.is_none() || is(name) || is("JWT"),
    };
    let refusal = || JwtRefusal::Type { found: Excerpt::of(found.unwrap_or_default()) };
    holds.then_some(()).ok_or_else(refusal)
}

/// A claim of a token that is not verified yet, to find out whose keys to verify it with.
pub(crate) fn unverified_claim(token: &str, claim: &str) -> Option<String> {
    match Parts::read(token).ok()?.claims.remove(claim)? {
        Json::String(text) => Some(text),
        _ => None,
    }
}

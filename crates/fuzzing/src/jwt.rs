//! [`jwt`]: what somebody shows as a signed token, as keys, or as whom to sign out.

use std::sync::LazyLock;

use oauth::{
    PresentedSecret, RevokedSubject,
    jose::{Algorithm, KeySet, TokenType, Verification, VerifyingKey, verify},
};

/// The tokens of RFC 7515 appendix A.2 and A.3.
const GENUINE: [&str; 2] = [
    include_str!("../../../fuzz/seeds/jwt/rfc7515_a2"),
    include_str!("../../../fuzz/seeds/jwt/rfc7515_a3"),
];

/// Their keys.
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    KeySet::parse(include_bytes!("../../../fuzz/seeds/jwt/keys")).expect("two keys")
});

/// Only what was signed is believed; keys that are read are written as they were; a refusal is one
/// short line.
pub fn jwt(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let verification =
        Verification { algorithms: &Algorithm::ALL, token_type: TokenType::OrGeneric("JWT") };
    match verify(&text, KEYS.iter(), &verification) {
        Ok(_) => {
            let signed = |token: &str| token.rsplit_once('.').map(|(signed, _)| signed.to_owned());
            let is_genuine = GENUINE.iter().any(|token| signed(token) == signed(&text));
            assert!(is_genuine, "{text:?} was not signed");
        }
        Err(refusal) => told(&refusal.to_string()),
    }
    match KeySet::parse(data) {
        Ok(keys) => {
            let written = keys.to_json().to_string();
            assert_eq!(KeySet::parse(written.as_bytes()), Ok(keys), "{written}");
        }
        Err(fault) => told(&fault.to_string()),
    }
    if let Ok(key) = VerifyingKey::from_jwk(data) {
        assert_eq!(VerifyingKey::from_jwk(key.to_jwk().to_string().as_bytes()), Ok(key));
    }
    if let Err(refusal) = RevokedSubject::read(data) {
        told(&refusal.to_string());
    }
    if let Err(fault) = PresentedSecret::parse(&text) {
        told(&fault.to_string());
    }
}

pub(super) fn told(sentence: &str) {
    assert!(!sentence.trim().is_empty(), "a refusal says why");
    assert!(sentence.len() <= 2_000, "a refusal is short: {sentence}");
    assert!(!sentence.contains(char::is_control), "a refusal is one line: {sentence:?}");
}

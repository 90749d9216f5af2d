//! [`Seal`]: small things that clients carry for us, which no one else can read or make.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};

use crate::random::Random;

/// The bytes of a key.
pub const KEY: usize = 32;
const NONCE: usize = 12;
/// The first byte of what is sealed: which algorithm and layout it has.
const VERSION: u8 = 1;
/// The most bytes that are looked at.
pub(crate) const LONGEST: usize = 2_048;

/// Seals and opens under one key.
///
/// `AES-256-GCM-SIV` (RFC 8452) with random nonces: should a nonce ever repeat, nothing but the
/// equality of two contents shows. What is sealed is text of unreserved characters (RFC 3986
/// §2.3), so that it may stand in an address.
pub struct Seal(LessSafeKey);

impl Seal {
    /// A seal with this key.
    ///
    /// # Panics
    ///
    /// Never: the key has the length that the algorithm wants.
    #[must_use]
    pub fn new(key: &[u8; KEY]) -> Self {
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, key).expect("32 bytes are a key")))
    }

    /// The content as a text that only [`Seal::open`] can read, and only where it is given the
    /// same `bound_to`.
    ///
    /// # Panics
    ///
    /// Never: the algorithm refuses contents of gigabytes only.
    #[must_use]
    pub fn seal(&self, random: &Random, bound_to: &[u8], content: &[u8]) -> String {
        let nonce: [u8; NONCE] = random.bytes();
        let mut sealed = content.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to),
                &mut sealed,
            )
            .expect("the content is small");
        let mut text = vec![VERSION];
        text.extend(nonce);
        text.extend(sealed);
        BASE64.encode(text)
    }

    /// The content of a text that was sealed with this key; `None`: it was not, or it is bound to
    /// something else.
    #[must_use]
    pub fn open(&self, bound_to: &[u8], text: &str) -> Option<Vec<u8>> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = BASE64.decode(text).ok()?;
        let (nonce, sealed) = bytes.strip_prefix(&[VERSION])?.split_first_chunk::<NONCE>()?;
        let mut sealed = sealed.to_vec();
        let content = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(bound_to), &mut sealed)
            .ok()?;
        Some(content.to_vec())
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;
    use crate::random::Random;

    #[test]
    fn what_is_sealed_is_read_under_the_same_key_and_binding_only() {
        let (seal, random) = (Seal::new(&[1; 32]), Random::from_seed(1));
        let text = seal.seal(&random, b"acme", b"content");
        assert_eq!(seal.open(b"acme", &text).as_deref(), Some(&b"content"[..]));
        assert_eq!(seal.open(b"umbra", &text), None);
        assert_eq!(Seal::new(&[2; 32]).open(b"acme", &text), None);
        assert_eq!(seal.open(b"acme", &format!("{text}A")), None);
        assert_eq!(seal.open(b"acme", ""), None);
    }

    #[test]
    fn a_text_of_which_a_character_was_changed_is_none() {
        let seal = Seal::new(&[1; 32]);
        let text = seal.seal(&Random::from_seed(1), b"", b"content");
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(seal.open(b"", &changed), None, "{changed}");
            assert_eq!(seal.open(b"", &text[..at]), None, "{at} characters");
        }
    }

    #[test]
    fn the_same_content_looks_different_each_time_and_fits_into_an_address() {
        let (seal, random) = (Seal::new(&[1; 32]), Random::from_seed(1));
        let texts = [0, 1].map(|_| seal.seal(&random, b"", b"a b/?&"));
        assert_ne!(texts[0], texts[1]);
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        assert!(texts.iter().all(|text| text.bytes().all(unreserved)), "{texts:?}");
    }
}

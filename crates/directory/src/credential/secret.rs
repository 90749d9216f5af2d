//! [`Secret`]: 256 random bits that someone shows to be known again.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use secrecy::{ExposeSecret as _, SecretString};

use super::base62;
use crate::random::Random;

/// How many digits a secret has.
const DIGITS: usize = 43;

/// 256 random bits, as 43 digits of base 62: what stands in a cookie, or a handle that leads back to
/// what was begun. It cannot be printed by accident; the store keeps its hash.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    /// A new one.
    #[must_use]
    pub fn random(random: &Random) -> Self {
        Self(base62::encode::<32, DIGITS>(random.bytes()).into())
    }

    /// Reads one that is shown. `None`: it does not look like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == DIGITS && base62::is_digits(text)).then(|| Self(text.into()))
    }

    /// One that follows from another text that no one else knows, such as a cookie: what is derived for
    /// one purpose tells nothing of the text, and is of no use for another.
    #[must_use]
    pub fn derived(purpose: &str, from: &str) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&(purpose.len() as u64).to_be_bytes());
        hash.update(purpose.as_bytes());
        hash.update(from.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        Self(base62::encode::<32, DIGITS>(bytes).into())
    }

    /// Whether a text shows it. It takes the same time, whether it does or not.
    #[must_use]
    pub fn is_shown_as(&self, text: &str) -> bool {
        verify_slices_are_equal(self.reveal().as_bytes(), text.as_bytes()).is_ok()
    }

    /// The text, for whoever is to show it again.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it: SHA-256. 256 random bits need no slow hash.
    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.reveal().as_bytes()).as_ref().to_vec()
    }

    /// Whether it is the one of which this hash was kept. It takes the same time, whether it is or
    /// not.
    pub(crate) fn is_of(&self, hash: &[u8]) -> bool {
        verify_slices_are_equal(&self.hash(), hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use crate::random::Random;

    #[test]
    fn a_secret_is_known_by_its_hash_and_is_not_printed() {
        let random = Random::from_seed(1);
        let (one, other) = (Secret::random(&random), Secret::random(&random));
        let shown = Secret::parse(one.reveal()).expect("it looks like one");
        assert!(shown.is_of(&one.hash()) && !shown.is_of(&other.hash()));
        assert!(!format!("{one:?}").contains(one.reveal()));
        for bad in
            ["", "short", &"ü".repeat(43), &one.reveal()[1..], &format!("{}!", &one.reveal()[1..])]
        {
            assert!(Secret::parse(bad).is_none(), "{bad}");
        }
    }
}

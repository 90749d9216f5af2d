//! [`Password`] and [`PasswordHash`]: Argon2id (RFC 9106).

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{error::Error, random::Random};

/// The fewest characters of a password; it is one factor of two (NIST SP 800-63B-4 §3.1.1).
pub(crate) const SHORTEST: usize = 12;
/// The most characters of a password.
pub(crate) const LONGEST: usize = 256;

/// Memory in KiB, passes and lanes: OWASP's first choice for Argon2id, about 20 ms of processor.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// The first byte of a hash: which cost and layout it has.
const LAYOUT: u8 = 1;
const SALT: usize = 16;
const HASH: usize = 32;

/// A password as someone typed it. It cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// One that is shown: whatever was typed, but not longer than a password can be.
    #[must_use]
    pub fn shown(text: &str) -> Option<Self> {
        (text.chars().count() <= LONGEST).then(|| Self(text.into()))
    }

    /// One that someone chooses.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the rule: the length alone counts (NIST SP 800-63B-4 §3.1.1.2), and
    /// that it is not the address of its owner.
    pub fn chosen(text: &str, email: &str) -> Result<Self, Error> {
        let length = text.chars().count();
        let is_guessable =
            text.eq_ignore_ascii_case(email) || text.chars().all(|c| text.starts_with(c));
        if !(SHORTEST..=LONGEST).contains(&length) || is_guessable {
            return Err(Error::invalid(
                "password",
                format!(
                    "A password has {SHORTEST} to {LONGEST} characters, and is neither the address \
                     of its owner nor one character repeated."
                ),
            ));
        }
        Ok(Self(text.into()))
    }

    fn digest(&self, salt: &[u8]) -> [u8; HASH] {
        let (memory, passes, lanes) = COST;
        let params = Params::new(memory, passes, lanes, Some(HASH)).expect("the cost is allowed");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hash = [0; HASH];
        argon2
            .hash_password_into(self.0.expose_secret().as_bytes(), salt, &mut hash)
            .expect("salt and length are allowed");
        hash
    }

    /// What is kept of it. It takes some 20 ms of processor: not for a thread that others wait for.
    #[must_use]
    pub fn hash(&self, random: &Random) -> PasswordHash {
        let salt: [u8; SALT] = random.bytes();
        let mut bytes = vec![LAYOUT];
        bytes.extend(salt);
        bytes.extend(self.digest(&salt));
        PasswordHash(bytes)
    }
}

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Vec<u8>);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl PasswordHash {
    /// Reads one that was kept. `None`: it is none.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == 1 + SALT + HASH && bytes.first() == Some(&LAYOUT)).then_some(Self(bytes))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The hash of no password: whoever asks about an account that is not there is answered as late
    /// as about one that is.
    #[must_use]
    pub(super) fn of_none() -> Self {
        let mut bytes = vec![LAYOUT];
        bytes.resize(1 + SALT + HASH, 0);
        Self(bytes)
    }

    /// Whether it is that of this password. It takes as long as to make it, whether it is or not.
    #[must_use]
    pub fn is_of(&self, password: &Password) -> bool {
        let (salt, hash) = self.0[1..].split_at(SALT);
        verify_slices_are_equal(&password.digest(salt), hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, PasswordHash};
    use crate::random::Random;

    #[test]
    fn a_password_is_known_by_its_hash_and_is_not_printed() {
        let random = Random::from_seed(1);
        let password = |text| Password::chosen(text, "ada@example.com").expect("it is allowed");
        let (right, wrong) = (password("correct horse battery"), password("correct horse batterz"));
        let hash = right.hash(&random);
        let kept = PasswordHash::from_bytes(hash.as_bytes().to_vec()).expect("it is one");
        assert!(
            kept.is_of(&right) && !kept.is_of(&wrong) && !PasswordHash::of_none().is_of(&right)
        );
        assert_ne!(hash, right.hash(&random), "the salt is another");
        assert!(!format!("{right:?}{hash:?}").contains("horse"));
    }

    #[test]
    fn a_password_is_long() {
        for bad in
            ["", "short", "ada.lovelace@example.com", "aaaaaaaaaaaaaaaaaa", &"ab".repeat(129)]
        {
            assert!(Password::chosen(bad, "Ada.Lovelace@example.com").is_err(), "{bad}");
        }
    }
}

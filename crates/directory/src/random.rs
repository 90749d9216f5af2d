//! [`Random`]: the only way randomness enters.

use std::sync::{Mutex, PoisonError};

use rand::{Rng as _, SeedableRng as _, rngs::ChaCha12Rng};
use uuid::Uuid;

/// A source of random bytes: a stream cipher, seeded by the system or, in tests, by a number.
pub struct Random(Mutex<ChaCha12Rng>);

impl Random {
    /// Seeded from the operating system.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random bytes to give: nothing can be done safely then.
    #[must_use]
    pub fn from_system() -> Self {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).expect("the operating system gives random bytes");
        Self(Mutex::new(ChaCha12Rng::from_seed(seed)))
    }

    /// Seeded by a number: the same number, the same bytes. For tests only.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(ChaCha12Rng::seed_from_u64(seed)))
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A random UUID, version 4.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

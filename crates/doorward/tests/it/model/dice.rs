//! [`Dice`]: chance that a seed decides.

use rand::{RngExt as _, SeedableRng as _, rngs::ChaCha12Rng};

/// Chance that a seed decides.
#[derive(Debug)]
pub(super) struct Dice(ChaCha12Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// The dice of one operation of a case. Leaving another operation out does not change them.
    pub(super) fn of_operation(seed: u64, number: usize) -> Self {
        let number = u64::try_from(number).expect("a number of an operation");
        Self::new(seed.wrapping_mul(1_000_003) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number from 0 on, below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit)
    }

    /// True so often of a hundred times.
    pub(super) fn percent(&mut self, often: usize) -> bool {
        self.below(100) < often
    }

    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// One of them, if there is any.
    pub(super) fn maybe<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { Some(self.pick(all)) }
    }

    /// A name in some case: names have none (RFC 7643 §2.1).
    pub(super) fn spelled(&mut self, name: &str) -> String {
        match self.below(8) {
            0 => name.to_ascii_uppercase(),
            1 => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        }
    }
}

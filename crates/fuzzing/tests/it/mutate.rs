//! [`Mutator`]: inputs that nearly are what providers send, the same for the same number.

use rand::{RngExt as _, SeedableRng as _, rngs::ChaCha8Rng, seq::IndexedRandom as _};

/// No input is longer: most limits are at 8 KB.
const LONGEST: usize = 32 * 1024;

/// Makes mutations of seeds.
pub(crate) struct Mutator {
    pub(crate) seeds: Vec<Vec<u8>>,
    pub(crate) words: Vec<Vec<u8>>,
}

impl Mutator {
    /// The mutation with this number: a seed after a few changes.
    pub(crate) fn mutation(&self, number: u64) -> Vec<u8> {
        let mut random = ChaCha8Rng::seed_from_u64(number);
        let mut input = self.seeds.choose(&mut random).expect("there are seeds").clone();
        // Mostly one to four changes, so that much of the input stays what it was.
        let changes = random.random_range(1..=4) * if random.random_bool(0.1) { 8 } else { 1 };
        for _ in 0..changes {
            self.change(&mut input, &mut random);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&self, input: &mut Vec<u8>, random: &mut ChaCha8Rng) {
        let at = random.random_range(0..=input.len());
        let end = random.random_range(at..=input.len().min(at + 40));
        match random.random_range(0..8) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = random.random_range(0..=255);
                }
            }
            2 => drop(input.drain(at..end)),
            3 => {
                let again = input[at..end].repeat(random.random_range(1..=20));
                drop(input.splice(at..at, again));
            }
            4 => {
                let other = self.seeds.choose(random).expect("there are seeds");
                let from = random.random_range(0..=other.len());
                let to = random.random_range(from..=other.len());
                drop(input.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                let word = self.words.choose(random).expect("there are words");
                // In place of what is there, or before it.
                let end = if random.random_bool(0.5) { end } else { at };
                drop(input.splice(at..end, word.iter().copied()));
            }
        }
    }
}

#[test]
fn a_number_gives_the_same_mutation_and_another_one_another() {
    let mutator = Mutator {
        seeds: vec![b"userName eq \"a\"".to_vec(), b"title pr".to_vec()],
        words: vec![b" and ".to_vec()],
    };
    assert_eq!(mutator.mutation(7), mutator.mutation(7));
    let different: std::collections::HashSet<Vec<u8>> =
        (0..200).map(|number| mutator.mutation(number)).collect();
    assert!(different.len() > 150, "{}", different.len());
}

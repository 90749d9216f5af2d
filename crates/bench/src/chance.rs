//! [`Chance`]: numbers that look random, the same in every run.

/// xorshift64*
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A row of numbers of its own for each seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (seed << 1))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below another.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.bits() >> 33).expect("31 bits") % end
    }

    /// What has the form of an id, and is none.
    pub fn id(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_ids() {
        let mut chance = Chance::new(7);
        for _ in 0..1_000 {
            let id = chance.id();
            let parts: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12], "{id}");
        }
    }

    #[test]
    fn seeds_give_different_numbers() {
        assert_ne!(Chance::new(1).bits(), Chance::new(2).bits());
    }
}

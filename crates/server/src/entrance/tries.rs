//! [`Tries`]: how often someone may try to come in by break-glass.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    num::NonZeroU32,
};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock as _, clock::DefaultClock};

use crate::http::auth_failures::RetryAfter;

/// So often in a minute an address may be tried; after so many at once, one more every six seconds.
pub(crate) const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("it is not zero");
/// After so many addresses those that have been quiet are forgotten.
const SWEEP: usize = 10_000;

/// Counts tries by the address that is typed, whether there is such an account or not, and whatever
/// address the browser has. A browser from which the owner came in before has a count of its own:
/// whoever guesses from elsewhere does not make the owner wait.
#[derive(Debug)]
pub(crate) struct Tries {
    limiter: DefaultKeyedRateLimiter<(u64, bool)>,
    clock: DefaultClock,
}

impl Default for Tries {
    fn default() -> Self {
        let limiter = DefaultKeyedRateLimiter::keyed(Quota::per_minute(PER_MINUTE));
        Self { limiter, clock: DefaultClock::default() }
    }
}

impl Tries {
    /// Counts one.
    ///
    /// # Errors
    ///
    /// How long to wait, where there were too many.
    pub(super) fn count(&self, email: &str, is_known: bool) -> Result<(), RetryAfter> {
        if self.limiter.len() > SWEEP {
            self.limiter.retain_recent();
        }
        let mut hasher = DefaultHasher::new();
        email.trim().to_lowercase().hash(&mut hasher);
        self.limiter.check_key(&(hasher.finish(), is_known)).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_secs() + 1;
            RetryAfter(u32::try_from(wait).unwrap_or(u32::MAX))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PER_MINUTE, Tries};

    #[test]
    fn who_guesses_waits_and_the_owners_browser_does_not() {
        let tries = Tries::default();
        for _ in 0..PER_MINUTE.get() {
            assert!(tries.count("ada@example.com", false).is_ok());
        }
        let wait = tries.count(" ADA@example.com", false).expect_err("it was tried too often");
        assert!((1..=7).contains(&wait.0), "{wait:?}");
        assert!(tries.count("ada@example.com", true).is_ok());
        assert!(tries.count("grace@example.com", false).is_ok());
    }
}

//! [`Tries`]: how often someone may try to come in by break-glass.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use governor::clock::{Clock, DefaultClock};

use crate::http::{
    address::LimitKey,
    auth_failures::{Budgets, RetryAfter},
};

/// So often in a minute an e-mail address may be tried; after so many at once, one more every six
/// seconds.
pub(crate) const PER_MINUTE: u32 = 10;
/// So often in a minute someone at one network address may try, whatever is typed.
pub(crate) const PER_MINUTE_FROM_ONE_PLACE: u32 = 30;

/// Counts tries by what is typed, whether there is such an account or not, and by where they come
/// from. A browser from which the owner came in before has counts of its own: whoever guesses from
/// elsewhere does not make the owner wait.
pub(crate) struct Tries<C: Clock = DefaultClock> {
    typed: Budgets<(u64, bool), C>,
    places: Budgets<(LimitKey, bool), C>,
}

impl Default for Tries {
    fn default() -> Self {
        Self::with_clock(&DefaultClock::default())
    }
}

impl<C: Clock + Clone> Tries<C> {
    fn with_clock(clock: &C) -> Self {
        Self {
            typed: Budgets::per_minute(PER_MINUTE, clock.clone()),
            places: Budgets::per_minute(PER_MINUTE_FROM_ONE_PLACE, clock.clone()),
        }
    }

    /// Counts one.
    ///
    /// # Errors
    ///
    /// How long to wait, where there were too many.
    pub(super) fn count(
        &self,
        typed: &str,
        place: impl Into<LimitKey>,
        is_known: bool,
    ) -> Result<(), RetryAfter> {
        self.places.spend((place.into(), is_known))?;
        let mut hasher = DefaultHasher::new();
        typed.trim().to_lowercase().hash(&mut hasher);
        self.typed.spend((hasher.finish(), is_known))
    }
}

impl<C: Clock> fmt::Debug for Tries<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tries").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::Duration,
    };

    use governor::clock::FakeRelativeClock;

    use super::{PER_MINUTE, PER_MINUTE_FROM_ONE_PLACE, RetryAfter, Tries};

    fn place(number: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, number).into()
    }

    #[test]
    fn who_guesses_waits_and_the_owners_browser_does_not() {
        let clock = FakeRelativeClock::default();
        let tries = Tries::with_clock(&clock);
        for number in 0..PER_MINUTE {
            let number = u8::try_from(number).expect("it is small");
            assert!(tries.count("ada@example.com", place(number), false).is_ok());
        }
        let wait = tries.count(" ADA@example.com", place(99), false);
        assert_eq!(wait, Err(RetryAfter(6)), "it was tried too often, from wherever");
        assert!(tries.count("ada@example.com", place(1), true).is_ok());
        assert!(tries.count("grace@example.com", place(1), false).is_ok());
        clock.advance(Duration::from_secs(6));
        assert!(tries.count("ada@example.com", place(99), false).is_ok());
    }

    #[test]
    fn who_tries_many_addresses_waits_too() {
        let tries = Tries::with_clock(&FakeRelativeClock::default());
        for number in 0..PER_MINUTE_FROM_ONE_PLACE {
            assert!(tries.count(&format!("a{number}@example.com"), place(1), false).is_ok());
        }
        assert_eq!(tries.count("b@example.com", place(1), false), Err(RetryAfter(2)));
        assert!(tries.count("b@example.com", place(2), false).is_ok());
    }
}

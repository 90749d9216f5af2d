//! [`AuthFailureLimiter`]: how often credentials may be refused before the client is told to wait.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher as _},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use super::{address::LimitKey, limits::Limits};

/// After how many failures the keys which have been quiet are forgotten.
const SWEEP: u32 = 4096;
/// Most keys remembered. While there are as many, further failures share one budget.
pub(super) const KEYS: usize = 100_000;

/// Counts failed authentications: those with the same credentials from one address, and, with a
/// much wider limit, those of an address.
///
/// Only failures are counted: a valid token always passes, because one address of an identity
/// provider speaks for many customers. For the same reason one customer's wrong token uses up
/// no one else's budget: everyone else still reads what is wrong with the own one. The limit of an
/// address is there for the load alone, and only what came as far as it counts.
///
/// Memory is bounded by the number of keys remembered.
pub struct AuthFailureLimiter<C: Clock = DefaultClock> {
    per_credential: Budgets<(LimitKey, u64), C>,
    per_address: Budgets<LimitKey, C>,
}

/// Too many failures: the seconds to wait, at least one. The `Retry-After` header takes the number
/// as it is; Okta understands nothing but an integer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u32);

impl AuthFailureLimiter {
    /// As many failures per minute as the limits say; zero counts as one.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self::with_clock(limits, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> AuthFailureLimiter<C> {
    /// As [`AuthFailureLimiter::new`], by another clock.
    #[must_use]
    pub fn with_clock(limits: &Limits, clock: &C) -> Self {
        Self {
            per_credential: Budgets::per_minute(limits.auth_failures, clock.clone()),
            per_address: Budgets::per_minute(limits.auth_failures_per_address, clock.clone()),
        }
    }

    /// Records that the credentials which a client at this address presented were refused.
    ///
    /// # Errors
    ///
    /// A budget is used up: answer 429 rather than 401.
    pub fn record(
        &self,
        address: impl Into<LimitKey>,
        presented: impl Hash,
    ) -> Result<(), RetryAfter> {
        let address = address.into();
        let mut hasher = DefaultHasher::new();
        presented.hash(&mut hasher);
        self.per_credential.spend((address, hasher.finish()))?;
        // Not before: who only repeats the same mistake must not use up the address for others.
        self.per_address.spend(address)
    }
}

impl<C: Clock> fmt::Debug for AuthFailureLimiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthFailureLimiter")
            .field("credentials", &self.per_credential.limiter.len())
            .field("addresses", &self.per_address.limiter.len())
            .finish_non_exhaustive()
    }
}

/// `None`: the budget that keys beyond the bound share.
type Limiter<K, C> = RateLimiter<
    Option<K>,
    DefaultKeyedStateStore<Option<K>>,
    C,
    NoOpMiddleware<<C as Clock>::Instant>,
>;

/// A budget per minute for each key, of so many keys at the most.
pub(crate) struct Budgets<K: Hash + Eq + Clone, C: Clock> {
    limiter: Limiter<K, C>,
    clock: C,
    spent: AtomicU32,
    most: usize,
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Budgets<K, C> {
    pub(crate) fn per_minute(budget: u32, clock: C) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(budget).unwrap_or(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone()),
            clock,
            spent: AtomicU32::new(0),
            most: KEYS,
        }
    }

    /// Spends one of a key's.
    ///
    /// # Errors
    ///
    /// How long to wait, where nothing is left.
    pub(crate) fn spend(&self, key: K) -> Result<(), RetryAfter> {
        let spent = self.spent.fetch_add(1, Ordering::Relaxed);
        if spent % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let key = (self.limiter.len() < self.most).then_some(key);
        self.limiter
            .check_key(&key)
            .map_err(|until| retry_after(until.wait_time_from(self.clock.now())))
    }
}

/// Whole seconds, rounded up: a client that comes back then must not come too early.
pub(super) fn retry_after(wait: Duration) -> RetryAfter {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    RetryAfter(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::Duration,
    };

    use governor::clock::FakeRelativeClock;

    use super::{AuthFailureLimiter, RetryAfter};
    use crate::http::Limits;

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from(0x0a00_0000 + n).into()
    }

    fn limiter(
        auth_failures: u32,
        auth_failures_per_address: u32,
    ) -> (AuthFailureLimiter<FakeRelativeClock>, FakeRelativeClock) {
        let limits = Limits { auth_failures, auth_failures_per_address, ..Limits::default() };
        let clock = FakeRelativeClock::default();
        (AuthFailureLimiter::with_clock(&limits, &clock), clock)
    }

    #[test]
    fn who_repeats_the_same_wrong_credentials_waits_and_no_one_else() {
        let (failures, clock) = limiter(60, 6_000);
        for _ in 0..60 {
            assert_eq!(failures.record(address(1), "wrong"), Ok(()));
        }
        for _ in 0..10_000 {
            assert_eq!(failures.record(address(1), "wrong"), Err(RetryAfter(1)));
        }
        assert_eq!(failures.record(address(1), "another's"), Ok(()));
        assert_eq!(failures.record(address(2), "wrong"), Ok(()));
        clock.advance(Duration::from_secs(1));
        assert_eq!(failures.record(address(1), "wrong"), Ok(()));
        assert_eq!(failures.record(address(1), "wrong"), Err(RetryAfter(1)));
        clock.advance(Duration::from_mins(1));
        for _ in 0..60 {
            assert_eq!(failures.record(address(1), "wrong"), Ok(()));
        }
    }

    #[test]
    fn an_address_that_tries_very_many_credentials_waits() {
        let (failures, clock) = limiter(60, 600);
        for n in 0..600 {
            assert_eq!(failures.record(address(1), n), Ok(()));
        }
        assert_eq!(failures.record(address(1), 600), Err(RetryAfter(1)));
        assert_eq!(failures.record(address(2), 600), Ok(()));
        clock.advance(Duration::from_secs(1));
        for n in 0..10 {
            assert_eq!(failures.record(address(1), 601 + n), Ok(()));
        }
        assert_eq!(failures.record(address(1), 700), Err(RetryAfter(1)));
    }

    #[test]
    fn the_wait_is_in_whole_seconds_and_long_enough() {
        let (failures, clock) = limiter(4, 6_000);
        for _ in 0..4 {
            assert_eq!(failures.record(address(1), "x"), Ok(()));
        }
        clock.advance(Duration::from_millis(2500));
        assert_eq!(failures.record(address(1), "x"), Err(RetryAfter(13)));
        clock.advance(Duration::from_secs(13));
        assert_eq!(failures.record(address(1), "x"), Ok(()));
    }

    #[test]
    fn what_is_quiet_is_forgotten() {
        let (failures, clock) = limiter(60, 6_000);
        for n in 0..4000 {
            assert_eq!(failures.record(address(n), n), Ok(()));
        }
        clock.advance(Duration::from_mins(2));
        for n in 0..200 {
            assert_eq!(failures.record(address(n), n), Ok(()));
        }
        assert!(failures.per_credential.limiter.len() <= 200, "{failures:?}");
        assert!(failures.per_address.limiter.len() <= 200, "{failures:?}");
    }

    #[test]
    fn a_flood_of_addresses_shares_one_budget() {
        let (mut failures, _) = limiter(60, 60);
        failures.per_credential.most = 100;
        failures.per_address.most = 100;
        let refused = (0..1000).filter(|n| failures.record(address(*n), "x").is_err()).count();
        assert_eq!(refused, 1000 - 100 - 60);
        assert!(failures.per_credential.limiter.len() <= 101);
        assert!(failures.per_address.limiter.len() <= 101);
    }
}

//! [`Failures`]: how many failed authentications one address may cause.

use std::{
    fmt,
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

use super::address::LimitKey;

/// After how many failures the addresses which have been quiet are forgotten.
const SWEEP: u32 = 4096;
/// Most addresses remembered. While there are as many, further failures share one budget.
const ADDRESSES: usize = 100_000;

/// The key that addresses beyond the bound share. No client has this address.
const CROWD: LimitKey = LimitKey::UNSPECIFIED;

type Limiter<C> = RateLimiter<
    LimitKey,
    DefaultKeyedStateStore<LimitKey>,
    C,
    NoOpMiddleware<<C as Clock>::Instant>,
>;

/// Counts failed authentications per address. Only failures: a valid token always passes, because
/// one address of an identity provider speaks for many customers.
///
/// Memory is bounded by the number of addresses remembered.
pub struct Failures<C: Clock = DefaultClock> {
    limiter: Limiter<C>,
    clock: C,
    recorded: AtomicU32,
    addresses: usize,
}

/// Too many failures: the seconds to wait, at least one. The `Retry-After` header takes the number
/// as it is; Okta understands nothing but an integer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u32);

impl Failures {
    /// So many failures per minute and address; zero counts as one.
    #[must_use]
    pub fn per_minute(failures: u32) -> Self {
        Self::with_clock(failures, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Failures<C> {
    /// As [`Failures::per_minute`], by another clock.
    #[must_use]
    pub fn with_clock(failures: u32, clock: C) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(failures).unwrap_or(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone()),
            clock,
            recorded: AtomicU32::new(0),
            addresses: ADDRESSES,
        }
    }

    /// Records one failed authentication.
    ///
    /// # Errors
    ///
    /// The address has used up its budget: answer 429 rather than 401.
    pub fn record(&self, address: impl Into<LimitKey>) -> Result<(), RetryAfter> {
        let recorded = self.recorded.fetch_add(1, Ordering::Relaxed);
        if recorded % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let key = if self.limiter.len() < self.addresses { address.into() } else { CROWD };
        self.limiter
            .check_key(&key)
            .map_err(|until| retry_after(until.wait_time_from(self.clock.now())))
    }
}

/// Whole seconds, rounded up: a client that comes back then must not come too early.
fn retry_after(wait: Duration) -> RetryAfter {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    RetryAfter(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
}

impl<C: Clock> fmt::Debug for Failures<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").field("addresses", &self.limiter.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        time::Duration,
    };

    use governor::clock::FakeRelativeClock;

    use super::{Failures, RetryAfter};

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from(0x0a00_0000 + n).into()
    }

    #[test]
    fn an_address_that_fails_too_often_waits_and_others_do_not() {
        let clock = FakeRelativeClock::default();
        let failures = Failures::with_clock(60, clock.clone());
        for _ in 0..60 {
            assert_eq!(failures.record(address(1)), Ok(()));
        }
        assert_eq!(failures.record(address(1)), Err(RetryAfter(1)));
        assert_eq!(failures.record(address(2)), Ok(()));
        clock.advance(Duration::from_secs(1));
        assert_eq!(failures.record(address(1)), Ok(()));
        assert_eq!(failures.record(address(1)), Err(RetryAfter(1)));
        clock.advance(Duration::from_mins(1));
        for _ in 0..60 {
            assert_eq!(failures.record(address(1)), Ok(()));
        }
    }

    #[test]
    fn the_wait_is_in_whole_seconds_and_long_enough() {
        let clock = FakeRelativeClock::default();
        let failures = Failures::with_clock(4, clock.clone());
        for _ in 0..4 {
            assert_eq!(failures.record(address(1)), Ok(()));
        }
        clock.advance(Duration::from_millis(2500));
        assert_eq!(failures.record(address(1)), Err(RetryAfter(13)));
        clock.advance(Duration::from_secs(13));
        assert_eq!(failures.record(address(1)), Ok(()));
    }

    #[test]
    fn quiet_addresses_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let failures = Failures::with_clock(60, clock.clone());
        for n in 0..4000 {
            assert_eq!(failures.record(address(n)), Ok(()));
        }
        clock.advance(Duration::from_mins(2));
        for n in 0..200 {
            assert_eq!(failures.record(address(n)), Ok(()));
        }
        assert!(failures.limiter.len() <= 200, "{failures:?}");
    }

    #[test]
    fn a_flood_of_addresses_shares_one_budget() {
        let mut failures = Failures::with_clock(60, FakeRelativeClock::default());
        failures.addresses = 100;
        let refused = (0..1000).filter(|n| failures.record(address(*n)).is_err()).count();
        assert_eq!(refused, 1000 - 100 - 60);
        assert!(failures.limiter.len() <= 101);
    }
}

//! [`RateLimit`]: how many requests each of those who show credentials may make in a minute.

use std::{
    fmt,
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::response::Response;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::keyed::DefaultKeyedStateStore,
};
use http::{HeaderMap, HeaderValue};

use super::auth_failures::{RetryAfter, retry_after};

/// After how many requests those are forgotten who have been quiet.
const SWEEP: u32 = 65_536;

type Limiter<K, C> = RateLimiter<K, DefaultKeyedStateStore<K>, C, StateInformationMiddleware>;

/// A number of requests per minute for each key, on this server. They may come at once; each is
/// given back after its share of the minute (GCRA).
///
/// Keys are those of callers whose credentials were checked, so there are no more of them than
/// connections and API keys.
pub(crate) struct RateLimit<K: Hash + Eq + Clone, C: Clock = DefaultClock>(Option<Limited<K, C>>);

struct Limited<K: Hash + Eq + Clone, C: Clock> {
    limiter: Limiter<K, C>,
    clock: C,
    per_minute: NonZeroU32,
    taken: AtomicU32,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// So many requests per minute; `None`: as many as anyone likes.
    pub(crate) fn per_minute(requests: Option<NonZeroU32>) -> Self {
        Self::with_clock(requests, DefaultClock::default())
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> RateLimit<K, C> {
    fn with_clock(requests: Option<NonZeroU32>, clock: C) -> Self {
        Self(requests.map(|per_minute| {
            let state = DefaultKeyedStateStore::default();
            let quota = Quota::per_minute(per_minute);
            let limiter: Limiter<K, C> = RateLimiter::new(quota, state, clock.clone());
            Limited { limiter, clock, per_minute, taken: AtomicU32::new(0) }
        }))
    }

    /// Takes one request of a key. `None`: there is no limit.
    pub(crate) fn take(&self, key: &K) -> Option<Standing> {
        let Limited { limiter, clock, per_minute, taken } = self.0.as_ref()?;
        if taken.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        let per_minute = *per_minute;
        Some(match limiter.check_key(key) {
            Ok(snapshot) => Standing::taken(per_minute, &snapshot),
            Err(until) => {
                let wait = retry_after(until.wait_time_from(clock.now()));
                Standing { per_minute, remaining: 0, reset: wait.0, refused: Some(wait) }
            }
        })
    }
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for RateLimit<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RateLimit").field(&self.0.as_ref().map(|it| it.per_minute)).finish()
    }
}

/// What is left to a caller after its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    per_minute: NonZeroU32,
    remaining: u32,
    /// Seconds until there is something again, or everything.
    reset: u32,
    refused: Option<RetryAfter>,
}

impl Standing {
    fn taken(per_minute: NonZeroU32, snapshot: &StateSnapshot) -> Self {
        let remaining = snapshot.remaining_burst_capacity();
        let used = per_minute.get().saturating_sub(remaining);
        let back = Duration::from_mins(1) / per_minute.get() * used;
        Self { per_minute, remaining, reset: retry_after(back).0, refused: None }
    }

    /// How long the request has to wait, where nothing was left for it.
    pub(crate) fn refused(&self) -> Option<RetryAfter> {
        self.refused
    }

    /// Tells the caller: `RateLimit-Policy` and `RateLimit` of the IETF's draft
    /// "`RateLimit` header fields for HTTP" (httpapi-ratelimit-headers-10).
    fn tell(&self, headers: &mut HeaderMap) {
        let Self { per_minute, remaining, reset, .. } = self;
        for (name, value) in [
            ("ratelimit-policy", format!("\"minute\";q={per_minute};w=60")),
            ("ratelimit", format!("\"minute\";r={remaining};t={reset}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

/// Tells a caller with its answer what is left to it, where there is a limit.
pub(crate) fn told(standing: Option<Standing>, mut response: Response) -> Response {
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    response
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroU32, time::Duration};

    use governor::clock::FakeRelativeClock;
    use http::HeaderMap;

    use super::RateLimit;
    use crate::http::auth_failures::RetryAfter;

    #[test]
    fn each_key_has_its_own_minute() {
        let clock = FakeRelativeClock::default();
        let limit = RateLimit::with_clock(NonZeroU32::new(60), clock.clone());
        let refused = |key: &str| limit.take(&key.to_owned()).expect("a limit").refused();
        for _ in 0..60 {
            assert_eq!(refused("a"), None);
        }
        assert_eq!(refused("a"), Some(RetryAfter(1)));
        assert_eq!(refused("b"), None);
        clock.advance(Duration::from_secs(2));
        assert_eq!([refused("a"), refused("a")], [None, None]);
        assert_eq!(refused("a"), Some(RetryAfter(1)));
    }

    #[test]
    fn the_headers_tell_what_is_left() {
        let limit = RateLimit::with_clock(NonZeroU32::new(120), FakeRelativeClock::default());
        let told = |standing: super::Standing| {
            let mut headers = HeaderMap::new();
            standing.tell(&mut headers);
            ["ratelimit-policy", "ratelimit"]
                .map(|name| headers[name].to_str().expect("text").to_owned())
        };
        let first = told(limit.take(&1).expect("a limit"));
        assert_eq!(first, [r#""minute";q=120;w=60"#, r#""minute";r=119;t=1"#]);
        for _ in 0..119 {
            limit.take(&1);
        }
        let refused = told(limit.take(&1).expect("a limit"));
        assert_eq!(refused[1], r#""minute";r=0;t=1"#);
    }

    #[test]
    fn where_there_is_no_limit_nothing_is_counted() {
        assert_eq!(RateLimit::per_minute(None).take(&1), None);
    }
}

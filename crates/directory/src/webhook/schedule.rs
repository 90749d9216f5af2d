//! When something is sent again that was not accepted.

use std::time::Duration;

use crate::{clock::Time, random::Random};

const fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

/// So long after an attempt that failed the next one is made: the schedule of Standard Webhooks, over
/// three days.
pub const AGAIN_AFTER: [Duration; 9] = [
    Duration::from_secs(5),
    minutes(5),
    minutes(30),
    minutes(2 * 60),
    minutes(5 * 60),
    minutes(10 * 60),
    minutes(14 * 60),
    minutes(20 * 60),
    minutes(24 * 60),
];

/// So often an event is sent that is not accepted.
pub const MOST_ATTEMPTS: usize = AGAIN_AFTER.len() + 1;

/// The longest time that a receiver may ask for before it is tried again.
const LONGEST_ASKED: Duration = minutes(24 * 60);

/// When something is sent again that was sent so often. The receiver may ask for more time. `None`: it is
/// given up.
///
/// A tenth is added by chance, so that what failed together does not come again together.
pub(super) fn again(
    attempts: i64,
    asked: Option<Duration>,
    (now, random): (Time, &Random),
) -> Option<Time> {
    let failed = usize::try_from(attempts).unwrap_or(usize::MAX).checked_sub(1)?;
    let wait = *AGAIN_AFTER.get(failed)?;
    let wait = wait.max(asked.unwrap_or_default().min(LONGEST_ASKED));
    let [chance] = random.bytes::<1>();
    Some(now.plus(wait + wait * u32::from(chance) / 2_550))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AGAIN_AFTER, MOST_ATTEMPTS, again};
    use crate::{clock::Time, random::Random};

    #[test]
    fn each_attempt_waits_longer_and_the_last_is_the_last() {
        let (now, random) = (Time::from_micros(0), Random::from_seed(1));
        let mut last = now;
        for attempts in 1..MOST_ATTEMPTS {
            let count = i64::try_from(attempts).expect("small");
            let next = again(count, None, (now, &random)).expect("it is tried again");
            let wait = AGAIN_AFTER[attempts - 1];
            assert!(now.plus(wait) <= next && next <= now.plus(wait + wait / 10), "{attempts}");
            assert!(last < next, "{attempts}");
            last = next;
        }
        assert_eq!(again(10, None, (now, &random)), None);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_and_not_for_ever() {
        let (now, random) = (Time::from_micros(0), Random::from_seed(1));
        let ask = |seconds| again(1, Some(Duration::from_secs(seconds)), (now, &random));
        assert!(ask(1).expect("again") < now.plus(Duration::from_secs(6)));
        assert!(ask(600).expect("again") >= now.plus(Duration::from_mins(10)));
        assert!(ask(u64::MAX / 4).expect("again") <= now.plus(Duration::from_hours(27)));
    }
}

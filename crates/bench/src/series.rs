//! [`Series`]: the times that one operation took.

use std::time::Duration;

/// Times, in the order in which they were measured.
#[derive(Clone, Debug, Default)]
pub struct Series(Vec<Duration>);

impl Series {
    /// Adds a time.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds the times of another one.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many times there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Half of the times are below it.
    #[must_use]
    pub fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// 95 of 100 times are below it.
    #[must_use]
    pub fn p95(&self) -> Duration {
        self.quantile(95)
    }

    /// 99 of 100 times are below it.
    #[must_use]
    pub fn p99(&self) -> Duration {
        self.quantile(99)
    }

    /// The longest time.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    fn quantile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// The one in the middle; of an even number, the upper one. Nothing: nought.
#[must_use]
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(numbers: impl IntoIterator<Item = u64>) -> Series {
        Series(numbers.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn quantiles_leave_so_many_below_them() {
        let hundred = millis((0..100).rev());
        assert_eq!(hundred.median(), Duration::from_millis(50));
        assert_eq!(hundred.p95(), Duration::from_millis(95));
        assert_eq!(hundred.p99(), Duration::from_millis(99));
        assert_eq!(hundred.longest(), Duration::from_millis(99));
        let thousand = millis(0..1_000);
        assert_eq!(thousand.p99(), Duration::from_millis(990));
    }

    #[test]
    fn few_times_have_quantiles_too() {
        assert_eq!(Series::default().p99(), Duration::ZERO);
        let two = millis([3, 5]);
        assert_eq!((two.median(), two.p99()), (Duration::from_millis(5), Duration::from_millis(5)));
    }

    #[test]
    fn the_median_of_numbers_is_one_of_them() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}

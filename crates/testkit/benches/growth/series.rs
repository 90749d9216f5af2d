//! [`Series`]: the times that one operation took on one store.

use std::time::Duration;

/// Times, in the order in which they were measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series(Vec<Duration>);

impl Series {
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Half of the times are below it.
    pub(crate) fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// 95 of 100 times are below it.
    pub(crate) fn p95(&self) -> Duration {
        self.quantile(95)
    }

    fn quantile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().unwrap_or_default()
    }
}

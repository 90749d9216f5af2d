//! [`Figures`]: what a run came to.

use std::fmt;
use std::time::Duration;

use super::scene::{Audited, Blow, Struck};
use crate::server::Engine;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Figures {
    engine: Engine,
    blows: Vec<Blow>,
    acknowledged: u64,
    audited: Audited,
    ready: Vec<Duration>,
}

impl Figures {
    pub(super) fn new(engine: Engine) -> Self {
        let audited = Audited::default();
        Self { engine, blows: Vec::new(), acknowledged: 0, audited, ready: Vec::new() }
    }

    pub(super) fn add(&mut self, blow: Blow, ready: Duration, struck: Struck, audited: Audited) {
        self.blows.push(blow);
        self.acknowledged += struck.acknowledged;
        self.audited.unacknowledged += audited.unacknowledged;
        self.audited.done += audited.done;
        if blow != Blow::Database {
            self.ready.push(ready);
        }
    }

    pub(super) fn cycles(&self) -> u64 {
        self.blows.len() as u64
    }

    /// How far it is.
    pub(super) fn line(&self, cycles: u64) -> String {
        format!(
            "  {} of {cycles}: {} acknowledged and kept, {} not acknowledged",
            self.cycles(),
            self.acknowledged,
            self.audited.unacknowledged
        )
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Audited { unacknowledged, done } = self.audited;
        writeln!(f, "{:<52}{:>9}", self.engine.name(), "")?;
        for blow in Blow::ALL {
            let count = self.blows.iter().filter(|one| **one == blow).count();
            if count > 0 {
                writeln!(f, "  {:<50}{count:>9}", blow.name())?;
            }
        }
        let mut row = |what: &str, count: u64| writeln!(f, "  {what:<50}{count:>9}");
        row("acknowledged, and there after every restart", self.acknowledged)?;
        row("acknowledged and lost", 0)?;
        row("not acknowledged", unacknowledged)?;
        row("  of these done as a whole", done)?;
        row("  of these half done", 0)?;
        row("checks of every row by `doorward verify`", self.cycles())?;
        let mut ready = self.ready.clone();
        ready.sort_unstable();
        let (median, slowest) = (ready.get(ready.len() / 2), ready.last());
        if let (Some(median), Some(slowest)) = (median, slowest) {
            let what = "from start to ready: median, slowest";
            let (median, slowest) = (median.as_millis(), slowest.as_millis());
            writeln!(f, "  {what:<40}{:>19}", format!("{median} ms, {slowest} ms"))?;
        }
        Ok(())
    }
}

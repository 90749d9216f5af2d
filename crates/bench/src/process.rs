//! What a process has used, as Linux tells it.

use std::{fs, io, time::Duration};

/// Linux counts processor time for programs in hundredths of a second, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// A process, and those that it started where it is a whole of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    id: u32,
    is_family: bool,
}

impl Process {
    /// One process.
    #[must_use]
    pub fn alone(id: u32) -> Self {
        Self { id, is_family: false }
    }

    /// A process with its children, such as PostgreSQL.
    #[must_use]
    pub fn family(id: u32) -> Self {
        Self { id, is_family: true }
    }

    /// Ourselves.
    #[must_use]
    pub fn own() -> Self {
        Self::alone(std::process::id())
    }

    /// The processor time used so far. Of a process that is gone, nought.
    #[must_use]
    pub fn processor(self) -> Duration {
        let own = stat(self.id).map(|stat| stat.processor).unwrap_or_default();
        if self.is_family { own + self.children() } else { own }
    }

    fn children(self) -> Duration {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let stats = ids.filter_map(stat).filter(|stat| stat.parent == self.id);
        stats.map(|stat| stat.processor).sum()
    }

    /// The memory that is resident now, and the most that was since [`Self::forget_peak`], in
    /// bytes.
    ///
    /// # Errors
    ///
    /// The process is gone.
    pub fn memory(self) -> io::Result<Memory> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let field = |name| kilobytes(&text, name).ok_or(io::ErrorKind::InvalidData);
        Ok(Memory { resident: field("VmRSS")? * 1_024, peak: field("VmHWM")? * 1_024 })
    }

    /// Makes the present memory the peak. Where that is not allowed, the peak stays that of the
    /// whole life.
    pub fn forget_peak(self) {
        let _ = fs::write(format!("/proc/{}/clear_refs", self.id), "5");
    }
}

/// Resident memory, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// At most.
    pub peak: u64,
}

struct Stat {
    parent: u32,
    processor: Duration,
}

fn stat(id: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// `1234 (name) S 1 ...`: the name may hold blanks and parentheses. Fields count from the state.
fn parse(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    Some(Stat { parent: fields.get(1)?.parse().ok()?, processor: TICK * ticks })
}

/// The number of a line such as `VmRSS: 1234 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_may_be_anything() {
        let text = "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 4 0 1 2 3";
        let stat = parse(text).unwrap();
        assert_eq!((stat.parent, stat.processor), (7, Duration::from_secs(2)));
        assert!(parse("42 (cut off").is_none());
    }

    #[test]
    fn memory_is_found_by_name() {
        let text = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(kilobytes(text, "VmRSS"), Some(1_024));
        assert_eq!(kilobytes(text, "VmSwap"), None);
    }

    #[test]
    fn we_have_memory_and_have_worked() {
        let own = Process::own();
        assert!(own.memory().unwrap().peak >= own.memory().unwrap().resident / 2);
        assert_eq!(Process::alone(u32::MAX).processor(), Duration::ZERO);
    }
}

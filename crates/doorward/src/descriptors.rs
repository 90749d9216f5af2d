//! File descriptors: how many the system allows, and how many connections that leaves room for.
//!
//! A server that runs out of them cannot take a new connection, which is bearable, nor open a file
//! of its store, which is not: whoever is connected would be refused. So some are kept for the
//! store, and connections that would take those wait in the system's queue.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for everything but connections of clients: the store's files or its connections to
/// PostgreSQL, the log, what is opened for a moment. SQLite takes up to three for each of some thirty
/// connections.
pub const RESERVED: u64 = 160;

/// How many this process may have if it asks; `None`: as many as it likes, or no one can tell.
#[cfg(unix)]
#[must_use]
pub fn most() -> Option<u64> {
    getrlimit(Resource::Nofile).maximum
}

/// Asks for as many as so many connections need, and answers how many connections there is room
/// for: those, or as many as the system allows, and one at least.
#[cfg(unix)]
#[must_use]
pub fn make_room(connections: usize) -> usize {
    let needed = needed(connections);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(now) = current.filter(|now| *now < needed) else { return connections };
    let wanted = maximum.map_or(needed, |most| most.min(needed));
    let raised = Rlimit { current: Some(wanted), maximum };
    let granted = if setrlimit(Resource::Nofile, raised).is_ok() { wanted } else { now };
    room(granted).min(connections)
}

#[cfg(not(unix))]
#[must_use]
pub fn most() -> Option<u64> {
    None
}

#[cfg(not(unix))]
#[must_use]
pub fn make_room(connections: usize) -> usize {
    connections
}

/// How many descriptors a server needs that takes so many connections.
#[must_use]
pub fn needed(connections: usize) -> u64 {
    (connections as u64).saturating_add(RESERVED)
}

/// How many connections so many descriptors leave room for.
#[must_use]
pub fn room(descriptors: u64) -> usize {
    usize::try_from(descriptors.saturating_sub(RESERVED)).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, make_room, needed, room};

    #[test]
    fn what_is_reserved_is_no_ones_connection() {
        assert_eq!(room(needed(2_000)), 2_000);
        assert_eq!(room(RESERVED / 2), 1, "one who looks what is wrong gets in");
        assert_eq!(make_room(1), 1);
    }
}

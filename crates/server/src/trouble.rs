//! [`Troubles`]: what is wrong with the ways in which providers call, on its way to their administrators.
//!
//! No request waits for it. What is seen again before it was written is folded into one; what one address
//! can name in that time is bounded, and so is what all of them can.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use directory::{
    Store, Time,
    trouble::{self, Callee, Kind, Sighting},
};

/// So many different troubles are taken in between two writings, and so many of one address.
const MOST_WAITING: usize = 500;
const MOST_OF_ADDRESS: usize = 20;

/// What waits to be written.
#[derive(Debug, Default)]
pub struct Troubles(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    seen: HashMap<(Callee, Kind), Sighting>,
    /// How many of them each address was the first to show.
    first_of: HashMap<IpAddr, usize>,
}

/// Something that is wrong with a call.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    pub(crate) callee: Callee,
    pub(crate) kind: Kind,
    /// The last characters of a token of the connection.
    pub(crate) ending: Option<String>,
    /// The path, of a proven caller.
    pub(crate) path: Option<String>,
}

impl Troubles {
    /// Takes in what was wrong with a call from an address.
    pub(crate) fn note(&self, from: IpAddr, at: Time, wrong: Wrong) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Waiting { seen, first_of } = &mut *waiting;
        let is_full = seen.len() >= MOST_WAITING;
        let Wrong { callee, kind, ending, path } = wrong;
        match seen.entry((callee.clone(), kind)) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                known.between.1 = at;
                known.times += 1;
                (known.ending, known.path) = (ending, path);
            }
            Entry::Vacant(free) => {
                let of_address = first_of.entry(from).or_default();
                if !is_full && *of_address < MOST_OF_ADDRESS {
                    *of_address += 1;
                    let between = (at, at);
                    free.insert(Sighting { callee, kind, between, times: 1, ending, path });
                }
            }
        }
    }

    /// Writes what was taken in. What the store does not take is lost.
    pub async fn flush(&self, store: &Store) {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let seen: Vec<Sighting> = waiting.seen.into_values().collect();
        if seen.is_empty() {
            return;
        }
        if let Err(error) = trouble::write(store, seen).await {
            tracing::warn!(%error, "what was wrong with calls could not be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use directory::{
        ConnectionId, Time,
        trouble::{Callee, Kind},
    };

    use super::{MOST_OF_ADDRESS, MOST_WAITING, Troubles, Wrong};

    fn wrong(connection: usize, kind: Kind) -> Wrong {
        let id = format!("3f2504e0-4f89-41d3-9a0c-{connection:012x}");
        let callee = Callee::Named(ConnectionId::parse(&id).expect("an id"));
        Wrong { callee, kind, ending: None, path: None }
    }

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    #[test]
    fn what_is_seen_again_is_counted() {
        let troubles = Troubles::default();
        for second in 0..1_000 {
            troubles.note(address(1), at(second), wrong(1, Kind::Missing));
        }
        let waiting = troubles.0.lock().expect("no panic");
        let only = waiting.seen.values().next().expect("one");
        assert_eq!((waiting.seen.len(), only.times), (1, 1_000));
        assert_eq!(only.between, (at(0), at(999)));
    }

    #[test]
    fn an_address_that_names_very_many_connections_is_not_heard() {
        let troubles = Troubles::default();
        for number in 0..100 {
            troubles.note(address(1), at(0), wrong(number, Kind::Missing));
        }
        troubles.note(address(2), at(0), wrong(100, Kind::Missing));
        assert_eq!(troubles.0.lock().expect("no panic").seen.len(), MOST_OF_ADDRESS + 1);
        for number in 0..2_000 {
            let from = address(u32::try_from(number).expect("small"));
            troubles.note(from, at(0), wrong(number, Kind::Unknown));
        }
        assert_eq!(troubles.0.lock().expect("no panic").seen.len(), MOST_WAITING);
    }
}

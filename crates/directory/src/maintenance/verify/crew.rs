//! [`spread()`]: one thread reads, several look at what was read.
//!
//! A store is seen in one transaction, and a transaction is one thread's. But reading is the small
//! part: parsing, folding and hashing what was read is the large one.

use std::{
    num::NonZero,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, SyncSender},
    },
    thread,
};

use crate::error::Error;

/// Pieces that wait to be looked at, for each thread.
const AHEAD: usize = 2;

/// Reads piece by piece until there is none, here; looks at each on one of several threads; and
/// takes what they saw, here, in any order. Memory: a few pieces for each thread.
pub(super) fn spread<P: Send, S: Send>(
    mut read: impl FnMut() -> Result<Option<P>, Error>,
    look: impl Fn(P) -> Result<S, Error> + Sync,
    mut take: impl FnMut(S) -> Result<(), Error>,
) -> Result<(), Error> {
    let threads = thread::available_parallelism().map_or(2, NonZero::get);
    let (pieces, waiting) = mpsc::sync_channel::<P>(AHEAD * threads);
    let waiting = Mutex::new(waiting);
    let (told, seen) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (told, waiting, look) = (told.clone(), &waiting, &look);
            scope.spawn(move || {
                loop {
                    let piece = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(piece) = piece else { return };
                    // No one listens any more where the reading failed.
                    if told.send(look(piece)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(told);
        // Dropped at the end, also at an early one: then the threads end.
        let pieces: SyncSender<P> = pieces;
        while let Some(piece) = read()? {
            // It can only fail where every thread has panicked, and then the scope does.
            let _ = pieces.send(piece);
            while let Ok(saw) = seen.try_recv() {
                take(saw?)?;
            }
        }
        drop(pieces);
        seen.into_iter().try_for_each(|saw| take(saw?))
    })
}

#[cfg(test)]
mod tests {
    use super::spread;
    use crate::error::Error;

    #[test]
    fn every_piece_is_looked_at_once() {
        let mut left = 0..1_000_u64;
        let mut sum = 0;
        let done = spread(
            || Ok(left.next()),
            |piece| Ok(piece * 2),
            |saw| {
                sum += saw;
                Ok(())
            },
        );
        assert!(done.is_ok());
        assert_eq!(sum, 999 * 1_000);
    }

    #[test]
    fn the_first_error_ends_it() {
        let endless = || Ok(Some(1));
        let refused = spread(endless, |_| Err::<(), _>(Error::Full), |()| Ok(()));
        assert!(matches!(refused, Err(Error::Full)));
        let mut left = 3;
        let unread = spread(
            || {
                left -= 1;
                if left == 0 { Err(Error::Full) } else { Ok(Some(1)) }
            },
            |_| Ok(()),
            |()| Ok(()),
        );
        assert!(matches!(unread, Err(Error::Full)));
    }
}

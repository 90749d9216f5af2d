//! [`Queue`]: work that waits for a thread of the store, served in turns.
//!
//! A writer takes what waits and commits it together, so the cost of a durable commit is shared
//! (group commit). SQLite has one writer for everything. PostgreSQL has several, and a batch is of
//! one organization: its row is a lock, so two writers never wait for each other.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use super::turns::{Bounds, Receipt, Rejected, Turn, Turns};

/// How waiting work is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// A batch is of whoever waits.
    Everything,
    /// A batch is of one organization, of which nothing else runs meanwhile.
    ByOrganization,
}

/// Work of some kind `J`, by organization.
pub(super) struct Queue<J> {
    fold: Fold,
    state: Mutex<State<J>>,
    ready: Condvar,
}

struct State<J> {
    turns: Turns<J>,
    closed: bool,
}

/// What a thread took, and must give back with [`Queue::done`].
pub(super) type Batch<J> = VecDeque<Turn<J>>;

/// A turn that took place, and the microseconds that it took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub(super) receipt: Receipt,
    pub(super) cost: u64,
}

/// How much waits in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) waiting: usize,
    /// No more is taken in, of any organization.
    pub(super) is_full: bool,
}

impl<J> Queue<J> {
    pub(super) fn new(fold: Fold, bounds: Bounds) -> Self {
        let bounds = match fold {
            Fold::Everything => bounds,
            Fold::ByOrganization => Bounds { at_once: 1, ..bounds },
        };
        let state = State { turns: Turns::new(bounds), closed: false };
        Self { fold, state: Mutex::new(state), ready: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, org: i64, job: J) -> Result<(), Rejected<J>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Rejected::Closed(job));
        }
        state.turns.push(org, job)?;
        self.ready.notify_one();
        Ok(())
    }

    /// How many pieces of work wait, and whether no more are taken in.
    pub(super) fn load(&self) -> Load {
        let turns = &self.lock().turns;
        Load { waiting: turns.waiting(), is_full: turns.is_full() }
    }

    /// Waits for work and takes at most `most` pieces. `None`: closed, and all done.
    pub(super) fn take(&self, most: usize) -> Option<Batch<J>> {
        let mut state = self.lock();
        loop {
            if let Some(first) = state.turns.next() {
                let org = first.org;
                let mut batch = Batch::from([first]);
                while batch.len() < most {
                    let next = match self.fold {
                        Fold::Everything => state.turns.next(),
                        Fold::ByOrganization => state.turns.next_of(org),
                    };
                    let Some(next) = next else { break };
                    batch.push_back(next);
                }
                return Some(batch);
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tells what the turns of a batch have cost. What the thread did not get to (`rest`) comes
    /// first again.
    pub(super) fn done(&self, served: impl IntoIterator<Item = Served>, rest: Batch<J>) {
        let mut state = self.lock();
        for Served { receipt, cost } in served {
            state.turns.done(receipt, cost);
        }
        for turn in rest.into_iter().rev() {
            state.turns.put_back(turn);
        }
        if state.turns.waiting() > 0 {
            self.ready.notify_all();
        }
    }

    /// Takes no more work. What waits is given back, undone.
    pub(super) fn close(&self) -> Vec<J> {
        let mut state = self.lock();
        state.closed = true;
        self.ready.notify_all();
        state.turns.drain()
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, Bounds, Fold, Load, Queue, Rejected, Served};

    const BOUNDS: Bounds = Bounds { each: 10, all: 10, patience: u64::MAX, at_once: usize::MAX };

    fn jobs(batch: &Batch<u8>) -> Vec<(i64, u8)> {
        batch.iter().map(|turn| (turn.org, turn.job)).collect()
    }

    fn served(batch: &Batch<u8>) -> Vec<Served> {
        batch.iter().map(|turn| Served { receipt: turn.receipt(), cost: 1 }).collect()
    }

    #[test]
    fn one_batch_holds_the_work_of_all_organizations() {
        let queue = Queue::new(Fold::Everything, BOUNDS);
        for (org, job) in [(7, 1), (7, 2), (8, 3)] {
            assert!(queue.push(org, job).is_ok());
        }
        let batch = queue.take(2).expect("work");
        assert_eq!(jobs(&batch), [(7, 1), (8, 3)]);
    }

    #[test]
    fn an_organization_is_held_by_one_writer_at_a_time() {
        let queue = Queue::new(Fold::ByOrganization, BOUNDS);
        assert!(queue.push(7, 1).is_ok());
        assert!(queue.push(7, 2).is_ok());
        let first = queue.take(9).expect("work");
        assert_eq!(jobs(&first), [(7, 1), (7, 2)]);
        assert!(queue.push(7, 3).is_ok());
        assert!(queue.push(8, 4).is_ok());
        // 7 is held, so the next writer gets 8.
        assert_eq!(jobs(&queue.take(9).expect("work")), [(8, 4)]);
        queue.done(served(&first), Batch::new());
        assert_eq!(jobs(&queue.take(9).expect("work")), [(7, 3)]);
    }

    #[test]
    fn what_a_writer_did_not_get_to_comes_first_again() {
        let queue = Queue::new(Fold::Everything, BOUNDS);
        assert!(queue.push(7, 1).is_ok() && queue.push(7, 2).is_ok());
        let mut batch = queue.take(9).expect("work");
        assert!(queue.push(7, 3).is_ok());
        let rest = batch.split_off(1);
        queue.done(served(&batch), rest);
        assert_eq!(jobs(&queue.take(9).expect("work")), [(7, 2), (7, 3)]);
    }

    #[test]
    fn a_queue_tells_how_much_waits_and_that_it_is_full() {
        let queue = Queue::new(Fold::Everything, BOUNDS);
        assert_eq!(queue.load(), Load { waiting: 0, is_full: false });
        for job in 0..10 {
            assert!(queue.push(job.into(), job).is_ok());
        }
        assert_eq!(queue.load(), Load { waiting: 10, is_full: true });
        assert!(matches!(queue.push(77, 77), Err(Rejected::Overload(77))));
    }

    #[test]
    fn a_closed_queue_gives_work_back() {
        let queue = Queue::new(Fold::Everything, BOUNDS);
        assert!(queue.push(7, 1).is_ok());
        assert_eq!(queue.close(), [1]);
        assert!(matches!(queue.push(7, 3), Err(Rejected::Closed(3))));
        assert!(queue.take(1).is_none());
    }
}

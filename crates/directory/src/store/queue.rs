//! [`Queue`]: work that waits for a writer, folded into batches (group commit).
//!
//! A writer takes what waits and commits it together, so the cost of a durable commit is shared.
//! SQLite has one writer for everything. PostgreSQL has several, and a batch is of one
//! organization: its row is a lock, so two writers never wait for each other.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// How waiting work is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    Everything,
    ByOrganization,
}

/// Work of some kind `J`, by organization.
pub(super) struct Queue<J> {
    fold: Fold,
    most_waiting: usize,
    state: Mutex<State<J>>,
    ready: Condvar,
}

struct State<J> {
    /// Waiting work by lane: one lane, or one for each organization.
    lanes: HashMap<i64, VecDeque<(i64, J)>>,
    /// Lanes with work that no writer holds, in the order in which they became so.
    ready: VecDeque<i64>,
    /// Lanes that a writer holds.
    held: HashSet<i64>,
    waiting: usize,
    closed: bool,
}

/// Why work was not taken in. It is given back.
pub(super) enum Rejected<J> {
    Full(J),
    Closed(J),
}

/// What a writer took, and must give back with [`Queue::done`].
pub(super) struct Batch<J> {
    lane: i64,
    pub(super) jobs: VecDeque<(i64, J)>,
}

impl<J> Queue<J> {
    pub(super) fn new(fold: Fold, most_waiting: usize) -> Self {
        let state = State {
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            held: HashSet::new(),
            waiting: 0,
            closed: false,
        };
        Self { fold, most_waiting, state: Mutex::new(state), ready: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, org: i64, job: J) -> Result<(), Rejected<J>> {
        let lane = match self.fold {
            Fold::Everything => 0,
            Fold::ByOrganization => org,
        };
        let mut state = self.lock();
        if state.closed {
            return Err(Rejected::Closed(job));
        }
        if state.waiting >= self.most_waiting {
            return Err(Rejected::Full(job));
        }
        state.waiting += 1;
        let jobs = state.lanes.entry(lane).or_default();
        jobs.push_back((org, job));
        if jobs.len() == 1 && !state.held.contains(&lane) {
            state.ready.push_back(lane);
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits for work and takes at most `most` pieces of one lane. `None`: closed, and all done.
    pub(super) fn take(&self, most: usize) -> Option<Batch<J>> {
        let mut state = self.lock();
        loop {
            if let Some(lane) = state.ready.pop_front() {
                let waiting = state.lanes.get_mut(&lane).expect("a ready lane has work");
                let jobs: VecDeque<_> = waiting.drain(..most.min(waiting.len())).collect();
                state.waiting -= jobs.len();
                state.held.insert(lane);
                return Some(Batch { lane, jobs });
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Gives a lane back. What the writer did not get to (`rest`) goes to the front again.
    pub(super) fn done(&self, lane: i64, mut rest: VecDeque<(i64, J)>) {
        let mut state = self.lock();
        state.held.remove(&lane);
        state.waiting += rest.len();
        let waiting = state.lanes.remove(&lane).unwrap_or_default();
        rest.extend(waiting);
        if !rest.is_empty() {
            state.lanes.insert(lane, rest);
            state.ready.push_back(lane);
            self.ready.notify_one();
        }
    }

    /// Takes no more work. What waits is given back, undone.
    pub(super) fn close(&self) -> Vec<J> {
        let mut state = self.lock();
        state.closed = true;
        state.ready.clear();
        state.waiting = 0;
        let left = state.lanes.drain().flat_map(|(_, jobs)| jobs).map(|(_, job)| job).collect();
        self.ready.notify_all();
        left
    }
}

impl<J> Batch<J> {
    pub(super) fn lane(&self) -> i64 {
        self.lane
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{Fold, Queue, Rejected};

    fn jobs(batch: &super::Batch<u8>) -> Vec<(i64, u8)> {
        batch.jobs.iter().copied().collect()
    }

    #[test]
    fn one_lane_folds_all_organizations() {
        let queue = Queue::new(Fold::Everything, 10);
        for org in [7, 8, 7] {
            assert!(queue.push(org, 1).is_ok());
        }
        let batch = queue.take(2).expect("work");
        assert_eq!(jobs(&batch), [(7, 1), (8, 1)]);
    }

    #[test]
    fn an_organization_is_held_by_one_writer_at_a_time() {
        let queue = Queue::new(Fold::ByOrganization, 10);
        assert!(queue.push(7, 1).is_ok());
        let first = queue.take(9).expect("work");
        assert!(queue.push(7, 2).is_ok());
        assert!(queue.push(8, 3).is_ok());
        // 7 is held, so the next writer gets 8.
        assert_eq!(jobs(&queue.take(9).expect("work")), [(8, 3)]);
        queue.done(first.lane(), VecDeque::new());
        assert_eq!(jobs(&queue.take(9).expect("work")), [(7, 2)]);
    }

    #[test]
    fn what_a_writer_did_not_get_to_comes_first_again() {
        let queue = Queue::new(Fold::Everything, 10);
        assert!(queue.push(7, 1).is_ok() && queue.push(7, 2).is_ok());
        let mut batch = queue.take(9).expect("work");
        assert!(queue.push(7, 3).is_ok());
        batch.jobs.pop_front();
        queue.done(batch.lane(), batch.jobs);
        assert_eq!(jobs(&queue.take(9).expect("work")), [(7, 2), (7, 3)]);
    }

    #[test]
    fn a_full_or_closed_queue_gives_work_back() {
        let queue = Queue::new(Fold::Everything, 1);
        assert!(queue.push(7, 1).is_ok());
        assert!(matches!(queue.push(7, 2), Err(Rejected::Full(2))));
        assert_eq!(queue.close(), [1]);
        assert!(matches!(queue.push(7, 3), Err(Rejected::Closed(3))));
        assert!(queue.take(1).is_none());
    }
}

//! [`Gate`]: long reads take turns between their pieces.
//!
//! A read that looks at a hundred thousand documents keeps a processor busy for as long as it
//! takes. So at most a few of them work at a time, whatever the number of connections, and after
//! each piece one gives way to that of the organization which has had least.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    readers::micros,
    turns::{Bounds, Receipt, Turns},
};
use crate::error::Error;

/// Where long reads wait for each other.
pub(super) struct Gate {
    state: Mutex<State>,
    called: Condvar,
}

struct State {
    /// Waiting reads, by ticket.
    turns: Turns<u64>,
    next_ticket: u64,
    /// Those whose turn it is, until they have noticed.
    called: HashMap<u64, Receipt>,
    /// How many more may work.
    free: usize,
}

impl Gate {
    /// At most `at_once` reads work at a time.
    pub(super) fn new(at_once: usize) -> Self {
        let (each, patience) = (usize::MAX, u64::MAX);
        let bounds = Bounds { each, all: usize::MAX, patience, at_once: usize::MAX };
        let state = State {
            turns: Turns::new(bounds),
            next_ticket: 0,
            called: HashMap::new(),
            free: at_once.max(1),
        };
        Self { state: Mutex::new(state), called: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the read of an organization may begin. `is_gone` says that whoever asked for it
    /// waits no more.
    pub(super) fn enter<'g>(&'g self, org: i64, is_gone: &'g dyn Fn() -> bool) -> Pass<'g> {
        let state = self.lock();
        let receipt = self.wait(state, org);
        Pass { gate: self, org, is_gone, turn: Cell::new((receipt, Instant::now())) }
    }

    fn wait(&self, mut state: MutexGuard<'_, State>, org: i64) -> Receipt {
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.turns.push(org, ticket).expect("the gate has no bounds");
        self.call(&mut state);
        loop {
            if let Some(receipt) = state.called.remove(&ticket) {
                return receipt;
            }
            state = self.called.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Calls those whose turn it is.
    fn call(&self, state: &mut State) {
        while state.free > 0
            && let Some(turn) = state.turns.next()
        {
            state.free -= 1;
            state.called.insert(turn.job, turn.receipt());
            self.called.notify_all();
        }
    }
}

impl State {
    /// A read stops working, for a while or for good.
    fn leave(&mut self, (receipt, since): (Receipt, Instant)) {
        self.turns.done(receipt, micros(since.elapsed()));
        self.free += 1;
    }
}

/// A read that was let in. It leaves when it is dropped.
pub(crate) struct Pass<'g> {
    gate: &'g Gate,
    org: i64,
    is_gone: &'g dyn Fn() -> bool,
    turn: Cell<(Receipt, Instant)>,
}

impl Pass<'_> {
    /// Lets others go first whose turn it is, and comes back.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] where no one waits for the answer any more, so that no one reads the error.
    pub(crate) fn give_way(&self) -> Result<(), Error> {
        if (self.is_gone)() {
            return Err(Error::Busy);
        }
        let mut state = self.gate.lock();
        if state.turns.waiting() > 0 {
            state.leave(self.turn.get());
            let receipt = self.gate.wait(state, self.org);
            self.turn.set((receipt, Instant::now()));
        }
        Ok(())
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.leave(self.turn.get());
        self.gate.call(&mut state);
    }
}

impl fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").field("org", &self.org).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use super::Gate;
    use crate::error::Error;

    #[test]
    fn no_more_reads_work_at_a_time_than_may() {
        let (gate, inside, most) = (Gate::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for org in 0..8 {
                let (gate, inside, most) = (&gate, &inside, &most);
                scope.spawn(move || {
                    let pass = gate.enter(org, &|| false);
                    for _ in 0..100 {
                        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        pass.give_way().expect("someone waits for it");
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn a_long_read_gives_way_to_another_between_its_pieces() {
        let (gate, order) = (Gate::new(1), Mutex::new(Vec::new()));
        let note = |what: &'static str| order.lock().expect("sound").push(what);
        std::thread::scope(|scope| {
            let long = gate.enter(7, &|| false);
            note("long begins");
            let other = scope.spawn(|| {
                let _pass = gate.enter(8, &|| false);
                note("other");
            });
            while gate.lock().turns.waiting() == 0 {
                std::thread::yield_now();
            }
            long.give_way().expect("someone waits for it");
            note("long goes on");
            other.join().expect("sound");
        });
        assert_eq!(order.into_inner().expect("sound"), ["long begins", "other", "long goes on"]);
    }

    #[test]
    fn a_read_that_no_one_waits_for_ends() {
        let gate = Gate::new(1);
        let pass = gate.enter(7, &|| true);
        assert!(matches!(pass.give_way(), Err(Error::Busy)));
    }
}

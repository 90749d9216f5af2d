//! [`Turns`]: whose work comes next, by what each organization has cost so far.
//!
//! Start-time fair queueing: each organization has a lane and an account. The next piece of work is
//! that of the organization which has spent least, so one that asks for a hundred times its share
//! waits for itself. An organization that was idle begins at the account of whoever was served
//! last: it gets no credit for the time in which it asked for nothing.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// How much may wait and run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The most pieces of work of one organization that may wait.
    pub(super) each: usize,
    /// The most pieces of work that may wait in all.
    pub(super) all: usize,
    /// The most microseconds that the waiting work of one organization may be expected to take.
    pub(super) patience: u64,
    /// The most pieces of work of one organization that run at a time.
    pub(super) at_once: usize,
}

/// Why work was not taken in. It is given back.
#[derive(Debug)]
pub(super) enum Rejected<J> {
    /// The organization has too much waiting already.
    Excess(J),
    /// Everyone together has.
    Overload(J),
    /// No more is taken in.
    Closed(J),
}

/// A piece of work whose turn it is. What it cost is said with [`Turns::done`].
#[derive(Debug)]
pub(super) struct Turn<J> {
    pub(super) org: i64,
    pub(super) job: J,
    /// What was put on the account until the cost is known.
    charged: u64,
}

/// What a turn was charged, so that its real cost can take the place of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    org: i64,
    charged: u64,
}

impl<J> Turn<J> {
    pub(super) fn receipt(&self) -> Receipt {
        Receipt { org: self.org, charged: self.charged }
    }
}

/// Waiting work, in the order in which it is served.
#[derive(Debug)]
pub(super) struct Turns<J> {
    bounds: Bounds,
    lanes: HashMap<i64, Lane<J>>,
    /// The lanes with work that may begin, by their accounts.
    ready: BTreeSet<(u64, i64)>,
    /// The account of whoever was served last, before that turn.
    floor: u64,
    waiting: usize,
}

#[derive(Debug)]
struct Lane<J> {
    jobs: VecDeque<J>,
    /// Microseconds of work, from an arbitrary beginning.
    spent: u64,
    running: usize,
    /// What a piece of its work costs: a moving mean.
    usual: u64,
}

impl<J> Lane<J> {
    /// Whether what waits is expected to take longer than so many microseconds.
    fn takes_longer_than(&self, patience: u64) -> bool {
        let count = self.jobs.len();
        count >= ALWAYS && (count as u64).saturating_mul(self.usual) > patience
    }
}

/// What a piece of work of an organization is believed to cost that has shown none yet.
const USUAL: u64 = 100;
/// So many pieces of work of an organization may wait whatever they cost.
const ALWAYS: usize = 4;
/// What an organization owes is forgotten with its lane where it is no more than this.
const SMALL: u64 = 1_000;
/// Idle lanes are forgotten once there are so many more of them than busy ones.
const IDLE: usize = 1_024;

impl<J> Turns<J> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, lanes: HashMap::new(), ready: BTreeSet::new(), floor: 0, waiting: 0 }
    }

    /// How many pieces of work wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether no more is taken in, of any organization.
    pub(super) fn is_full(&self) -> bool {
        self.waiting >= self.bounds.all
    }

    /// Takes work in.
    pub(super) fn push(&mut self, org: i64, job: J) -> Result<(), Rejected<J>> {
        if self.is_full() {
            return Err(Rejected::Overload(job));
        }
        self.forget_idle();
        let lane = self.lanes.entry(org).or_insert_with(|| Lane {
            jobs: VecDeque::new(),
            spent: self.floor,
            running: 0,
            usual: USUAL,
        });
        if lane.jobs.len() >= self.bounds.each || lane.takes_longer_than(self.bounds.patience) {
            return Err(Rejected::Excess(job));
        }
        if lane.jobs.is_empty() && lane.running == 0 {
            lane.spent = lane.spent.max(self.floor);
        }
        lane.jobs.push_back(job);
        self.waiting += 1;
        self.settle(org);
        Ok(())
    }

    /// The work whose turn it is, if any may begin.
    pub(super) fn next(&mut self) -> Option<Turn<J>> {
        let (spent, org) = *self.ready.first()?;
        self.floor = self.floor.max(spent);
        self.next_of(org)
    }

    /// More work of an organization that was just served, whoever else waits: it shares what the
    /// turn costs anyway.
    pub(super) fn next_of(&mut self, org: i64) -> Option<Turn<J>> {
        let lane = self.lanes.get_mut(&org)?;
        let job = lane.jobs.pop_front()?;
        self.ready.remove(&(lane.spent, org));
        self.waiting -= 1;
        lane.running += 1;
        let charged = lane.usual;
        lane.spent += charged;
        self.settle(org);
        Some(Turn { org, job, charged })
    }

    /// A turn is over and has cost so many microseconds.
    pub(super) fn done(&mut self, Receipt { org, charged }: Receipt, cost: u64) {
        let Some(lane) = self.lanes.get_mut(&org) else { return };
        self.ready.remove(&(lane.spent, org));
        lane.running -= 1;
        lane.spent = (lane.spent - charged).saturating_add(cost.max(1));
        lane.usual = ((3 * lane.usual).saturating_add(cost) / 4).max(1);
        self.settle(org);
    }

    /// A turn that did not take place: its work comes first again. Of several, the last is put
    /// back first.
    pub(super) fn put_back(&mut self, Turn { org, job, charged }: Turn<J>) {
        let Some(lane) = self.lanes.get_mut(&org) else { return };
        self.ready.remove(&(lane.spent, org));
        lane.running -= 1;
        lane.spent -= charged;
        lane.jobs.push_front(job);
        self.waiting += 1;
        self.settle(org);
    }

    /// All that waits, undone.
    pub(super) fn drain(&mut self) -> Vec<J> {
        self.ready.clear();
        self.waiting = 0;
        self.lanes.values_mut().flat_map(|lane| lane.jobs.drain(..)).collect()
    }

    /// Puts a lane among those that are ready, if it is.
    fn settle(&mut self, org: i64) {
        if let Some(lane) = self.lanes.get(&org)
            && !lane.jobs.is_empty()
            && lane.running < self.bounds.at_once
        {
            self.ready.insert((lane.spent, org));
        } else if let Some(lane) = self.lanes.get(&org) {
            self.ready.remove(&(lane.spent, org));
        }
    }

    /// Lanes without work whose account is one that they would be given anyway.
    fn forget_idle(&mut self) {
        if self.lanes.len() > IDLE + 2 * self.ready.len() {
            let floor = self.floor + SMALL;
            self.lanes
                .retain(|_, lane| !lane.jobs.is_empty() || lane.running > 0 || lane.spent > floor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Rejected, Turns};

    const ANY: Bounds =
        Bounds { each: 1_000, all: 10_000, patience: u64::MAX, at_once: usize::MAX };

    /// Serves `count` turns of which each costs what `cost` says; answers whose they were.
    fn serve(turns: &mut Turns<u32>, count: usize, cost: impl Fn(i64) -> u64) -> Vec<i64> {
        let mut served = Vec::new();
        for _ in 0..count {
            let Some(turn) = turns.next() else { break };
            served.push(turn.org);
            turns.done(turn.receipt(), cost(turn.org));
        }
        served
    }

    fn times(served: &[i64], org: i64) -> usize {
        served.iter().filter(|one| **one == org).count()
    }

    #[test]
    fn whoever_comes_after_a_hundred_of_another_waits_for_one() {
        let mut turns = Turns::new(ANY);
        for job in 0..100 {
            turns.push(7, job).expect("taken in");
        }
        assert_eq!(serve(&mut turns, 50, |_| 1_000), vec![7; 50]);
        turns.push(8, 0).expect("taken in");
        assert_eq!(serve(&mut turns, 2, |_| 1_000)[..1], [8]);
    }

    #[test]
    fn turns_are_shared_out_by_cost_and_not_by_count() {
        let mut turns = Turns::new(ANY);
        for job in 0..200 {
            turns.push(7, job).expect("taken in");
            turns.push(8, job).expect("taken in");
        }
        // What 7 asks for costs ten times as much: it is served a tenth as often.
        let served = serve(&mut turns, 110, |org| if org == 7 { 1_000 } else { 100 });
        assert!((8..=13).contains(&times(&served, 7)), "{}", times(&served, 7));
    }

    #[test]
    fn who_was_idle_has_no_credit() {
        let mut turns = Turns::new(ANY);
        turns.push(8, 0).expect("taken in");
        serve(&mut turns, 1, |_| 10);
        for job in 0..100 {
            turns.push(7, job).expect("taken in");
        }
        serve(&mut turns, 50, |_| 1_000);
        for job in 0..100 {
            turns.push(8, job).expect("taken in");
        }
        let served = serve(&mut turns, 20, |_| 1_000);
        assert!((9..=11).contains(&times(&served, 7)), "{served:?}");
    }

    #[test]
    fn one_organization_holds_no_more_than_its_places() {
        let mut turns = Turns::new(Bounds { at_once: 2, ..ANY });
        for job in 0..5 {
            turns.push(7, job).expect("taken in");
        }
        let first = turns.next().expect("a turn");
        assert!(turns.next().is_some());
        assert!(turns.next().is_none());
        turns.push(8, 0).expect("taken in");
        assert_eq!(turns.next().map(|turn| turn.org), Some(8));
        turns.done(first.receipt(), 1);
        assert_eq!(turns.next().map(|turn| (turn.org, turn.job)), Some((7, 2)));
    }

    #[test]
    fn what_did_not_take_place_comes_first_again() {
        let mut turns = Turns::new(ANY);
        for job in 0..3 {
            turns.push(7, job).expect("taken in");
        }
        let (first, second) = (turns.next().expect("a turn"), turns.next().expect("a turn"));
        turns.put_back(second);
        turns.put_back(first);
        let order: Vec<u32> = std::iter::from_fn(|| turns.next()).map(|turn| turn.job).collect();
        assert_eq!(order, [0, 1, 2]);
    }

    #[test]
    fn too_much_is_refused_and_whose_it_is_is_told() {
        let mut turns = Turns::new(Bounds { each: 1, all: 2, at_once: 1, ..ANY });
        assert!(turns.push(7, 1).is_ok());
        assert!(matches!(turns.push(7, 2), Err(Rejected::Excess(2))));
        assert!(turns.push(8, 3).is_ok());
        assert!(matches!(turns.push(9, 4), Err(Rejected::Overload(4))));
        assert_eq!((turns.waiting(), turns.drain().len(), turns.waiting()), (2, 2, 0));
        assert!(turns.next().is_none());
    }

    #[test]
    fn what_is_expensive_may_wait_in_smaller_numbers() {
        let mut turns = Turns::new(Bounds { patience: 1_000_000, ..ANY });
        for job in 0..20 {
            turns.push(7, job).expect("taken in");
        }
        // Twenty pieces have shown that each takes 200 ms: five of them fill a second.
        serve(&mut turns, 20, |_| 200_000);
        let taken = (0..20).filter(|job| turns.push(7, *job).is_ok()).count();
        assert!((5..=6).contains(&taken), "{taken}");
        assert!(turns.push(8, 0).is_ok());
    }

    #[test]
    fn lanes_of_organizations_that_ask_for_nothing_are_forgotten() {
        let mut turns = Turns::new(ANY);
        for org in 0..5_000 {
            turns.push(org, 0).expect("taken in");
            serve(&mut turns, 1, |_| 1);
        }
        assert!(turns.lanes.len() <= super::IDLE + 2, "{}", turns.lanes.len());
    }
}

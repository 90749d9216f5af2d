//! Measuring: stores are filled, then every round does everything once on each of them.

use std::{collections::HashMap, time::Duration};

use bench::{disk, series::Series};
use testkit::{Engine, engines};

use crate::{
    operation::Operation,
    site::{Site, name},
    throughput,
};

/// How much is measured.
pub(crate) struct Plan {
    sizes: Vec<usize>,
    rounds: usize,
    /// Rounds before them that are not measured.
    warm_up: usize,
    /// Rounds of emptying a group, each of which fills one first.
    clears: usize,
    /// Measurements of throughput, and how long each is.
    spurts: usize,
    spurt: Duration,
}

/// Clients at once, where throughput is measured.
pub(crate) const CLIENTS: [usize; 3] = [1, 8, 64];

impl Plan {
    pub(crate) fn full() -> Self {
        Self {
            sizes: vec![100, 1_000, 10_000, 100_000],
            rounds: 200,
            warm_up: 20,
            clears: 9,
            spurts: 3,
            spurt: Duration::from_secs(2),
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            sizes: vec![100, 1_000, 10_000],
            rounds: 25,
            warm_up: 5,
            clears: 3,
            spurts: 1,
            spurt: Duration::from_secs(1),
        }
    }
}

/// What was measured.
pub(crate) struct Measured {
    pub(crate) sizes: Vec<usize>,
    pub(crate) rounds: usize,
    pub(crate) engines: Vec<Engine>,
    /// Writing 4 KB to a file and waiting for the disk.
    pub(crate) disk: Series,
    pub(crate) times: HashMap<(Engine, usize, Operation), Series>,
    /// Users created in a second, by engine, size and clients.
    pub(crate) throughput: HashMap<(Engine, usize, usize), usize>,
}

/// Measures on every engine that is there.
pub(crate) fn run(plan: &Plan) -> Measured {
    let engines = engines();
    let mut sites: Vec<Site> = Vec::new();
    for engine in &engines {
        for size in &plan.sizes {
            sites.push(Site::new(*engine, *size));
        }
    }
    let mut times: HashMap<_, Series> = HashMap::new();
    let mut disk = Series::default();
    for round in 0..plan.warm_up + plan.rounds {
        let counts = round >= plan.warm_up;
        if round % 20 == 0 {
            eprintln!("round {round} of {}", plan.warm_up + plan.rounds);
        }
        disk.push(disk::durable_write(&std::env::temp_dir()).expect("a disk"));
        for operation in Operation::ROUND {
            everywhere(&mut sites, operation, round, counts.then_some(&mut times));
        }
    }
    for round in 0..plan.clears {
        eprintln!("emptying groups: {} of {}", round + 1, plan.clears);
        everywhere(&mut sites, Operation::ClearGroup, round, Some(&mut times));
    }
    let throughput = speeds(plan, &mut sites);
    eprintln!("checking the stores");
    for site in &sites {
        site.store.block_on(site.store.assert_clean());
    }
    Measured { sizes: plan.sizes.clone(), rounds: plan.rounds, engines, disk, times, throughput }
}

/// Does an operation once on each store, now in this order, now in the other.
fn everywhere(
    sites: &mut [Site],
    operation: Operation,
    round: usize,
    mut times: Option<&mut HashMap<(Engine, usize, Operation), Series>>,
) {
    for at in 0..sites.len() {
        let at = if round.is_multiple_of(2) { at } else { sites.len() - 1 - at };
        let site = &mut sites[at];
        let time = operation.run(site);
        if let Some(times) = &mut times {
            times.entry((site.engine, site.size, operation)).or_default().push(time);
        }
    }
}

fn speeds(plan: &Plan, sites: &mut [Site]) -> HashMap<(Engine, usize, usize), usize> {
    let (smallest, largest) = (plan.sizes[0], plan.sizes[plan.sizes.len() - 1]);
    let mut all: HashMap<_, Vec<usize>> = HashMap::new();
    for _ in 0..plan.spurts {
        for clients in CLIENTS {
            for site in sites.iter_mut() {
                if site.size == smallest || site.size == largest {
                    let speed = throughput::creates(site, clients, plan.spurt);
                    let (engine, size) = (site.engine, site.size);
                    eprintln!("{}, {size}, {clients} at once: {speed}/s", name(engine));
                    all.entry((engine, size, clients)).or_default().push(speed);
                }
            }
        }
    }
    all.into_iter().map(|(key, speeds)| (key, median(speeds))).collect()
}

fn median(mut speeds: Vec<usize>) -> usize {
    speeds.sort_unstable();
    speeds[speeds.len() / 2]
}

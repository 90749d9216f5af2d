//! What one customer feels of another.

pub(crate) mod noise;
mod quiet;
mod report;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

pub(crate) use self::report::report;
use self::{
    noise::{Instruments, Noise, Playing, Tally},
    quiet::Service,
};
use crate::{crowd::Crowd, site::Site};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Plan {
    users: usize,
    members: usize,
    rounds: usize,
    time: Duration,
}

impl Plan {
    fn of(site: &Site) -> Self {
        if site.quick {
            Self { users: 20_000, members: 300_000, rounds: 1, time: Duration::from_secs(3) }
        } else {
            Self { users: 50_000, members: 1_000_000, rounds: 3, time: Duration::from_secs(15) }
        }
    }
}

/// Users of the quiet customer.
const QUIET: usize = 1_000;
/// How long there is noise before it is listened to.
const RAMP: Duration = Duration::from_secs(1);

/// How the quiet customer fared, alone or beside a noise.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    /// `None`: alone.
    noise: Option<Noise>,
    services: [Service; 4],
    noisy: Tally,
    /// Whether the server was still busy with the noise before.
    is_mixed: bool,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    users: usize,
    members: usize,
    rounds: usize,
    time: Duration,
    /// Alone first.
    phases: Vec<Phase>,
}

/// Measures alone and beside each noise, in every round.
pub(crate) fn measure(site: &Site) -> Result<Measured> {
    let plan = Plan::of(site);
    let [noisy, quiet] = site.callers.as_slice() else {
        anyhow::bail!("two organizations are wanted");
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (instruments, quiet) = runtime.block_on(async {
        let crowd = Crowd::make(noisy, plan.users).await?;
        let instruments = Instruments::new(crowd, plan.members).await?;
        anyhow::Ok((Arc::new(instruments), Arc::new(Crowd::make(quiet, QUIET).await?)))
    })?;
    let next = Arc::new(AtomicUsize::new(1_000_000));
    // Not counted: connections, caches.
    runtime.block_on(quiet::live(&quiet, &next, Duration::from_millis(500)))?;
    let noises = || std::iter::once(None).chain(Noise::ALL.map(Some));
    let mut phases: Vec<Phase> =
        noises().map(|noise| Phase { noise, ..Phase::default() }).collect();
    for round in 0..plan.rounds {
        for phase in &mut phases {
            let name = phase.noise.map_or("alone".to_owned(), |noise| noise.name(plan.members));
            eprintln!("round {} of {}: {name}", round + 1, plan.rounds);
            phase.is_mixed |= !settle(site);
            let playing = phase.noise.map(|noise| Playing::start(&instruments, noise));
            if playing.is_some() {
                thread::sleep(RAMP);
            }
            let lived = runtime.block_on(quiet::live(&quiet, &next, plan.time));
            if let Some(playing) = playing {
                phase.noisy.add(playing.stop()?);
            }
            for (service, more) in phase.services.iter_mut().zip(lived.context(name)?) {
                service.add(more);
            }
        }
    }
    let Plan { users, members, rounds, time } = plan;
    Ok(Measured { users, members, rounds, time, phases })
}

/// Waits until the server has done what the noise before left to it. Whether it has.
fn settle(site: &Site) -> bool {
    const LOOK: Duration = Duration::from_millis(250);
    let limit = Duration::from_secs(if site.quick { 45 } else { 120 });
    let begun = Instant::now();
    let mut calm = 0;
    while calm < 2 && begun.elapsed() < limit {
        let before = site.usage();
        thread::sleep(LOOK);
        let used = site.usage().since(before);
        let used = used.server + used.database.unwrap_or_default();
        calm = if used * 20 < LOOK { calm + 1 } else { 0 };
    }
    calm == 2
}

//! What was acknowledged is kept: the real binary is told to end, cut off from its database and
//! given no more disk, while several clients change people and groups. (`cargo xtask crash` kills
//! it, `cargo xtask power-cut` and `cargo xtask disk-faults` are about its disk.)
//!
//! Clients remember each answer ([`workload`]). After every blow the whole directory is read and
//! compared with what they remember, and `doorward verify` looks at the rest.

mod postgres;
mod several;
mod sqlite;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use workload::{Client, Outcome, Random, Tenant, Unacknowledged, Worker};

use crate::cli::place::{Place, Running};

/// Clients at once.
const CLIENTS: usize = 8;

/// An organization with the clients that change it.
struct Scene {
    place: Place,
    tenant: Tenant,
    random: Random,
}

impl Scene {
    fn new(place: Place, seed: u64) -> Self {
        place.json(&["organization", "create", "Acme Corporation", "--slug", "acme"]);
        let token = place.connect()["token"].as_str().expect("a token").to_owned();
        let mut server = place.serve();
        let mut random = Random::new(seed);
        let tenant = Tenant::begin(server.address(), "acme", &token, CLIENTS, &mut random);
        let mut tenant = tenant.expect("it has no one yet");
        assert_eq!(server.end("-TERM"), Some(0));
        tenant.count_from(events(&place));
        Self { place, tenant, random }
    }

    /// Lets the clients work, until they have no one to talk to or `stop` is set. Meanwhile,
    /// `blow` happens.
    fn under_load<T>(&mut self, server: &mut Running, blow: impl FnOnce(&mut Running) -> T) -> T {
        let address = server.address().to_owned();
        self.under_load_of(&[address], || blow(server))
    }

    /// The same, where each client talks to the next of several servers.
    fn under_load_of<T>(&mut self, addresses: &[String], blow: impl FnOnce() -> T) -> T {
        let stop = AtomicBool::new(false);
        let Tenant { token, everybody, workers, .. } = &mut self.tenant;
        thread::scope(|scope| {
            for (worker, address) in workers.iter_mut().zip(addresses.iter().cycle()) {
                let mut client = Client::new(address, token);
                let (stop, everybody) = (&stop, &*everybody);
                scope.spawn(move || {
                    let mut works = || worker.step(&mut client, everybody).expect("a fair answer");
                    while !stop.load(Ordering::Relaxed) && works() {}
                });
            }
            let result = blow();
            stop.store(true, Ordering::Relaxed);
            result
        })
    }

    /// Some time, between 50 and 600 milliseconds.
    fn moment(&mut self) -> Duration {
        Duration::from_millis(50 + self.random.below(551))
    }

    /// What became of each request that was not acknowledged.
    fn unacknowledged(&self) -> impl Iterator<Item = &Outcome> {
        self.tenant.workers.iter().flat_map(Worker::unacknowledged)
    }

    /// Compares what is there with what the clients remember, and checks the store. Every change
    /// has left one event.
    fn check(&mut self, server: &Running, unacknowledged: Unacknowledged) {
        let found = self.tenant.read(server.address()).expect("it can be read");
        self.tenant.audit(&found, unacknowledged).expect("it is as it was acknowledged");
        assert_eq!(events(&self.place), self.tenant.events());
    }

    /// Waits until the server takes changes again.
    fn recovered(&mut self, server: &Running) {
        let begun = Instant::now();
        let mut client = Client::new(server.address(), &self.tenant.token);
        let worker = &mut self.tenant.workers[0];
        let before = worker.acknowledged();
        while worker.acknowledged() == before {
            let last = worker.unacknowledged().last();
            assert!(begun.elapsed() < Duration::from_secs(10), "no: {last:?}");
            assert!(worker.step_creating(&mut client).expect("a fair answer"), "nobody listens");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Checks the store. How many events it has.
fn events(place: &Place) -> u64 {
    let verified = place.json(&["verify"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
    verified["organizations"][0]["events"].as_u64().expect("a number")
}

/// Tells the server to end while it works.
fn end_under_load(mut scene: Scene) {
    for _ in 0..2 {
        let mut server = scene.place.serve();
        let moment = scene.moment();
        let code = scene.under_load(&mut server, |server| {
            thread::sleep(moment);
            server.end("-TERM")
        });
        assert_eq!(code, Some(0), "{}", scene.place.log());
        for outcome in scene.unacknowledged() {
            let polite = matches!(outcome, Outcome::Closed | Outcome::Answered { status: 503, .. });
            assert!(polite, "{outcome:?}");
        }
        let server = scene.place.serve();
        scene.check(&server, Unacknowledged::NotDone);
    }
    let acknowledged = scene.tenant.acknowledged();
    assert!(acknowledged > 10, "only {acknowledged}");
}

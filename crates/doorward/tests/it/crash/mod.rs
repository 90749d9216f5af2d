//! What was acknowledged is kept: the real binary is killed, told to end, cut off from its database
//! and given no more disk, while several clients change people and groups.
//!
//! Clients remember each answer ([`load`]). After every blow the whole directory is read and
//! compared with what they remember, and `doorward verify` looks at the rest.

mod client;
mod load;
mod postgres;
mod sqlite;

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use self::{
    client::{Client, Outcome},
    load::{Doubt, State, Writer},
};
use crate::cli::place::{Place, Running};

/// Clients at once.
const CLIENTS: usize = 8;

/// An organization with a group, and the clients that change it.
struct Scene {
    place: Place,
    token: String,
    group: String,
    writers: Vec<Writer>,
    /// Events that there must be: one for each change that was made.
    events: u64,
    chance: u64,
}

/// What may have become of a request that was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unacknowledged {
    /// It was done, or nothing of it.
    DoneOrNot,
    /// Nothing was done.
    NotDone,
}

impl Scene {
    fn new(place: Place, seed: u64) -> Self {
        place.json(&["organization", "create", "Acme Corporation", "--slug", "acme"]);
        let token = place.connect()["token"].as_str().expect("a token").to_owned();
        let mut server = place.serve();
        let mut client = Client::new(server.address(), &token);
        let answer = client.send("POST", "/scim/v2/Groups", r#"{"displayName":"Everybody"}"#);
        let Outcome::Answered { status: 201, body } = answer else { panic!("{answer:?}") };
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let group = body["id"].as_str().expect("an id").to_owned();
        assert_eq!(server.end("-TERM"), Some(0));
        let writers = (0..CLIENTS).map(|number| Writer::new(number, seed)).collect();
        let events = events(&place);
        Self { place, token, group, writers, events, chance: seed }
    }

    /// Lets the clients work, until they have no one to talk to or `stop` is set. Meanwhile,
    /// `blow` happens.
    fn under_load<T>(&mut self, server: &mut Running, blow: impl FnOnce(&mut Running) -> T) -> T {
        let stop = AtomicBool::new(false);
        let (address, token, group) = (server.address().to_owned(), &self.token, &self.group);
        thread::scope(|scope| {
            for writer in &mut self.writers {
                let mut client = Client::new(&address, token);
                let stop = &stop;
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) && writer.step(&mut client, group) {}
                });
            }
            let result = blow(server);
            stop.store(true, Ordering::Relaxed);
            result
        })
    }

    /// Some time, between 50 and 600 milliseconds.
    fn moment(&mut self) -> Duration {
        Duration::from_millis(50 + load::random(&mut self.chance) % 551)
    }

    /// How many requests were acknowledged so far.
    fn acknowledged(&self) -> u64 {
        self.writers.iter().map(|writer| writer.acknowledged).sum()
    }

    /// Compares what is there with what the clients remember, and checks the store. Every change
    /// has left one event.
    fn check(&mut self, server: &Running, unacknowledged: Unacknowledged) {
        let mut there = self.read(server);
        for writer in &mut self.writers {
            for (name, person) in &writer.people {
                let found = there.remove(name);
                let state = found.as_ref().map(|(_, state)| state);
                assert_eq!(state, Some(&person.state), "{name} was acknowledged");
            }
            for name in &writer.gone {
                assert!(!there.contains_key(name), "{name} was deleted");
            }
            for Doubt { name, before, after, outcome } in std::mem::take(&mut writer.doubts) {
                let found = there.remove(&name);
                let state = found.as_ref().map(|(_, state)| state);
                let done = unacknowledged == Unacknowledged::DoneOrNot && state == after.as_ref();
                assert!(
                    state == before.as_ref() || done,
                    "{name}: {state:?} after {outcome:?}, but it was {before:?} and was to become \
                     {after:?}"
                );
                self.events += u64::from(done);
                match found {
                    Some((id, state)) => writer.meet(name, id, state),
                    None => writer.gone.push(name),
                }
            }
        }
        assert!(there.is_empty(), "nobody made them: {there:?}");
        assert_eq!(events(&self.place), self.events + self.acknowledged());
    }

    /// Everyone, by userName: the id, and what the clients change.
    fn read(&self, server: &Running) -> HashMap<String, (String, State)> {
        let mut client = Client::new(server.address(), &self.token);
        let mut there = HashMap::new();
        loop {
            let path = format!(
                "/scim/v2/Users?startIndex={}&count=1000&attributes=userName,title,groups",
                there.len() + 1
            );
            let answer = client.send("GET", &path, "");
            let Outcome::Answered { status: 200, body } = answer else { panic!("{answer:?}") };
            let page: Value = serde_json::from_str(&body).expect("JSON");
            for user in page["Resources"].as_array().into_iter().flatten() {
                let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
                let groups = user["groups"].as_array().map_or(0, Vec::len);
                let state = State { title: text("title"), member: groups == 1 };
                let before = there.insert(text("userName"), (text("id"), state));
                assert!(before.is_none(), "twice: {user}");
            }
            if page["totalResults"].as_u64() == Some(there.len() as u64) {
                return there;
            }
            assert!(!page["Resources"].as_array().is_none_or(Vec::is_empty), "{page:#}");
        }
    }

    /// Waits until the server takes changes again.
    fn recovered(&mut self, server: &Running) {
        let begun = Instant::now();
        let mut client = Client::new(server.address(), &self.token);
        let writer = &mut self.writers[0];
        let before = writer.acknowledged;
        while writer.acknowledged == before {
            assert!(begun.elapsed() < Duration::from_secs(10), "no: {:?}", writer.doubts.last());
            assert!(writer.create(&mut client), "nobody listens");
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

/// Kills the server again and again, at moments that differ.
fn kill_again_and_again(mut scene: Scene) {
    let rounds: u64 = if testkit::long() { 200 } else { 20 };
    for round in 0..rounds {
        let begun = Instant::now();
        let mut server = scene.place.serve();
        let ready = begun.elapsed();
        // What the round before left behind.
        scene.check(&server, Unacknowledged::DoneOrNot);
        let before = scene.acknowledged();
        let moment = scene.moment();
        scene.under_load(&mut server, |server| {
            thread::sleep(moment);
            server.child.kill().expect("it runs");
            server.child.wait().expect("it ends");
        });
        eprintln!(
            "round {round}: ready after {ready:?}, killed after {moment:?}, {} acknowledged",
            scene.acknowledged() - before
        );
    }
    let server = scene.place.serve();
    scene.check(&server, Unacknowledged::DoneOrNot);
    // A test in which nothing happens proves nothing.
    let acknowledged = scene.acknowledged();
    assert!(acknowledged > 5 * rounds, "only {acknowledged} in {rounds} rounds");
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
        let doubts = scene.writers.iter().flat_map(|writer| &writer.doubts);
        for doubt in doubts {
            let polite =
                matches!(doubt.outcome, Outcome::Closed | Outcome::Answered { status: 503, .. });
            assert!(polite, "{doubt:?}");
        }
        let server = scene.place.serve();
        scene.check(&server, Unacknowledged::NotDone);
    }
    let acknowledged = scene.acknowledged();
    assert!(acknowledged > 10, "only {acknowledged}");
}

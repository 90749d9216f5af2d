//! [`Writer`]: a client that changes people, and remembers what it was told.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::{Client, Outcome};

/// A client's own people. No other client touches them, so it knows how each must be.
pub(super) struct Writer {
    number: usize,
    /// How many it ever named.
    named: usize,
    chance: u64,
    /// Who is there, by userName.
    pub(super) people: BTreeMap<String, Person>,
    /// Who was deleted, or never came to be.
    pub(super) gone: Vec<String>,
    /// Requests that were not acknowledged. Their people are left alone until they were looked at.
    pub(super) doubts: Vec<Doubt>,
    /// How many requests were acknowledged.
    pub(super) acknowledged: u64,
    /// Bytes of the titles that it gives.
    pub(super) weight: usize,
}

/// A user.
pub(super) struct Person {
    id: String,
    pub(super) state: State,
}

/// What the clients change about a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) title: String,
    pub(super) member: bool,
}

/// A request that was not acknowledged, and how the user would be without it and with it.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) name: String,
    pub(super) before: Option<State>,
    pub(super) after: Option<State>,
    pub(super) outcome: Outcome,
}

impl Writer {
    pub(super) fn new(number: usize, seed: u64) -> Self {
        Self {
            number,
            named: 0,
            chance: seed + 1 + number as u64,
            people: BTreeMap::new(),
            gone: Vec::new(),
            doubts: Vec::new(),
            acknowledged: 0,
            weight: 1,
        }
    }

    /// Someone whose state was in doubt, as they were found.
    pub(super) fn meet(&mut self, name: String, id: String, state: State) {
        self.people.insert(name, Person { id, state });
    }

    /// Sends one request. Whether there is someone to talk to.
    pub(super) fn step(&mut self, client: &mut Client, group: &str) -> bool {
        let choice = random(&mut self.chance) % 100;
        if self.people.is_empty() || choice < 40 {
            return self.create(client);
        }
        let at = random(&mut self.chance) % self.people.len() as u64;
        let name = self.people.keys().zip(0..).find(|(_, number)| *number == at);
        let name = name.expect("it is below their number").0.clone();
        let Person { id, state } = self.people.remove(&name).expect("it was just there");
        let mut after = Some(state.clone());
        let (method, path, body) = match (choice, &mut after) {
            (40..65, Some(state)) => {
                state.title = self.title();
                let operation =
                    format!(r#"{{"op":"replace","path":"title","value":"{}"}}"#, state.title);
                ("PATCH", format!("/scim/v2/Users/{id}"), patch(&operation))
            }
            (65..90, Some(state)) => {
                state.member = !state.member;
                let operation = if state.member {
                    format!(r#"{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}"#)
                } else {
                    format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#)
                };
                ("PATCH", format!("/scim/v2/Groups/{group}"), patch(&operation))
            }
            (_, after) => {
                *after = None;
                ("DELETE", format!("/scim/v2/Users/{id}"), String::new())
            }
        };
        match client.send(method, &path, &body) {
            Outcome::Answered { status: 200 | 204, .. } => {
                self.acknowledged += 1;
                match after {
                    Some(state) => self.meet(name, id, state),
                    None => self.gone.push(name),
                }
                true
            }
            Outcome::Unsent => {
                self.meet(name, id, state);
                false
            }
            outcome => self.doubt(Doubt { name, before: Some(state), after, outcome }),
        }
    }

    /// Creates a user. Whether there is someone to talk to.
    pub(super) fn create(&mut self, client: &mut Client) -> bool {
        self.named += 1;
        let name = format!("person-{}-{}@acme.example", self.number, self.named);
        let state = State { title: self.title(), member: false };
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}",
            "emails":[{{"value":"{name}","primary":true}}],"title":"{}"}}"#,
            state.title
        );
        match client.send("POST", "/scim/v2/Users", &body) {
            Outcome::Answered { status: 201, body } => {
                self.acknowledged += 1;
                let body: Value = serde_json::from_str(&body).expect("JSON");
                let id = body["id"].as_str().expect("an id").to_owned();
                self.meet(name, id, state);
                true
            }
            Outcome::Unsent => {
                self.gone.push(name);
                false
            }
            outcome => self.doubt(Doubt { name, before: None, after: Some(state), outcome }),
        }
    }

    /// Remembers a request that was not acknowledged. Only 503 and 507 say that the server could
    /// not; any other status would mean that it has forgotten what it said before.
    fn doubt(&mut self, doubt: Doubt) -> bool {
        if let Outcome::Answered { status, .. } = &doubt.outcome {
            assert!([503, 507].contains(status), "{doubt:?}");
        }
        self.doubts.push(doubt);
        true
    }

    fn title(&mut self) -> String {
        let number = random(&mut self.chance) % 1_000_000;
        format!("Engineer {number}").repeat(self.weight)
    }
}

fn patch(operation: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations":[{operation}]}}"#
    )
}

/// The next number of a sequence that is the same in every run.
pub(super) fn random(state: &mut u64) -> u64 {
    // SplitMix64
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = *state;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

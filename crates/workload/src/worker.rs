//! [`Worker`]: a client that changes people and a team, and remembers what it was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{
    client::{Client, Outcome},
    journal::Journal,
    random::Random,
};

/// So many people a worker keeps for ever: they are the members of its team.
const CORE: usize = 4;
/// About so many people it has.
const PEOPLE: usize = 30;

/// A client's own people and team. No other client touches them, so it knows how each must be.
#[derive(Debug)]
pub struct Worker {
    label: String,
    /// How many changes it ever made up: each gives a text that is like no other.
    made_up: u64,
    random: Random,
    /// What is there, by `userName` of a user and `externalId` of a team.
    pub(crate) subjects: BTreeMap<String, Subject>,
    /// What was deleted, or never came to be.
    pub(crate) gone: BTreeSet<String>,
    /// Requests that were not acknowledged. Their subjects are left alone until they were looked at.
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) core: Vec<String>,
    pub(crate) acknowledged: u64,
    journal: Option<Journal>,
    weight: usize,
    /// The statuses that say that the server could not.
    refusals: Vec<u16>,
}

/// Something that a worker changes.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) id: String,
    pub(crate) state: State,
}

/// How something is, as far as a worker changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A user.
    User {
        /// Its title.
        title: String,
        /// Whether it is in the group that all workers share.
        member: bool,
    },
    /// A group of a worker's own. One request changes all of it.
    Team {
        /// Its `displayName`.
        name: String,
        /// The `userName` of each member.
        members: BTreeSet<String>,
    },
}

/// A request that was not acknowledged, and how its subject would be without it and with it.
#[derive(Debug)]
pub(crate) struct Doubt {
    pub(crate) key: String,
    pub(crate) before: Option<State>,
    pub(crate) after: Option<State>,
    pub(crate) outcome: Outcome,
}

/// A request that is about to be sent.
struct Change {
    key: String,
    before: Option<Subject>,
    after: Option<State>,
    method: &'static str,
    path: String,
    body: String,
}

impl State {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::User { title, member } => json!({ "title": title, "member": member }),
            Self::Team { name, members } => json!({ "name": name, "members": members }),
        }
    }

    /// `None`: it is not there.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        if let Some(title) = text("title") {
            return Some(Self::User { title, member: value["member"] == true });
        }
        let members = value["members"].as_array()?;
        let members = members.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect();
        Some(Self::Team { name: text("name")?, members })
    }
}

impl Worker {
    /// A worker whose people and team bear its label, which no other has.
    #[must_use]
    pub fn new(label: &str, seed: u64) -> Self {
        Self {
            label: label.to_owned(),
            made_up: 0,
            random: Random::new(seed),
            subjects: BTreeMap::new(),
            gone: BTreeSet::new(),
            doubts: Vec::new(),
            core: Vec::new(),
            acknowledged: 0,
            journal: None,
            weight: 1,
            refusals: vec![503, 507],
        }
    }

    /// Writes down what is sent and acknowledged from now on.
    pub fn write_to(&mut self, journal: Option<Journal>) {
        self.journal = journal;
    }

    /// How often a title repeats its text: heavier changes fill a disk sooner.
    pub fn set_weight(&mut self, weight: usize) {
        self.weight = weight;
    }

    /// Takes a status, too, for one that says that the server could not.
    pub fn accept_refusal(&mut self, status: u16) {
        if !self.refusals.contains(&status) {
            self.refusals.push(status);
        }
    }

    /// How many requests were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// What became of each request that was not acknowledged, since the last audit.
    pub fn unacknowledged(&self) -> impl Iterator<Item = &Outcome> {
        self.doubts.iter().map(|doubt| &doubt.outcome)
    }

    /// Sends one request. Whether there is someone to talk to.
    ///
    /// # Errors
    ///
    /// The answer is one that the server must not give.
    pub fn step(&mut self, client: &mut Client, everybody: &str) -> Result<bool> {
        let choice = self.random.below(100);
        let people = self.subjects.len();
        let change = match choice {
            _ if people < CORE + 2 => None,
            0..25 if people < PEOPLE => None,
            25..45 => self.retitle(),
            45..65 => self.move_in_or_out(everybody),
            65..85 => self.reteam(),
            _ => self.delete(),
        };
        // Where there is no one to change, someone is made.
        let change = change.unwrap_or_else(|| self.creation());
        self.send(client, change)
    }

    /// Sends a request that makes a user.
    ///
    /// # Errors
    ///
    /// As [`Worker::step`].
    pub fn step_creating(&mut self, client: &mut Client) -> Result<bool> {
        let change = self.creation();
        self.send(client, change)
    }

    fn creation(&mut self) -> Change {
        let name = format!("person-{}-{}@example.com", self.label, self.made_up);
        let title = self.text("Engineer").repeat(self.weight);
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
            "emails": [{ "value": name, "primary": true }],
            "title": title,
        });
        Change {
            key: name,
            before: None,
            after: Some(State::User { title, member: false }),
            method: "POST",
            path: "/scim/v2/Users".to_owned(),
            body: body.to_string(),
        }
    }

    fn retitle(&mut self) -> Option<Change> {
        let (key, before) = self.some_user(|_| true)?;
        let State::User { member, .. } = before.state else { return None };
        let title = self.text("Director").repeat(self.weight);
        let body = patch(&json!([{ "op": "replace", "path": "title", "value": title }]));
        let path = format!("/scim/v2/Users/{}", before.id);
        let after = Some(State::User { title, member });
        Some(Change { key, before: Some(before), after, method: "PATCH", path, body })
    }

    fn move_in_or_out(&mut self, everybody: &str) -> Option<Change> {
        let (key, before) = self.some_user(|_| true)?;
        let State::User { title, member } = before.state.clone() else { return None };
        let id = &before.id;
        let operation = if member {
            json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }])
        } else {
            json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }])
        };
        let body = patch(&operation);
        let after = Some(State::User { title, member: !member });
        let path = format!("/scim/v2/Groups/{everybody}");
        Some(Change { key, before: Some(before), after, method: "PATCH", path, body })
    }

    /// Changes the name of the team and all of its members in one request: it must never be seen
    /// half done.
    fn reteam(&mut self) -> Option<Change> {
        let key = format!("team-{}", self.label);
        let in_doubt = self.doubts.iter().any(|doubt| doubt.key == key);
        if self.core.len() < CORE || in_doubt {
            return None;
        }
        let mut members = BTreeSet::new();
        let mut values = Vec::new();
        for name in self.core.clone() {
            // Whoever is in doubt cannot be named.
            let Some(Subject { id, .. }) = self.subjects.get(&name) else { continue };
            if self.random.below(2) == 0 {
                values.push(json!({ "value": id }));
                members.insert(name);
            }
        }
        let name = self.text("Team");
        let before = self.subjects.get(&key).cloned();
        let (method, path, body) = match &before {
            None => {
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                    "externalId": key, "displayName": name, "members": values,
                });
                ("POST", "/scim/v2/Groups".to_owned(), body.to_string())
            }
            Some(Subject { id, .. }) => {
                let body = patch(&json!([
                    { "op": "replace", "path": "displayName", "value": name },
                    { "op": "replace", "path": "members", "value": values },
                ]));
                ("PATCH", format!("/scim/v2/Groups/{id}"), body)
            }
        };
        Some(Change { key, before, after: Some(State::Team { name, members }), method, path, body })
    }

    fn delete(&mut self) -> Option<Change> {
        let core = self.core.clone();
        let (key, before) = self.some_user(|name| !core.iter().any(|member| member == name))?;
        let path = format!("/scim/v2/Users/{}", before.id);
        let body = String::new();
        Some(Change { key, before: Some(before), after: None, method: "DELETE", path, body })
    }

    fn some_user(&mut self, fits: impl Fn(&str) -> bool) -> Option<(String, Subject)> {
        let is_user = |subject: &Subject| matches!(subject.state, State::User { .. });
        let users: Vec<_> =
            self.subjects.iter().filter(|(name, subject)| is_user(subject) && fits(name)).collect();
        if users.is_empty() {
            return None;
        }
        let at = usize::try_from(self.random.below(users.len() as u64)).ok()?;
        let (name, subject) = users[at];
        Some((name.clone(), subject.clone()))
    }

    fn send(&mut self, client: &mut Client, change: Change) -> Result<bool> {
        let Change { key, before, after, method, path, body } = change;
        self.note(Journal::begun, &key, after.as_ref())?;
        match client.send(method, &path, &body) {
            Outcome::Answered { status: status @ (200 | 201 | 204), body, .. } => {
                let id = match &before {
                    Some(before) => before.id.clone(),
                    None => id_of(&body).with_context(|| format!("{method} {path}: {status}"))?,
                };
                self.note(Journal::acknowledged, &key, after.as_ref())?;
                self.acknowledged += 1;
                self.meet(key, after.map(|state| (id, state)));
                Ok(true)
            }
            Outcome::Unsent => {
                let before = before.map(|before| (before.id, before.state));
                self.note(Journal::acknowledged, &key, before.as_ref().map(|(_, state)| state))?;
                self.meet(key, before);
                Ok(false)
            }
            outcome => {
                // Any other status would mean that it has forgotten what it said before.
                if let Outcome::Answered { status, .. } = &outcome
                    && !self.refusals.contains(status)
                {
                    bail!("{method} {path} for {key}: {outcome:?}");
                }
                if outcome == Outcome::Silent {
                    bail!("{method} {path} for {key} was not answered in half a minute");
                }
                self.subjects.remove(&key);
                let before = before.map(|before| before.state);
                self.doubts.push(Doubt { key, before, after, outcome });
                Ok(true)
            }
        }
    }

    /// Takes something as it is; `None`: it is not there.
    pub(crate) fn meet(&mut self, key: String, found: Option<(String, State)>) {
        let Some((id, state)) = found else {
            self.subjects.remove(&key);
            self.gone.insert(key);
            return;
        };
        let is_user = matches!(state, State::User { .. });
        if is_user && self.core.len() < CORE && !self.core.contains(&key) {
            self.core.push(key.clone());
        }
        self.gone.remove(&key);
        self.subjects.insert(key, Subject { id, state });
    }

    fn note(
        &self,
        what: fn(&Journal, &str, Option<&State>) -> io::Result<()>,
        key: &str,
        state: Option<&State>,
    ) -> Result<()> {
        let Some(journal) = &self.journal else { return Ok(()) };
        what(journal, key, state).context("cannot write the journal")
    }

    /// A text that was never given before.
    fn text(&mut self, word: &str) -> String {
        self.made_up += 1;
        format!("{word} {} of {}", self.made_up, self.label)
    }
}

fn id_of(body: &str) -> Result<String> {
    let body: Value = serde_json::from_str(body).context("the answer is no JSON")?;
    Ok(body["id"].as_str().context("the answer has no id")?.to_owned())
}

fn patch(operations: &Value) -> String {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({ "schemas": [schema], "Operations": operations }).to_string()
}

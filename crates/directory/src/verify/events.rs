//! I4 and I5: the events chain, and replaying them gives the present state.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use super::{Findings, rows::Present};
use crate::{
    db::{Reader, statements},
    error::Error,
    event::{self, Event, EventKind},
    organization::Organization,
    resource::parse_document,
};

statements! {
    HEAD = Sql { "select head from organization where org = $1" };
}

pub(super) fn check(
    reader: &mut Reader<'_>,
    organization: &Organization,
    present: Present,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut replay = Replay::default();
    let mut hash: Vec<u8> = Vec::new();
    let mut seq = 0;
    let mut at = None;
    loop {
        let events = event::after(reader, seq, 1_000)?;
        if events.is_empty() {
            break;
        }
        for event in events {
            if event.seq != seq + 1 {
                findings.wrong("I4", format!("event {} follows event {seq}", event.seq));
            }
            if event.expected_hash(&hash) != event.hash {
                findings.wrong("I4", format!("the hash of event {} is not its own", event.seq));
            }
            if at.is_some_and(|at| event.at < at) {
                findings.wrong("I4", format!("event {} is older than the one before", event.seq));
            }
            seq = event.seq;
            at = Some(event.at);
            findings.events += 1;
            replay.apply(&event);
            hash = event.hash;
        }
    }
    findings.expect(
        "I4",
        || "the number of the last event".to_owned(),
        &organization.last_event,
        &seq,
    );
    let head = reader.query_one(HEAD, &[])?.map(|mut row| row.bytes(0)).transpose()?;
    if head.as_deref().unwrap_or_default() != hash {
        findings.wrong("I4", "the newest hash is not the organization's head");
    }
    replay.compare(present, findings)
}

/// The state that the events tell.
#[derive(Default)]
struct Replay {
    users: HashMap<String, Json>,
    custom: HashMap<String, Json>,
    groups: HashMap<String, (Json, BTreeSet<String>)>,
}

impl Replay {
    fn apply(&mut self, event: &Event) {
        let id = event.target.clone();
        let body = &event.body;
        match event.kind {
            EventKind::UserCreated
            | EventKind::UserUpdated
            | EventKind::UserArchived
            | EventKind::UserReactivated => {
                self.users.insert(id, body["resource"].clone());
                self.join(event);
            }
            EventKind::UserDeleted => {
                self.users.remove(&id);
                self.leave(event);
            }
            EventKind::GroupCreated => {
                self.groups.insert(id, (body["resource"].clone(), ids(&body["added"]).collect()));
                self.join(event);
            }
            EventKind::GroupUpdated => {
                let (resource, members) = self.groups.entry(id).or_default();
                if let Some(changed) = body.get("resource") {
                    *resource = changed.clone();
                }
                if body["cleared"] == true {
                    members.clear();
                }
                for id in ids(&body["removed"]) {
                    members.remove(&id);
                }
                members.extend(ids(&body["added"]));
                self.join(event);
            }
            EventKind::GroupDeleted => {
                self.groups.remove(&id);
                self.leave(event);
            }
            EventKind::OrganizationCreated
            | EventKind::OrganizationUpdated
            | EventKind::ConnectionCreated
            | EventKind::ConnectionEnabled
            | EventKind::ConnectionDisabled
            | EventKind::ConnectionProfileChanged
            | EventKind::ConnectionRenamed
            | EventKind::ConnectionDeleted
            | EventKind::TokenIssued
            | EventKind::TokenRevoked
            | EventKind::SchemaRegistered
            | EventKind::SchemaRemoved => {}
            EventKind::ResourceCreated | EventKind::ResourceUpdated => {
                self.custom.insert(id, body["resource"].clone());
            }
            EventKind::ResourceDeleted => {
                self.custom.remove(&id);
            }
        }
    }

    fn join(&mut self, event: &Event) {
        for group in ids(&event.body["joined"]) {
            self.groups.entry(group).or_default().1.insert(event.target.clone());
        }
    }

    fn leave(&mut self, event: &Event) {
        for group in ids(&event.body["left"]) {
            self.groups.entry(group).or_default().1.remove(&event.target);
        }
    }

    fn compare(mut self, present: Present, findings: &mut Findings) -> Result<(), Error> {
        for (id, document) in present.users {
            if !same(self.users.remove(&id), &document)? {
                findings.wrong("I5", format!("user {id} is not what its events tell"));
            }
        }
        for (id, document) in present.custom {
            if !same(self.custom.remove(&id), &document)? {
                findings.wrong("I5", format!("resource {id} is not what its events tell"));
            }
        }
        for (id, (document, members)) in present.groups {
            let (replayed, replayed_members) = self.groups.remove(&id).unzip();
            if !same(replayed, &document)? {
                findings.wrong("I5", format!("group {id} is not what its events tell"));
            }
            if replayed_members.unwrap_or_default() != members {
                findings.wrong("I5", format!("the members of group {id} are not what events tell"));
            }
        }
        for id in self.users.keys().chain(self.groups.keys()).chain(self.custom.keys()) {
            findings.wrong("I5", format!("{id} is told of by events, and is not here"));
        }
        Ok(())
    }
}

/// Documents are compared as trees: PostgreSQL or a backup may not keep the spelling.
fn same(replayed: Option<Json>, document: &str) -> Result<bool, Error> {
    let Some(replayed) = replayed else { return Ok(false) };
    Ok(parse_document(&replayed.to_string())? == parse_document(document)?)
}

fn ids(list: &Json) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned)
}

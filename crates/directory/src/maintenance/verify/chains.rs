//! I4 and I5: the chains of events and audit entries, and that replaying the events gives the
//! present state.

use std::collections::{BTreeSet, HashMap};

use scim::Object;

use super::{Findings, rows::Present};
use crate::{
    audit::{self, AuditEntry},
    clock::Time,
    db::statements,
    error::Error,
    event::{self, Event, Payload},
    id::{AuditNo, EventNo, ResourceId},
    organization::Organization,
    record::{Attributes, Head},
    store::{Catalog, Reader},
};

statements! {
    HEADS = Sql {
        "select event_head, audit_seq, audit_head from organization_counter where org = $1"
    };
}

/// Entries are read in pieces of this size.
const PIECE: u32 = 1_000;

/// A chain as it is read, entry by entry.
struct Chain {
    what: &'static str,
    no: i64,
    at: Option<Time>,
    hash: Vec<u8>,
}

impl Chain {
    fn new(what: &'static str) -> Self {
        Self { what, no: 0, at: None, hash: Vec::new() }
    }

    /// Reads one entry on: with the hash that it must carry after the one before, and the one that
    /// it carries.
    fn follow(
        &mut self,
        (no, at): (i64, Time),
        expected: impl FnOnce(&[u8]) -> Vec<u8>,
        hash: &[u8],
        findings: &mut Findings,
    ) {
        let what = self.what;
        if no != self.no + 1 {
            findings.wrong("I4", format!("{what} {no} follows {what} {}", self.no));
        }
        if expected(&self.hash) != hash {
            findings.wrong("I4", format!("the hash of {what} {no} is not its own"));
        }
        if self.at.is_some_and(|before| at < before) {
            findings.wrong("I4", format!("{what} {no} is older than the one before"));
        }
        (self.no, self.at) = (no, Some(at));
        self.hash = hash.to_vec();
    }

    fn end(self, no: i64, head: &[u8], findings: &mut Findings) {
        let what = self.what;
        findings.expect("I4", || format!("the number of the last {what}"), &no, &self.no);
        if self.hash != head {
            findings.wrong("I4", format!("the hash of the last {what} is not the head"));
        }
    }
}

/// Checks the chain of events, and replays it.
pub(super) fn events(
    reader: &mut Reader<'_>,
    organization: &Organization,
    present: Present,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut replay = Replay::default();
    let mut chain = Chain::new("event");
    loop {
        let events = event::all_after(reader, EventNo(chain.no), PIECE)?;
        if events.is_empty() {
            break;
        }
        for event in events {
            let at = (event.no.0, event.at);
            chain.follow(at, |hash| event.expected_hash(hash), &event.hash, findings);
            findings.events += 1;
            replay.apply(event);
        }
    }
    let head: Vec<u8> = match reader.query_one(HEADS, &[])? {
        Some(mut row) => row.get("event_head")?,
        None => Vec::new(),
    };
    chain.end(organization.last_event.0, &head, findings);
    replay.compare(present, findings);
    Ok(())
}

/// Checks the chain of an organization's audit.
pub(super) fn audit(reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), Error> {
    let mut chain = Chain::new("audit entry");
    loop {
        let entries = audit::all_after(reader, AuditNo(chain.no), PIECE)?;
        if entries.is_empty() {
            break;
        }
        follow(&mut chain, &entries, findings);
    }
    if let Some(mut row) = reader.query_one(HEADS, &[])? {
        chain.end(row.get("audit_seq")?, &row.get::<Vec<u8>>("audit_head")?, findings);
    }
    Ok(())
}

/// Checks the chain of the installation's audit.
pub(super) fn installation_audit(
    catalog: &mut Catalog<'_>,
    head: &Head<AuditNo>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut chain = Chain::new("audit entry");
    loop {
        let entries = audit::of_chain(catalog, audit::INSTALLATION, AuditNo(chain.no), PIECE)?;
        if entries.is_empty() {
            break;
        }
        follow(&mut chain, &entries, findings);
    }
    chain.end(head.no.0, &head.hash, findings);
    Ok(())
}

fn follow(chain: &mut Chain, entries: &[AuditEntry], findings: &mut Findings) {
    for entry in entries {
        let at = (entry.no.0, entry.at);
        chain.follow(at, |hash| entry.expected_hash(hash), &entry.hash, findings);
        findings.audit += 1;
    }
}

/// The state that the events tell.
#[derive(Default)]
struct Replay {
    /// Users and resources of registered types.
    resources: HashMap<String, Object>,
    groups: HashMap<String, (Object, BTreeSet<ResourceId>)>,
}

impl Replay {
    fn apply(&mut self, event: Event) {
        let id = event.target;
        match event.payload {
            Payload::UserCreated(event::kinds::UserCreated { resource, joined })
            | Payload::UserUpdated(event::kinds::UserUpdated { resource, joined })
            | Payload::UserArchived(event::kinds::UserArchived { resource, joined })
            | Payload::UserReactivated(event::kinds::UserReactivated { resource, joined }) => {
                self.join(&id, &joined);
                self.resources.insert(id, resource.0);
            }
            Payload::UserDeleted(event::kinds::UserDeleted { left }) => {
                self.resources.remove(&id);
                self.leave(&id, &left);
            }
            Payload::GroupCreated(payload) => {
                self.join(&id, &payload.joined);
                let members = payload.added.into_iter().collect();
                self.groups.insert(id, (payload.resource.0, members));
            }
            Payload::GroupUpdated(payload) => {
                self.join(&id, &payload.joined);
                let (resource, members) = self.groups.entry(id).or_default();
                if let Some(Attributes(changed)) = payload.resource {
                    *resource = changed;
                }
                if payload.cleared {
                    members.clear();
                }
                for id in &payload.removed {
                    members.remove(id);
                }
                members.extend(payload.added);
            }
            Payload::GroupDeleted(event::kinds::GroupDeleted { left }) => {
                self.groups.remove(&id);
                self.leave(&id, &left);
            }
            Payload::ResourceCreated(event::kinds::ResourceCreated { resource, .. })
            | Payload::ResourceUpdated(event::kinds::ResourceUpdated { resource, .. }) => {
                self.resources.insert(id, resource.0);
            }
            Payload::ResourceDeleted(_) => {
                self.resources.remove(&id);
            }
            Payload::OrganizationCreated(_)
            | Payload::OrganizationUpdated(_)
            | Payload::ConnectionCreated(_)
            | Payload::ConnectionActivated(_)
            | Payload::ConnectionDisabled(_)
            | Payload::ConnectionDeleted(_)
            | Payload::RoleCreated(_)
            | Payload::RoleDeleted(_)
            | Payload::RoleAssigned(_)
            | Payload::RoleUnassigned(_)
            | Payload::RoleMapped(_)
            | Payload::RoleUnmapped(_) => {}
        }
    }

    fn join(&mut self, id: &str, groups: &[ResourceId]) {
        let Some(id) = ResourceId::parse(id) else { return };
        for group in groups {
            self.groups.entry(group.to_string()).or_default().1.insert(id);
        }
    }

    fn leave(&mut self, id: &str, groups: &[ResourceId]) {
        let Some(id) = ResourceId::parse(id) else { return };
        for group in groups {
            self.groups.entry(group.to_string()).or_default().1.remove(&id);
        }
    }

    fn compare(mut self, present: Present, findings: &mut Findings) {
        for (id, attributes) in present.resources {
            if self.resources.remove(&id).as_ref() != Some(&attributes) {
                findings.wrong("I5", format!("resource {id} is not what its events tell"));
            }
        }
        for (id, (attributes, members)) in present.groups {
            let (replayed, replayed_members) = self.groups.remove(&id).unzip();
            if replayed.as_ref() != Some(&attributes) {
                findings.wrong("I5", format!("group {id} is not what its events tell"));
            }
            if replayed_members.unwrap_or_default() != members {
                findings.wrong("I5", format!("the members of group {id} are not what events tell"));
            }
        }
        for id in self.resources.keys().chain(self.groups.keys()) {
            findings.wrong("I5", format!("{id} is told of by events, and is not here"));
        }
    }
}

//! I4 and I5: the chains of events and audit entries, and that replaying the events gives the
//! present state.

use std::collections::{BTreeSet, HashMap};

use scim::Object;

use super::{Findings, rows::Present};
use crate::{
    access::Access,
    audit::{self, AuditEntry},
    db::statements,
    error::{Error, Noun},
    event::{self, Event, Payload},
    id::{OrgNo, ResourceId},
    record::{Attributes, Entry, Head, Record},
    store::{Catalog, Reader},
};

statements! {
    HEADS = Sql {
        "select event_seq, event_head, audit_seq, audit_head from organization_counter \
         where org = $1"
    };
}

/// Entries are read in pieces of this size.
const PIECE: u32 = 1_000;

/// Follows a chain from its beginning, and to the head that is stored of it, where one is. `after`
/// reads the entries after a number, and `seen` is given each. Answers how many there are.
fn follow<R: Record>(
    what: &str,
    mut after: impl FnMut(R::No) -> Result<Vec<Entry<R>>, Error>,
    stored: Option<&Head<R::No>>,
    findings: &mut Findings,
    mut seen: impl FnMut(Entry<R>),
) -> Result<u64, Error> {
    let (mut head, mut at, mut count) = (Head::<R::No>::start(), None, 0);
    loop {
        let entries = after(head.no)?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let (before, no) = (head.no.into(), entry.no.into());
            if no != before + 1 {
                findings.wrong("I4", format!("{what} {no} follows {what} {before}"));
            }
            if !entry.follows(&head.hash) {
                findings.wrong("I4", format!("the hash of {what} {no} is not its own"));
            }
            if at.is_some_and(|before| entry.at < before) {
                findings.wrong("I4", format!("{what} {no} is older than the one before"));
            }
            (head, at) = (entry.as_head(), Some(entry.at));
            count += 1;
            seen(entry);
        }
    }
    if let Some(stored) = stored {
        let (stored_no, no) = (stored.no.into(), head.no.into());
        findings.expect("I4", || format!("the number of the last {what}"), &stored_no, &no);
        if head.hash != stored.hash {
            findings.wrong("I4", format!("the hash of the last {what} is not the head"));
        }
    }
    Ok(count)
}

/// Checks the two chains of an organization, and replays its events.
pub(super) fn check(
    reader: &mut Reader<'_>,
    present: Present,
    findings: &mut Findings,
) -> Result<(), Error> {
    let heads = reader.query_one(HEADS, &[])?;
    let mut heads = heads.ok_or(Error::not_found(Noun::Organization))?;
    let events = Head { no: heads.get("event_seq")?, hash: heads.get("event_head")? };
    let audit = Head { no: heads.get("audit_seq")?, hash: heads.get("audit_head")? };
    let mut replay = Replay::default();
    let read = |no| event::all_after(reader, no, PIECE);
    findings.events +=
        follow("event", read, Some(&events), findings, |event: Event| replay.apply(event))?;
    replay.compare(present, findings);
    let read = |no| audit::all_after(reader, no, PIECE);
    findings.audit += follow("audit entry", read, Some(&audit), findings, |_: AuditEntry| {})?;
    Ok(())
}

/// Checks the installation's audit, and those that outlived their organizations.
pub(super) fn installation(
    catalog: &mut Catalog<'_>,
    findings: &mut Findings,
) -> Result<(), Error> {
    let head = audit::installation_head(catalog)?;
    let mut deleted = Vec::new();
    let mut chain = |org, head, seen: &mut dyn FnMut(AuditEntry)| {
        let access = Access::system(org);
        let mut reader = catalog.reader(&access);
        let read = |no| audit::all_after(&mut reader, no, PIECE);
        findings.audit += follow("audit entry", read, head, findings, seen)?;
        Ok::<_, Error>(())
    };
    chain(audit::INSTALLATION, Some(&head), &mut |entry| {
        if let audit::Payload::OrganizationDeleted(gone) = entry.payload {
            deleted.push(OrgNo(gone.number));
        }
    })?;
    // The head of a chain whose organization is gone is not stored any more.
    deleted.into_iter().try_for_each(|org| chain(org, None, &mut |_| {}))
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

//! Members of groups: by name, pending, nested; and the groups of a user.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    document::{INVALID_VALUE, MUTABILITY, Refusal},
    patch::{Op, Operation, Selected, Target},
    world::{BASE, Change, GROUP, THING, USER, World, external_of, names_of},
};

/// Takes the changes of members out of the operations on a group.
pub(super) fn lift(operations: &[Operation]) -> Result<(Vec<Operation>, Vec<Change>), Refusal> {
    let (mut rest, mut changes) = (Vec::new(), Vec::new());
    for operation in operations {
        match operation {
            Operation { op, path: Some((_, Target::Members(selected))), value } => {
                changes.push(change(*op, selected, value.as_ref())?);
            }
            Operation { op, path: None, value: Some(Json::Object(names)) } => {
                let mut left = names.clone();
                for (name, value) in names {
                    if name.eq_ignore_ascii_case("members") {
                        left.shift_remove(name);
                        changes.push(change(*op, &Selected::All, Some(value))?);
                    }
                }
                let value = Some(Json::Object(left));
                rest.push(Operation { op: *op, path: None, value });
            }
            other => rest.push(other.clone()),
        }
    }
    Ok((rest, changes))
}

fn change(op: Op, selected: &Selected, value: Option<&Json>) -> Result<Change, Refusal> {
    let value = value.unwrap_or(&Json::Null);
    Ok(match (op, selected) {
        // RFC 7643 §4.2: members come and go, none is changed.
        (Op::Add | Op::Replace, Selected::Ids(_) | Selected::Kind(_)) => return Err(MUTABILITY),
        (Op::Add, Selected::All) => Change::Add(names_of(value)?),
        (Op::Replace, Selected::All) => Change::Replace(names_of(value)?),
        (Op::Remove, Selected::All) if value.is_null() => Change::Clear,
        (Op::Remove, Selected::All) => Change::Remove(names_of(value)?),
        (Op::Remove, Selected::Ids(ids)) => Change::Remove(ids.clone()),
        (Op::Remove, Selected::Kind(kind)) => Change::RemoveKind(kind.clone()),
    })
}

impl World {
    /// Who is meant by names: an id, or else an externalId, of users before groups, of the oldest
    /// of several; and the names that no one bears.
    pub(super) fn resolve(&self, names: &[String]) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut found, mut unknown) = (BTreeSet::new(), BTreeSet::new());
        for name in names {
            let by_id = self.records.iter().find(|it| it.kind != THING && it.id == *name);
            let by_external = || {
                [USER, GROUP].into_iter().find_map(|kind| {
                    self.of(kind).find(|it| external_of(&it.document).as_ref() == Some(name))
                })
            };
            match by_id.or_else(by_external) {
                Some(record) => found.insert(record.id.clone()),
                None => unknown.insert(name.clone()),
            };
        }
        (found, unknown)
    }

    /// Whether a group is in another or in itself, directly or through others.
    fn contains(&self, group: &str, inner: &str) -> bool {
        if group == inner {
            return true;
        }
        let record = self.records.iter().find(|it| it.id == group);
        record.is_some_and(|it| it.members.iter().any(|member| self.contains(member, inner)))
    }

    /// Changes the members of a group. Tells whether that is a change whatever follows in the
    /// same request: emptying, and names that wait. Members that come and go again are none.
    pub(super) fn change_members(&mut self, at: usize, change: &Change) -> Result<bool, Refusal> {
        let before = self.records[at].clone();
        let (mut members, mut pending) = (before.members.clone(), before.pending.clone());
        let mut added = BTreeSet::new();
        match change {
            Change::Add(names) | Change::Replace(names) => {
                let (found, unknown) = self.resolve(names);
                if matches!(change, Change::Replace(_)) {
                    members.clear();
                    pending.clear();
                }
                added.clone_from(&found);
                members.extend(found);
                pending.extend(unknown);
            }
            Change::Remove(names) => {
                let (found, _) = self.resolve(names);
                members.retain(|id| !found.contains(id));
                pending.retain(|name| !names.contains(name));
            }
            Change::RemoveKind(kind) => {
                let is_kind = |id: &String| {
                    let member = &self.records[self.find(id).expect("a member is there")];
                    self.types[member.kind].name.eq_ignore_ascii_case(kind)
                };
                members.retain(|id| !is_kind(id));
            }
            Change::Clear => {
                members.clear();
                pending.clear();
            }
        }
        // A member that is here already cannot close a loop, but its name is looked at too.
        if added.iter().any(|id| self.contains(id, &before.id)) {
            return Err(INVALID_VALUE);
        }
        let emptied = match change {
            Change::Clear => !before.members.is_empty(),
            Change::Replace(names) => names.is_empty() && !before.members.is_empty(),
            _ => false,
        };
        let changed = emptied || pending != before.pending;
        self.records[at].members = members;
        self.records[at].pending = pending;
        Ok(changed)
    }

    /// A user or group is here: the groups that were waiting for it have it now.
    pub(super) fn join(&mut self, at: usize) {
        let (id, kind) = (self.records[at].id.clone(), self.records[at].kind);
        if kind == THING {
            return;
        }
        let mut names = vec![id.clone()];
        names.extend(external_of(&self.records[at].document));
        for group in 0..self.records.len() {
            let waits = names.iter().any(|name| self.records[group].pending.contains(name));
            if !waits || self.contains(&id, &self.records[group].id) {
                continue;
            }
            let now = self.requests;
            let group = &mut self.records[group];
            group.pending.retain(|name| !names.contains(name));
            if group.members.insert(id.clone()) {
                group.version += 1;
                group.modified = now;
            }
        }
    }

    /// The members of a group, oldest first.
    pub(super) fn members_shown(&self, at: usize) -> Vec<Json> {
        let members = &self.records[at].members;
        self.records
            .iter()
            .filter(|record| members.contains(&record.id))
            .map(|record| {
                let kind = &self.types[record.kind];
                let name = if record.kind == USER { "userName" } else { "displayName" };
                json!({
                    "value": record.id,
                    "$ref": format!("{BASE}{}/{}", kind.endpoint, record.id),
                    "display": record.document[name],
                    "type": kind.name,
                })
            })
            .collect()
    }

    /// The groups of a user: those that it is in itself, then those that these are in, and so on.
    pub(super) fn groups_of(&self, user: &str) -> Vec<Json> {
        let mut shown = Vec::new();
        let mut seen = BTreeSet::from([user.to_owned()]);
        let mut level = vec![user.to_owned()];
        let mut how = "direct";
        while !level.is_empty() {
            let mut next = Vec::new();
            for inner in &level {
                for group in self.of(GROUP).filter(|group| group.members.contains(inner)) {
                    if seen.insert(group.id.clone()) {
                        shown.push(json!({
                            "value": group.id,
                            "$ref": format!("{BASE}/Groups/{}", group.id),
                            "display": group.document["displayName"],
                            "type": how,
                        }));
                        next.push(group.id.clone());
                    }
                }
            }
            level = next;
            how = "indirect";
        }
        shown
    }
}

//! [`Model`]: the directory as the documents describe it, in plain maps.

use std::collections::{BTreeMap, BTreeSet};

use scim::{Object, ScimType};

use super::operation::{Change, How, Name};

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done { id: String, version: i64 },
    Gone,
    Refused(ScimType),
    Failed(String),
}

impl Outcome {
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Done { id, .. } => Some(id),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

/// A user or a group. They share one row of numbers: the order of their making.
#[derive(Clone, Debug)]
struct Entry {
    kind: Kind,
    id: String,
    resource: Object,
    version: i64,
    owner: Option<usize>,
    members: BTreeSet<usize>,
    waiting: BTreeSet<String>,
}

impl Entry {
    fn text(&self, name: &str) -> Option<&str> {
        self.resource.str(name)
    }

    fn external(&self) -> Option<&str> {
        self.text("externalId")
    }

    fn is_active(&self) -> bool {
        self.resource.get("active").and_then(scim::Value::as_bool) == Some(true)
    }
}

/// Who was deleted, oldest first.
#[derive(Clone, Debug)]
struct Tombstone {
    id: String,
    name: String,
    external: Option<String>,
    owner: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    entries: BTreeMap<usize, Entry>,
    tombstones: Vec<Tombstone>,
    /// Every id that was ever given.
    given: Vec<String>,
    next: usize,
    pub(super) events: i64,
}

fn key(name: &str) -> String {
    name.to_lowercase()
}

type Applied = Result<usize, ScimType>;

impl Model {
    pub(super) fn new(events: i64) -> Self {
        Self {
            entries: BTreeMap::new(),
            tombstones: Vec::new(),
            given: Vec::new(),
            next: 0,
            events,
        }
    }

    /// The id of what an operation is about.
    pub(super) fn target(&self, change: &Change) -> Option<String> {
        let (kind, number) = match change {
            Change::CreateUser(_) | Change::CreateGroup(..) => return None,
            Change::ReplaceUser(number, _)
            | Change::SetActive(number, _)
            | Change::DeleteUser(number) => (Kind::User, *number),
            Change::ReplaceGroup(number, ..)
            | Change::Members(number, ..)
            | Change::DeleteGroup(number) => (Kind::Group, *number),
        };
        let ids: Vec<&String> = self.of(kind).map(|(_, entry)| &entry.id).collect();
        (!ids.is_empty()).then(|| ids[number % ids.len()].clone())
    }

    /// How a member is written.
    pub(super) fn name(&self, name: Name) -> Option<String> {
        match name {
            Name::External(number) => Some(format!("ext{number}")),
            Name::Id(_) if self.given.is_empty() => None,
            Name::Id(number) => Some(self.given[number % self.given.len()].clone()),
        }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = (usize, &Entry)> {
        let entries = self.entries.iter().map(|(no, entry)| (*no, entry));
        entries.filter(move |(_, entry)| entry.kind == kind)
    }

    fn by_id(&self, id: &str) -> Option<usize> {
        self.entries.iter().find(|(_, entry)| entry.id == id).map(|(no, _)| *no)
    }

    fn by_name(&self, kind: Kind, resource: &Object) -> Option<usize> {
        let attribute = if kind == Kind::User { "userName" } else { "displayName" };
        let wanted = key(resource.str(attribute)?);
        self.of(kind)
            .find(|(_, entry)| entry.text(attribute).map(key).as_ref() == Some(&wanted))
            .map(|(no, _)| no)
    }

    /// Applies an operation. `id` is the id that the store gave to what is new.
    pub(super) fn apply(
        &mut self,
        owner: Option<usize>,
        change: &Change,
        target: Option<&str>,
        names: &[String],
        id: Option<&str>,
    ) -> Outcome {
        let before = self.clone();
        let target = target.and_then(|id| self.by_id(id)).unwrap_or(usize::MAX);
        let applied = match change {
            Change::CreateUser(person) => self.create_user(owner, person.resource(), id),
            Change::ReplaceUser(_, person) => {
                let mut resource = person.resource();
                if resource.get("active").is_none() {
                    resource.insert("active", self.entries[&target].is_active());
                }
                self.save_user(owner, target, resource)
            }
            Change::SetActive(_, active) => {
                let resource = self.entries[&target].resource.clone().with("active", *active);
                self.save_user(owner, target, resource)
            }
            Change::CreateGroup(team, _) => self.create_group(owner, team.resource(), names, id),
            Change::ReplaceGroup(_, team, members) => {
                let how = members.as_ref().map(|_| How::Replace);
                self.save_group(owner, target, Some(team.resource()), how, names)
            }
            Change::Members(_, how, _) => self.save_group(owner, target, None, Some(*how), names),
            Change::DeleteUser(_) | Change::DeleteGroup(_) => {
                self.delete(target);
                return Outcome::Gone;
            }
        };
        match applied {
            Ok(no) => {
                let entry = &self.entries[&no];
                Outcome::Done { id: entry.id.clone(), version: entry.version }
            }
            Err(refusal) => {
                *self = before;
                Outcome::Refused(refusal)
            }
        }
    }

    fn create_user(
        &mut self,
        owner: Option<usize>,
        mut resource: Object,
        id: Option<&str>,
    ) -> Applied {
        if resource.get("active").is_none() {
            resource.insert("active", true);
        }
        let by_name = self.by_name(Kind::User, &resource);
        let external = resource.str("externalId").map(str::to_owned);
        let by_external: Vec<usize> = self
            .of(Kind::User)
            .filter(|(_, user)| external.is_some() && user.external() == external.as_deref())
            .filter(|(_, user)| user.owner == owner)
            .map(|(no, _)| no)
            .collect();
        if by_name.iter().chain(&by_external).any(|no| self.entries[no].is_active()) {
            return Err(ScimType::Uniqueness);
        }
        if let Some(no) = by_name.or(by_external.first().copied()) {
            return self.save_user(owner, no, resource);
        }
        let id = self.reclaim(owner, &resource).or(id.map(str::to_owned)).unwrap_or_default();
        let no = self.make(Kind::User, id, owner, resource);
        self.events += 1;
        self.join(no);
        Ok(no)
    }

    /// The id that the person had.
    fn reclaim(&mut self, owner: Option<usize>, resource: &Object) -> Option<String> {
        let external = resource.str("externalId");
        let name = key(resource.str("userName")?);
        let same = |stone: &Tombstone| {
            external.is_some() && stone.external.as_deref() == external && stone.owner == owner
        };
        let namesake = |stone: &Tombstone| {
            let differs = stone.external.is_some()
                && external.is_some()
                && stone.external.as_deref() != external;
            stone.name == name && !(differs && stone.owner == owner)
        };
        let at = self.tombstones.iter().rposition(same);
        let at = at.or_else(|| self.tombstones.iter().rposition(namesake))?;
        Some(self.tombstones.remove(at).id)
    }

    fn make(&mut self, kind: Kind, id: String, owner: Option<usize>, resource: Object) -> usize {
        let no = self.next;
        self.next += 1;
        let mut version = 1;
        if self.given.contains(&id) {
            // Somebody who was deleted has had the versions so far.
            version = self.events + 1;
        } else {
            self.given.push(id.clone());
        }
        let (members, waiting) = (BTreeSet::new(), BTreeSet::new());
        let entry = Entry { kind, id, resource, version, owner, members, waiting };
        self.entries.insert(no, entry);
        no
    }

    fn save_user(&mut self, owner: Option<usize>, no: usize, resource: Object) -> Applied {
        if self.entries[&no].resource == resource {
            return Ok(no);
        }
        if self.by_name(Kind::User, &resource).is_some_and(|other| other != no) {
            return Err(ScimType::Uniqueness);
        }
        self.change(owner, no, resource);
        Ok(no)
    }

    /// A change that is one: a version, an event, and perhaps a new name to be known by.
    fn change(&mut self, owner: Option<usize>, no: usize, resource: Object) {
        let entry = self.entries.get_mut(&no).expect("it is there");
        let renamed =
            resource.str("externalId").is_some() && resource.str("externalId") != entry.external();
        entry.resource = resource;
        entry.version += 1;
        entry.owner = owner.or(entry.owner);
        self.events += 1;
        if renamed {
            self.join(no);
        }
    }

    /// Puts one that is here into the groups that waited for it.
    fn join(&mut self, no: usize) {
        let entry = self.entries[&no].clone();
        let names: Vec<&str> = std::iter::once(&*entry.id).chain(entry.external()).collect();
        let waiting: Vec<usize> = self
            .of(Kind::Group)
            .filter(|(_, group)| names.iter().any(|name| group.waiting.contains(*name)))
            .map(|(group, _)| group)
            .collect();
        for group in waiting {
            if self.loops(group, no) {
                continue;
            }
            let group = self.entries.get_mut(&group).expect("it waits");
            for name in &names {
                group.waiting.remove(*name);
            }
            if group.members.insert(no) {
                group.version += 1;
            }
        }
    }

    /// Whether `child` contains `parent`, or is it.
    fn loops(&self, parent: usize, child: usize) -> bool {
        parent == child
            || self.entries[&child].members.iter().any(|inner| self.loops(parent, *inner))
    }

    /// Those whom the names mean, and the names that nobody bears.
    fn resolve(&self, names: &[String]) -> (BTreeSet<usize>, BTreeSet<String>) {
        let (mut found, mut open) = (BTreeSet::new(), BTreeSet::new());
        for name in names {
            let external = |kind| {
                self.of(kind).find(|(_, entry)| entry.external() == Some(name)).map(|(no, _)| no)
            };
            let no = self.by_id(name).or_else(|| external(Kind::User));
            match no.or_else(|| external(Kind::Group)) {
                Some(no) => drop(found.insert(no)),
                None => drop(open.insert(name.clone())),
            }
        }
        (found, open)
    }

    fn create_group(
        &mut self,
        owner: Option<usize>,
        resource: Object,
        names: &[String],
        id: Option<&str>,
    ) -> Applied {
        if self.by_name(Kind::Group, &resource).is_some() {
            return Err(ScimType::Uniqueness);
        }
        // A group does not contain itself, so it is looked for before it is there.
        let (found, open) = self.resolve(names);
        let no = self.make(Kind::Group, id.unwrap_or_default().to_owned(), owner, resource);
        let group = self.entries.get_mut(&no).expect("it was just made");
        (group.members, group.waiting) = (found, open);
        self.events += 1;
        self.join(no);
        Ok(no)
    }

    fn save_group(
        &mut self,
        owner: Option<usize>,
        no: usize,
        resource: Option<Object>,
        how: Option<How>,
        names: &[String],
    ) -> Applied {
        let before = self.entries[&no].clone();
        let resource = resource.unwrap_or_else(|| before.resource.clone());
        if self.by_name(Kind::Group, &resource).is_some_and(|other| other != no) {
            return Err(ScimType::Uniqueness);
        }
        let (found, open) = self.resolve(names);
        let group = self.entries.get_mut(&no).expect("it is there");
        match how {
            None | Some(How::Add) => {}
            Some(How::Clear) => {
                group.members.clear();
                group.waiting.clear();
            }
            Some(How::Replace) => {
                group.members.retain(|member| found.contains(member));
                group.waiting.retain(|name| open.contains(name));
            }
            Some(How::Remove) => {
                group.members.retain(|member| !found.contains(member));
                group.waiting.retain(|name| !names.contains(name));
            }
        }
        if matches!(how, Some(How::Add | How::Replace)) {
            if found.iter().any(|child| self.loops(no, *child)) {
                return Err(ScimType::InvalidValue);
            }
            let group = self.entries.get_mut(&no).expect("it is there");
            group.members.extend(found);
            group.waiting.extend(open);
        }
        let group = &self.entries[&no];
        let same = (&group.members, &group.waiting) == (&before.members, &before.waiting);
        if !(same && resource == before.resource) {
            self.change(owner, no, resource);
        }
        Ok(no)
    }

    fn delete(&mut self, no: usize) {
        let Some(entry) = self.entries.remove(&no) else { return };
        for group in self.entries.values_mut() {
            if group.members.remove(&no) {
                group.version += 1;
            }
        }
        if entry.kind == Kind::User {
            self.tombstones.push(Tombstone {
                name: entry.text("userName").map(key).unwrap_or_default(),
                external: entry.external().map(str::to_owned),
                owner: entry.owner,
                id: entry.id,
            });
        }
        self.events += 1;
    }

    pub(super) fn count(&self, kind: Kind) -> i64 {
        i64::try_from(self.of(kind).count()).expect("few")
    }

    pub(super) fn versions(&self, kind: Kind) -> Vec<(String, i64)> {
        self.of(kind).map(|(_, entry)| (entry.id.clone(), entry.version)).collect()
    }

    fn entry(&self, id: &str) -> &Entry {
        &self.entries[&self.by_id(id).expect("it is in the list")]
    }

    pub(super) fn resource(&self, id: &str) -> Object {
        self.entry(id).resource.clone()
    }

    pub(super) fn owner(&self, id: &str) -> Option<usize> {
        self.entry(id).owner
    }

    pub(super) fn members(&self, id: &str) -> Vec<String> {
        self.entry(id).members.iter().map(|no| self.entries[no].id.clone()).collect()
    }

    /// The groups of a user by id, and whether it is in each itself.
    pub(super) fn groups_of(&self, id: &str) -> Vec<(String, bool)> {
        let user = self.by_id(id).expect("it is in the list");
        let mut groups: Vec<_> = self
            .of(Kind::Group)
            .filter(|(group, _)| self.loops(user, *group))
            .map(|(_, group)| (group.id.clone(), group.members.contains(&user)))
            .collect();
        groups.sort();
        groups
    }
}

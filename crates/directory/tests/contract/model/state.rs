//! [`Model`]: the directory as the documents describe it, in plain maps.

use std::collections::{BTreeMap, BTreeSet};

use scim::Object;

use super::operation::{Change, How, Name, Role};

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done {
        id: String,
        version: i64,
    },
    Gone,
    /// Whether it changed something.
    Switched(bool),
    /// With the stable name of why.
    Refused(&'static str),
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

/// A user or a group. They share one row of numbers: the order of their creation.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    kind: Kind,
    pub(super) id: String,
    attributes: Object,
    version: i64,
    pub(super) owner: Option<usize>,
    pub(super) members: BTreeSet<usize>,
    waiting: BTreeSet<String>,
    /// Given to a user, or mapped to a group.
    pub(super) roles: BTreeSet<Role>,
}

impl Entry {
    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.str(name)
    }

    fn external(&self) -> Option<&str> {
        self.text("externalId")
    }

    pub(super) fn is_active(&self) -> bool {
        self.attributes.get("active").and_then(scim::Value::as_bool) == Some(true)
    }
}

/// Who was deleted, oldest first.
#[derive(Clone, Debug)]
struct Tombstone {
    id: String,
    external: Option<String>,
    owner: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) entries: BTreeMap<usize, Entry>,
    tombstones: Vec<Tombstone>,
    /// Every id that was ever given.
    given: Vec<String>,
    next: usize,
    /// Whether the admin-lockout guard was switched on or off.
    guard: Option<bool>,
    pub(super) events: i64,
}

fn key(name: &str) -> String {
    name.to_lowercase()
}

type Applied = Result<usize, &'static str>;

impl Model {
    pub(super) fn new(events: i64) -> Self {
        Self {
            entries: BTreeMap::new(),
            tombstones: Vec::new(),
            given: Vec::new(),
            next: 0,
            guard: None,
            events,
        }
    }

    /// The id of what an operation is about.
    pub(super) fn target(&self, change: &Change) -> Option<String> {
        let (kind, number) = match change {
            Change::CreateUser(_) | Change::CreateGroup(..) | Change::SetGuard(_) => return None,
            Change::UpdateUser(number, _)
            | Change::SetActive(number, _)
            | Change::DeleteUser(number)
            | Change::Give(number, _)
            | Change::Take(number, _) => (Kind::User, *number),
            Change::UpdateGroup(number, ..)
            | Change::Members(number, ..)
            | Change::DeleteGroup(number)
            | Change::Map(number, _)
            | Change::Unmap(number, _) => (Kind::Group, *number),
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

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = (usize, &Entry)> {
        let entries = self.entries.iter().map(|(no, entry)| (*no, entry));
        entries.filter(move |(_, entry)| entry.kind == kind)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<usize> {
        self.entries.iter().find(|(_, entry)| entry.id == id).map(|(no, _)| *no)
    }

    fn by_name(&self, kind: Kind, attributes: &Object) -> Option<usize> {
        let attribute = if kind == Kind::User { "userName" } else { "displayName" };
        let wanted = key(attributes.str(attribute)?);
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
        let outcome = self.try_apply(owner, change, target, names, id);
        // No change by a provider takes the last administrator away.
        let guarded = owner.is_some() && self.guard != Some(false);
        let locked_out = guarded && before.has_administrator() && !self.has_administrator();
        let outcome = if locked_out { Err("last_administrator") } else { outcome };
        outcome.unwrap_or_else(|refusal| {
            *self = before;
            Outcome::Refused(refusal)
        })
    }

    fn try_apply(
        &mut self,
        owner: Option<usize>,
        change: &Change,
        target: usize,
        names: &[String],
        id: Option<&str>,
    ) -> Result<Outcome, &'static str> {
        let no = match change {
            Change::CreateUser(person) => self.create_user(owner, person.attributes(), id)?,
            Change::UpdateUser(_, person) => self.save_user(owner, target, person.attributes())?,
            Change::SetActive(_, active) => {
                let attributes = self.entries[&target].attributes.clone().with("active", *active);
                self.save_user(owner, target, attributes)?
            }
            Change::CreateGroup(team, _) => {
                self.create_group(owner, team.attributes(), names, id)?
            }
            Change::UpdateGroup(_, team, members) => {
                let how = members.as_ref().map(|_| How::Replace);
                self.save_group(owner, target, Some(team.attributes()), how, names)?
            }
            Change::Members(_, how, _) => {
                self.save_group(owner, target, None, Some(*how), names)?
            }
            Change::DeleteUser(_) | Change::DeleteGroup(_) => {
                self.require_own(owner, target)?;
                self.delete(target);
                return Ok(Outcome::Gone);
            }
            Change::Give(_, role) | Change::Map(_, role) => {
                return self.give(owner, target, *role).map(Outcome::Switched);
            }
            Change::Take(_, role) | Change::Unmap(_, role) => {
                return self.take(owner, target, *role).map(|()| Outcome::Gone);
            }
            Change::SetGuard(guard) => {
                Self::require_operator(owner)?;
                self.guard = *guard;
                return Ok(Outcome::Gone);
            }
        };
        let entry = &self.entries[&no];
        Ok(Outcome::Done { id: entry.id.clone(), version: entry.version })
    }

    /// What a connection manages is not changed by the operator.
    fn require_own(&self, owner: Option<usize>, no: usize) -> Result<(), &'static str> {
        match (owner, self.entries[&no].owner) {
            (None, Some(_)) => Err("managed_elsewhere"),
            _ => Ok(()),
        }
    }

    fn create_user(
        &mut self,
        owner: Option<usize>,
        mut attributes: Object,
        id: Option<&str>,
    ) -> Applied {
        if attributes.get("active").is_none() {
            attributes.insert("active", true);
        }
        match self.by_name(Kind::User, &attributes) {
            Some(no) if self.entries[&no].is_active() => return Err("conflict"),
            Some(archived) => return self.save_user(owner, archived, attributes),
            None => {}
        }
        let external = attributes.str("externalId");
        let archived: Vec<usize> = self
            .of(Kind::User)
            .filter(|(_, user)| external.is_some() && user.external() == external)
            .filter(|(_, user)| user.owner == owner && !user.is_active())
            .map(|(no, _)| no)
            .collect();
        if let [only] = archived[..] {
            return self.save_user(owner, only, attributes);
        }
        let id = self.reclaim(owner, &attributes).or(id.map(str::to_owned)).unwrap_or_default();
        let no = self.make(Kind::User, id, owner, attributes);
        self.events += 1;
        self.join(no);
        Ok(no)
    }

    /// The id that the person had: where its own connection shows the externalId that it had.
    fn reclaim(&mut self, owner: Option<usize>, attributes: &Object) -> Option<String> {
        let external = attributes.str("externalId")?;
        owner?;
        let same =
            |stone: &Tombstone| stone.external.as_deref() == Some(external) && stone.owner == owner;
        let at = self.tombstones.iter().rposition(same)?;
        Some(self.tombstones.remove(at).id)
    }

    fn make(&mut self, kind: Kind, id: String, owner: Option<usize>, attributes: Object) -> usize {
        let no = self.next;
        self.next += 1;
        let mut version = 1;
        if self.given.contains(&id) {
            // Whoever was deleted has had the versions so far.
            version = self.events + 1;
        } else {
            self.given.push(id.clone());
        }
        let (members, waiting, roles) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let entry = Entry { kind, id, attributes, version, owner, members, waiting, roles };
        self.entries.insert(no, entry);
        no
    }

    fn save_user(&mut self, owner: Option<usize>, no: usize, attributes: Object) -> Applied {
        if self.entries[&no].attributes == attributes {
            return Ok(no);
        }
        if self.by_name(Kind::User, &attributes).is_some_and(|other| other != no) {
            return Err("conflict");
        }
        self.change(owner, no, attributes)
    }

    /// A change that is one: a version, an event, and perhaps a new name to be known by.
    fn change(&mut self, owner: Option<usize>, no: usize, attributes: Object) -> Applied {
        self.require_own(owner, no)?;
        let entry = self.entries.get_mut(&no).expect("it is there");
        let external = attributes.str("externalId");
        let renamed = external.is_some() && external != entry.external();
        entry.attributes = attributes;
        entry.version += 1;
        entry.owner = owner.or(entry.owner);
        self.events += 1;
        if renamed {
            self.join(no);
        }
        Ok(no)
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

    /// Those whom the names mean, and the names that none bears.
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
        attributes: Object,
        names: &[String],
        id: Option<&str>,
    ) -> Applied {
        if self.by_name(Kind::Group, &attributes).is_some() {
            return Err("conflict");
        }
        // A group does not contain itself, so it is looked for before it is there.
        let (found, open) = self.resolve(names);
        let no = self.make(Kind::Group, id.unwrap_or_default().to_owned(), owner, attributes);
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
        attributes: Option<Object>,
        how: Option<How>,
        names: &[String],
    ) -> Applied {
        let before = self.entries[&no].clone();
        let attributes = attributes.unwrap_or_else(|| before.attributes.clone());
        if self.by_name(Kind::Group, &attributes).is_some_and(|other| other != no) {
            return Err("conflict");
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
                return Err("invalid");
            }
            let group = self.entries.get_mut(&no).expect("it is there");
            group.members.extend(found);
            group.waiting.extend(open);
        }
        let group = &self.entries[&no];
        let same = (&group.members, &group.waiting) == (&before.members, &before.waiting);
        if same && attributes == before.attributes {
            Ok(no)
        } else {
            self.change(owner, no, attributes)
        }
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

    pub(super) fn attributes(&self, id: &str) -> Object {
        self.entry(id).attributes.clone()
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

//! [`World`]: an organization as plain documents, and what becomes of each request.
//!
//! Every answer is computed by walking over all documents. Who is the same person is decided as
//! `docs/decisions/0005-who-is-the-same-person.md` has it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    ask::{Answer, Ask, Fresh, Intent},
    condition::shows_others,
    document::{
        self, Document, INVALID_VALUE, MUTABILITY, NOT_FOUND, Refusal, UNIQUENESS, Wanted, folded,
        instant,
    },
    patch,
    schema::{Attribute, Kind, Type},
};

pub(super) const USER: usize = 0;
pub(super) const GROUP: usize = 1;
pub(super) const THING: usize = 2;
/// What is no id at all.
pub(super) const NOBODY: &str = "nobody";
/// What stands for the digest in a tag, which no one can foretell.
pub(super) const RELATED: &str = "related";
pub(super) const BASE: &str = "https://door.example/scim/v2";

/// A resource. The order in which they stand in the world is that of their creation.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// [`USER`], [`GROUP`] or [`THING`].
    pub(super) kind: usize,
    pub(super) id: String,
    pub(super) document: Document,
    pub(super) version: u64,
    /// How many resources had been created before it.
    pub(super) born: u64,
    /// The number of the request that changed it last.
    pub(super) modified: u64,
    /// The connection that wrote it last.
    pub(super) connection: usize,
    /// Of a group: the ids of users and groups.
    pub(super) members: BTreeSet<String>,
    /// Of a group: names that no one bears yet.
    pub(super) pending: BTreeSet<String>,
}

/// A deleted user.
#[derive(Clone, Debug)]
struct Tombstone {
    id: String,
    version: u64,
    external: Option<String>,
    connection: usize,
}

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) types: [Type; 3],
    pub(super) records: Vec<Record>,
    /// The latest last.
    tombstones: Vec<Tombstone>,
    /// How many resources were created.
    births: u64,
    /// How many requests there were.
    pub(super) requests: u64,
}

impl World {
    pub(super) fn new(types: [Type; 3]) -> Self {
        Self { types, records: Vec::new(), tombstones: Vec::new(), births: 0, requests: 0 }
    }

    pub(super) fn of(&self, kind: usize) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.kind == kind)
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.records.iter().position(|record| record.id == id)
    }

    /// The version of what it is about.
    pub(super) fn version(&self, intent: &Intent) -> Option<u64> {
        let record = &self.records[self.find(intent.id()?)?];
        (Some(record.kind) == intent.kind()).then_some(record.version)
    }

    fn position(&self, kind: usize, id: &str) -> Result<usize, Refusal> {
        self.find(id).filter(|at| self.records[*at].kind == kind).ok_or(NOT_FOUND)
    }

    /// Does what a request asks for, or nothing.
    pub(super) fn answer(&mut self, ask: &Ask, fresh: &Fresh) -> Answer {
        self.requests += 1;
        let before = self.clone();
        self.serve(ask, fresh).unwrap_or_else(|refusal| {
            *self = before;
            refusal.into()
        })
    }

    pub(super) fn serve(&mut self, ask: &Ask, fresh: &Fresh) -> Result<Answer, Refusal> {
        let Ask { connection, intent, wanted, condition } = ask;
        let connection = *connection;
        if let Some(id) = intent.id() {
            // What is no id at all is not looked for: neither header nor body makes it one.
            if id == NOBODY {
                return Err(NOT_FOUND);
            }
            condition.check()?;
        }
        let show = |status, world: &Self, id: &str, wanted: &Wanted| {
            let at = world.find(id).expect("it is there");
            let (version, related) = (world.records[at].version, world.shows_related(at, wanted));
            Answer { status, version: Some(version), related, body: world.shown(at, wanted) }
        };
        match intent {
            Intent::Create { kind, body } => {
                let members = members_of(body)?;
                let document = document::accept(&self.types[*kind], body)?;
                let members = members.filter(|_| *kind == GROUP).unwrap_or_default();
                let id = self.create(*kind, document, &members, connection, fresh)?;
                Ok(show(201, self, &id, wanted))
            }
            Intent::Replace { kind, id, body } => {
                let members = if *kind == GROUP { members_of(body)? } else { None };
                let document = document::accept(&self.types[*kind], body)?;
                let at = self.position(*kind, id)?;
                condition.allows(self.records[at].version)?;
                let mut wanted = wanted.clone();
                if *kind == GROUP && members.is_none() {
                    wanted.excluded.push("members".to_owned());
                }
                let mut document = self.kept(at, document)?;
                if *kind == USER && !document.contains_key("active") {
                    document.insert("active".to_owned(), json!(is_active(&self.records[at])));
                }
                let changes: Vec<Change> = members.map(Change::Replace).into_iter().collect();
                self.save(at, document, &changes, connection)?;
                Ok(show(200, self, id, &wanted))
            }
            Intent::Patch { kind, id, operations } => {
                patch::check(operations)?;
                let (rest, changes) = match *kind {
                    GROUP => super::membership::lift(operations)?,
                    _ => (operations.clone(), Vec::new()),
                };
                let at = self.position(*kind, id)?;
                condition.allows(self.records[at].version)?;
                let before = &self.records[at].document;
                let document = patch::apply(&self.types[*kind], id, before, &rest)?;
                self.save(at, document, &changes, connection)?;
                if *kind == GROUP && wanted.attributes.is_none() {
                    let version = Some(self.records[at].version);
                    return Ok(Answer { version, ..Answer::of(204, Json::Null) });
                }
                Ok(show(200, self, id, wanted))
            }
            Intent::Delete { kind, id } => {
                let at = self.position(*kind, id)?;
                condition.allows(self.records[at].version)?;
                self.delete(at);
                Ok(Answer::of(204, Json::Null))
            }
            Intent::Get { kind, id } => {
                let at = self.position(*kind, id)?;
                let version = self.records[at].version;
                condition.allows_reading(version)?;
                let related = self.shows_related(at, wanted);
                if condition.knows(version, related) {
                    let version = Some(version);
                    return Ok(Answer { version, related, ..Answer::of(304, Json::Null) });
                }
                Ok(show(200, self, id, wanted))
            }
            Intent::List(list) => self.list(list, wanted),
            Intent::Walk(list) => self.page(list, wanted, None).map(|(page, _)| page),
            Intent::Bulk(bulk) => Ok(self.bulk(bulk, connection, fresh)),
        }
    }

    fn create(
        &mut self,
        kind: usize,
        mut document: Document,
        members: &[String],
        connection: usize,
        fresh: &Fresh,
    ) -> Result<String, Refusal> {
        let (mut id, mut version) = (fresh.id.clone(), 1);
        if kind == USER {
            document.entry("active").or_insert(json!(true));
            if let Some(at) = self.same_person(&document, connection)? {
                let document = self.kept(at, document)?;
                self.save(at, document, &[], connection)?;
                return Ok(self.records[at].id.clone());
            }
            self.check_unique(kind, &document, None)?;
            if let Some(former) = self.former(&document, connection) {
                id = former.id;
                // None of the versions that someone may remember, whichever it is.
                version = fresh.version.max(former.version + 1);
            }
        }
        self.check_unique(kind, &document, None)?;
        self.births += 1;
        self.records.push(Record {
            kind,
            id: id.clone(),
            document,
            version,
            born: self.births,
            modified: self.requests,
            connection,
            members: BTreeSet::new(),
            pending: BTreeSet::new(),
        });
        let at = self.records.len() - 1;
        if kind == GROUP {
            // No one can name the group yet.
            let group = self.records.pop().expect("just made");
            let (found, unknown) = self.resolve(members);
            self.records.push(group);
            self.records[at].members = found;
            self.records[at].pending = unknown;
        }
        self.join(at);
        Ok(id)
    }

    /// The archived user whom a POST means.
    fn same_person(&self, new: &Document, connection: usize) -> Result<Option<usize>, Refusal> {
        let name = name_of(new);
        let external = external_of(new);
        let users = || (0..self.records.len()).filter(|at| self.records[*at].kind == USER);
        let by_name = users().find(|at| name_of(&self.records[*at].document) == name);
        if let Some(at) = by_name {
            return if is_active(&self.records[at]) { Err(UNIQUENESS) } else { Ok(by_name) };
        }
        let by_external: Vec<usize> = users()
            .filter(|at| external.is_some() && external_of(&self.records[*at].document) == external)
            .filter(|at| self.records[*at].connection == connection)
            .filter(|at| !is_active(&self.records[*at]))
            .collect();
        // Of several, none is known to be the one.
        Ok(by_external.first().copied().filter(|_| by_external.len() == 1))
    }

    /// What a new user was before it was deleted.
    fn former(&mut self, new: &Document, connection: usize) -> Option<Tombstone> {
        let external = external_of(new);
        // A name alone is no proof that it is the same person.
        let at = self.tombstones.iter().rposition(|tomb| {
            external.is_some() && tomb.connection == connection && tomb.external == external
        })?;
        Some(self.tombstones.remove(at))
    }

    /// A document as a PUT makes it: what is immutable stays, and must not be said otherwise.
    fn kept(&self, at: usize, mut document: Document) -> Result<Document, Refusal> {
        let record = &self.records[at];
        let kind = &self.types[record.kind];
        for place in kind.places().iter().filter(|place| place.attribute.immutable) {
            let Some(old) = document::at(&record.document, place) else { continue };
            match document::at(&document, place) {
                None => document::put(&mut document, place, Some(old.clone())),
                Some(new) if new == old => {}
                Some(_) => return Err(MUTABILITY),
            }
        }
        // What stays may have brought an extension back.
        document::complete(kind, &document)?;
        Ok(document)
    }

    pub(super) fn save(
        &mut self,
        at: usize,
        document: Document,
        changes: &[Change],
        connection: usize,
    ) -> Result<(), Refusal> {
        // The name comes first, then the members, then what else is unique.
        let kind = self.records[at].kind;
        let mut named = Document::new();
        for name in ["userName", "displayName"] {
            if let Some(value) = document.get(name)
                && (kind != USER || name == "userName")
            {
                named.insert(name.to_owned(), value.clone());
            }
        }
        if kind != THING {
            self.check_unique(kind, &named, Some(at))?;
        }
        let members = self.records[at].members.clone();
        let mut moved = false;
        for change in changes {
            moved |= self.change_members(at, change)?;
        }
        moved |= self.records[at].members != members;
        self.check_unique(kind, &document, Some(at))?;
        let record = &mut self.records[at];
        let renewed = record.document != document;
        if !renewed && !moved {
            return Ok(());
        }
        let external = external_of(&document);
        let arrives = external.is_some() && external != external_of(&record.document);
        record.document = document;
        record.version += 1;
        record.modified = self.requests;
        record.connection = connection;
        if arrives {
            self.join(at);
        }
        Ok(())
    }

    fn delete(&mut self, at: usize) {
        let gone = self.records.remove(at);
        for group in &mut self.records {
            if group.members.remove(&gone.id) {
                group.version += 1;
                group.modified = self.requests;
            }
        }
        if gone.kind == USER {
            self.tombstones.push(Tombstone {
                external: external_of(&gone.document),
                id: gone.id,
                version: gone.version,
                connection: gone.connection,
            });
        }
    }

    /// Whether no one else of the type has a value that must be unique.
    fn check_unique(
        &self,
        kind: usize,
        document: &Document,
        own: Option<usize>,
    ) -> Result<(), Refusal> {
        for place in self.types[kind].places().iter().filter(|place| place.attribute.unique) {
            let Some(value) = document::at(document, place) else { continue };
            let mut others = (0..self.records.len())
                .filter(|at| self.records[*at].kind == kind && Some(*at) != own)
                .filter_map(|at| document::at(&self.records[at].document, place));
            if others.any(|other| is_equal(&place.attribute, value, other)) {
                return Err(UNIQUENESS);
            }
        }
        Ok(())
    }

    /// A resource with all that is computed.
    pub(super) fn whole(&self, at: usize) -> Document {
        let record = &self.records[at];
        let kind = &self.types[record.kind];
        let carried = kind.extensions.iter().filter(|it| record.document.contains_key(&it.urn));
        let mut schemas = vec![kind.core.urn.clone()];
        schemas.extend(carried.map(|extension| extension.urn.clone()));
        let mut whole = record.document.clone();
        whole.insert("schemas".to_owned(), json!(schemas));
        whole.insert("id".to_owned(), json!(record.id));
        whole.insert(
            "meta".to_owned(),
            json!({
                "resourceType": kind.name,
                "location": format!("{BASE}{}/{}", kind.endpoint, record.id),
                "version": format!("W/\"{}\"", record.version),
            }),
        );
        match record.kind {
            USER => {
                let groups = self.groups_of(&record.id);
                if !groups.is_empty() {
                    whole.insert("groups".to_owned(), Json::Array(groups));
                }
            }
            GROUP => {
                whole.insert("members".to_owned(), Json::Array(self.members_shown(at)));
            }
            _ => {}
        }
        whole
    }

    pub(super) fn shown(&self, at: usize, wanted: &Wanted) -> Json {
        let record = &self.records[at];
        let mut whole = self.whole(at);
        if self.shows_related(at, wanted) {
            whole["meta"]["version"] = json!(format!("W/\"{}-{RELATED}\"", record.version));
        }
        Json::Object(wanted.shown(&self.types[record.kind], &whole))
    }

    /// Whether something is shown along with a resource that changes without its version.
    fn shows_related(&self, at: usize, wanted: &Wanted) -> bool {
        let record = &self.records[at];
        let is_some = match record.kind {
            USER => !self.groups_of(&record.id).is_empty(),
            GROUP => !record.members.is_empty(),
            _ => false,
        };
        is_some && shows_others(&self.types[record.kind], wanted)
    }
}

/// A change of the members of a group.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Add(Vec<String>),
    Remove(Vec<String>),
    /// Those of a type, `User` or `Group`.
    RemoveKind(String),
    Clear,
    Replace(Vec<String>),
}

/// The members in a body; `None` where it does not speak of them.
fn members_of(body: &Document) -> Result<Option<Vec<String>>, Refusal> {
    match body.iter().find(|(name, _)| name.eq_ignore_ascii_case("members")) {
        Some((_, value)) => names_of(value).map(Some),
        None => Ok(None),
    }
}

/// The names in a value of `members`.
pub(super) fn names_of(value: &Json) -> Result<Vec<String>, Refusal> {
    let values = match value {
        Json::Null => Vec::new(),
        Json::Array(values) => values.clone(),
        one => vec![one.clone()],
    };
    let one = |value: &Json| match value.get("value").unwrap_or(value) {
        Json::String(id) if !id.is_empty() => Ok(id.clone()),
        Json::Number(number) if number.is_i64() => Ok(number.to_string()),
        _ => Err(INVALID_VALUE),
    };
    values.iter().map(one).collect()
}

fn is_active(user: &Record) -> bool {
    user.document.get("active") == Some(&json!(true))
}

fn name_of(document: &Document) -> String {
    folded(document.get("userName").and_then(Json::as_str).unwrap_or_default())
}

pub(super) fn external_of(document: &Document) -> Option<String> {
    document.get("externalId").and_then(Json::as_str).map(str::to_owned)
}

/// Whether `eq` calls two values of an attribute equal.
fn is_equal(attribute: &Attribute, one: &Json, other: &Json) -> bool {
    match (attribute.kind, one, other) {
        (Kind::DateTime, Json::String(one), Json::String(other)) => instant(one) == instant(other),
        (Kind::Text, Json::String(one), Json::String(other)) if !attribute.exact => {
            folded(one) == folded(other)
        }
        _ => one == other,
    }
}

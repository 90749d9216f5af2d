//! The verbs of the directory as one line each, and what tests ask of their answers.

use directory::{
    AuditNo, Error, EventNo, Membership, Resource, ResourceId, Store, User,
    audit::{self, AuditEntry, AuditKind, Trail},
    event::{EventKind, Payload},
    group::{self, Group, MemberChange},
    role::{self, RoleName},
    search::{self, Page, Search},
    token::{Refusal, authenticate},
    user::{self, Rehire},
};
use scim::{Filter, Notes, Object, Value, schema::builtin};
use testkit::{TestOrganization, TestStore};

pub(crate) async fn create_user(org: &TestOrganization, user: Object) -> Result<User, Error> {
    org.write(move |writer| user::create(writer, &user, Rehire::BringBack)).await
}

/// Creates an active user who has nothing but a name.
pub(crate) async fn named(org: &TestOrganization, name: &str) -> User {
    create_user(org, testkit::user(name)).await.expect("the name is free")
}

/// Creates so many users at once; answers their ids, oldest first.
pub(crate) async fn crowd(org: &TestOrganization, count: usize) -> Vec<String> {
    org.write(move |writer| {
        (0..count)
            .map(|number| {
                let person = testkit::user(&format!("user{number}"));
                Ok(user::create(writer, &person, Rehire::BringBack)?.id.to_string())
            })
            .collect()
    })
    .await
    .expect("fresh names")
}

/// Gives a user these attributes and no others.
pub(crate) async fn change_user(
    org: &TestOrganization,
    id: ResourceId,
    attributes: Object,
) -> Result<User, Error> {
    org.write(move |writer| {
        let user = user::get(writer, id)?;
        user::change(writer, &user, attributes.clone())
    })
    .await
}

/// Gives a user another value of one attribute.
pub(crate) async fn set(
    org: &TestOrganization,
    id: ResourceId,
    attribute: &'static str,
    value: impl Into<Value>,
) -> Result<User, Error> {
    let value = value.into();
    org.write(move |writer| {
        let user = user::get(writer, id)?;
        let attributes = user.attributes.to_object().with(attribute, value.clone());
        user::change(writer, &user, attributes)
    })
    .await
}

/// Archives a user, or lets it come in again.
pub(crate) async fn try_set_active(
    org: &TestOrganization,
    id: ResourceId,
    active: bool,
) -> Result<User, Error> {
    let verb = if active { user::reactivate } else { user::archive };
    org.write(move |writer| {
        let user = user::get(writer, id)?;
        verb(writer, &user)
    })
    .await
}

pub(crate) async fn set_active(org: &TestOrganization, id: ResourceId, active: bool) -> User {
    try_set_active(org, id, active).await.expect("the user is there")
}

pub(crate) async fn delete_user(org: &TestOrganization, id: ResourceId) -> Result<(), Error> {
    org.write(move |writer| {
        let user = user::get(writer, id)?;
        user::delete(writer, &user)
    })
    .await
}

pub(crate) async fn get_user(org: &TestOrganization, id: ResourceId) -> Result<User, Error> {
    org.read(move |reader| user::get(reader, id)).await
}

pub(crate) async fn create_group(
    org: &TestOrganization,
    group: Object,
    members: &[&str],
) -> Result<Group, Error> {
    let members = testkit::members(members);
    org.write(move |writer| group::create(writer, &group, &members)).await
}

/// Creates a group with members.
pub(crate) async fn team(org: &TestOrganization, name: &str, members: &[&str]) -> Group {
    create_group(org, testkit::group(name), members).await.expect("the name is free")
}

/// Gives a group these attributes, if some are given, and changes its members.
pub(crate) async fn change_group(
    org: &TestOrganization,
    id: ResourceId,
    attributes: Option<Object>,
    changes: &[MemberChange],
) -> Result<Group, Error> {
    let changes = changes.to_vec();
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        let attributes = attributes.clone().unwrap_or_else(|| group.attributes.to_object());
        group::change(writer, &group, attributes, &changes)
    })
    .await
}

pub(crate) async fn rename_group(
    org: &TestOrganization,
    id: ResourceId,
    name: &'static str,
) -> Result<Group, Error> {
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::rename(writer, &group, name)
    })
    .await
}

pub(crate) async fn try_add_members(
    org: &TestOrganization,
    id: ResourceId,
    members: &[&str],
) -> Result<Group, Error> {
    let members = testkit::members(members);
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::add_members(writer, &group, &members)
    })
    .await
}

pub(crate) async fn add_members(org: &TestOrganization, id: ResourceId, members: &[&str]) -> Group {
    try_add_members(org, id, members).await.expect("members can be added")
}

pub(crate) async fn remove_members(
    org: &TestOrganization,
    id: ResourceId,
    members: &[&str],
) -> Group {
    let members = testkit::members(members);
    let removed = org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::remove_members(writer, &group, &members)
    });
    removed.await.expect("members can be removed")
}

pub(crate) async fn set_members(org: &TestOrganization, id: ResourceId, members: &[&str]) -> Group {
    let replace = MemberChange::Replace(testkit::members(members));
    change_group(org, id, None, &[replace]).await.expect("members can be replaced")
}

pub(crate) async fn try_clear_members(
    org: &TestOrganization,
    id: ResourceId,
) -> Result<Group, Error> {
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::empty(writer, &group)
    })
    .await
}

pub(crate) async fn clear_members(org: &TestOrganization, id: ResourceId) -> Group {
    try_clear_members(org, id).await.expect("members can be removed")
}

pub(crate) async fn delete_group(org: &TestOrganization, id: ResourceId) -> Result<(), Error> {
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::delete(writer, &group)
    })
    .await
}

pub(crate) async fn get_group(org: &TestOrganization, id: ResourceId) -> Result<Group, Error> {
    org.read(move |reader| group::get(reader, id)).await
}

/// The ids of the members of a group, in their order, read in small pieces.
pub(crate) async fn members(org: &TestOrganization, id: ResourceId) -> Vec<String> {
    let members = org
        .read(move |reader| {
            let group = group::get(reader, id)?;
            let mut all = Vec::new();
            loop {
                let page = group::members(reader, &group, all.last(), 7)?;
                if page.is_empty() {
                    assert_eq!(usize::try_from(group.member_count()).ok(), Some(all.len()));
                    return Ok(all);
                }
                all.extend(page);
            }
        })
        .await
        .expect("the group is there");
    members.iter().map(|member| member.id.to_string()).collect()
}

/// The groups of a user.
pub(crate) async fn groups_of(org: &TestOrganization, id: ResourceId) -> Vec<Membership> {
    let groups = org.read(move |reader| {
        let user = user::get(reader, id)?;
        Ok(search::groups(reader, [&*user])?.remove(0))
    });
    groups.await.expect("the user is there")
}

/// A page of all users or groups.
pub(crate) async fn list(
    org: &TestOrganization,
    of: Shipped,
    skip: u64,
    count: u64,
) -> Page<Resource> {
    let page =
        org.read(move |reader| search::search(reader, &[of.schema()], &Search::all(skip, count)));
    page.await.expect("a page")
}

/// The types that every organization has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shipped {
    Users,
    Groups,
}

impl Shipped {
    pub(crate) fn schema(self) -> &'static scim::schema::ResourceSchema {
        match self {
            Self::Users => builtin::user(),
            Self::Groups => builtin::group(),
        }
    }
}

/// Searches without any limit that matters. The filter must make sense for the type.
pub(crate) async fn search(org: &TestOrganization, of: Shipped, filter: &str) -> Vec<Resource> {
    let filter = Filter::parse(filter).expect("a filter");
    filter.check(of.schema(), &mut Notes::default()).expect("a filter for this type");
    let search = whole(filter);
    let page = org.read(move |reader| search::search(reader, &[of.schema()], &search)).await;
    let page = page.expect("the budget suffices");
    assert_eq!(page.total, page.items.len() as u64);
    page.items
}

/// A search for everything that matches.
pub(crate) fn whole(filter: Filter) -> Search {
    let filter = Some(filter);
    Search { filter, budget: 10_000, ..Search::all(0, 10_000) }
}

/// The userNames of the users that match.
pub(crate) async fn names(org: &TestOrganization, filter: &str) -> Vec<String> {
    let users = search(org, Shipped::Users, filter).await;
    users.iter().map(|user| user.name().to_owned()).collect()
}

/// The displayNames of the groups that match.
pub(crate) async fn teams(org: &TestOrganization, filter: &str) -> Vec<String> {
    let groups = search(org, Shipped::Groups, filter).await;
    groups.iter().map(|group| group.name().to_owned()).collect()
}

/// The kinds of the events after one.
pub(crate) async fn kinds_after(org: &TestOrganization, no: EventNo) -> Vec<EventKind> {
    org.events_after(no).await.iter().map(directory::event::Event::kind).collect()
}

/// The number of the newest event.
pub(crate) async fn newest(org: &TestOrganization) -> EventNo {
    org.get().await.last_event
}

/// The event that is so many events after another.
pub(crate) fn later(no: EventNo, by: i64) -> EventNo {
    EventNo::from(no.number() + by)
}

/// What changed about a group: the only event after one.
pub(crate) async fn group_update(
    org: &TestOrganization,
    after: EventNo,
) -> directory::event::kinds::GroupUpdated {
    let mut events = org.events_after(after).await;
    assert_eq!(events.len(), 1, "{events:?}");
    match events.remove(0).payload {
        Payload::GroupUpdated(payload) => payload,
        other => panic!("not the change of a group: {other:?}"),
    }
}

/// The stable name of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(error) => error.code(),
        Ok(done) => panic!("not refused: {done:?}"),
    }
}

/// The sentence of a refusal.
pub(crate) fn said<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(error) => error.to_string(),
        Ok(done) => panic!("not refused: {done:?}"),
    }
}

/// The attribute whose value another has.
pub(crate) fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict { attribute, .. }) => attribute.into_owned(),
        other => panic!("not a conflict: {other:?}"),
    }
}

/// The attribute whose value is not one.
pub(crate) fn invalid<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid { attribute, .. }) => attribute.into_owned(),
        other => panic!("not an invalid value: {other:?}"),
    }
}

pub(crate) fn is_missing<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::NotFound { .. }))
}

/// The name of a role.
pub(crate) fn role_name(name: &str) -> RoleName {
    RoleName::parse(name).expect("a name")
}

/// Borrows texts.
pub(crate) fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The audit entries of an organization after one.
pub(crate) async fn audited(org: &TestOrganization, no: AuditNo) -> Vec<AuditEntry> {
    org.read(move |reader| audit::after(reader, no, u32::MAX)).await.expect("entries")
}

/// The installation's own audit.
pub(crate) async fn of_installation(store: &TestStore) -> Vec<AuditEntry> {
    let trail = Trail::of_installation(&store.installation()).expect("an operator reaches it");
    trail.after(AuditNo::START, 1_000).await.expect("entries")
}

/// Their kinds.
pub(crate) async fn audit_kinds(org: &TestOrganization, no: AuditNo) -> Vec<AuditKind> {
    audited(org, no).await.iter().map(AuditEntry::kind).collect()
}

/// The number of the newest audit entry.
pub(crate) async fn newest_audit(org: &TestOrganization) -> AuditNo {
    audited(org, AuditNo::START).await.last().map_or(AuditNo::START, |entry| entry.no)
}

/// The names of the roles that a user has, built-in ones first.
pub(crate) async fn roles_of(org: &TestOrganization, id: ResourceId) -> Vec<String> {
    let held = org.read(move |reader| {
        let user = user::get(reader, id)?;
        role::of_user(reader, &user)
    });
    let held = held.await.expect("the user is there");
    held.iter().map(|held| held.role.name.to_string()).collect()
}

/// Why a token is refused, if it is.
pub(crate) async fn refusal(store: &Store, token: &str) -> Option<Refusal> {
    authenticate(store, token, None, None).await.expect("the store answers").err()
}

//! The verbs of the directory as one line each, and what tests ask of their answers.

use directory::{
    Error, Membership, ResourceId,
    event::EventKind,
    group::{self, Group, Update},
    search::{self, Search, Start},
    user::{self, User},
};
use scim::{
    Filter, Notes, Object, Precondition, ScimType,
    patch::{MemberRef, members::lift},
};
use testkit::{Shipped, TestOrganization};

pub(crate) async fn create_user(org: &TestOrganization, user: Object) -> Result<User, Error> {
    org.write(move |writer| user::create(writer, &user)).await
}

/// Creates an active user who has nothing but a name.
pub(crate) async fn named(org: &TestOrganization, name: &str) -> User {
    create_user(org, testkit::user(name)).await.expect("the name is free")
}

pub(crate) async fn replace_user(
    org: &TestOrganization,
    id: ResourceId,
    user: Object,
) -> Result<User, Error> {
    org.write(move |writer| user::replace(writer, id, &Precondition::NONE, &user)).await
}

pub(crate) async fn patch_user(
    org: &TestOrganization,
    id: ResourceId,
    operations: &str,
) -> Result<User, Error> {
    let operations = testkit::patch(operations);
    org.write(move |writer| {
        user::patch(writer, id, &Precondition::NONE, &operations, &mut Notes::default())
    })
    .await
}

pub(crate) async fn set_active(org: &TestOrganization, id: ResourceId, active: bool) -> User {
    let operations = format!(r#"[{{"op":"replace","value":{{"active":{active}}}}}]"#);
    patch_user(org, id, &operations).await.expect("the user is there")
}

pub(crate) async fn delete_user(org: &TestOrganization, id: ResourceId) -> Result<(), Error> {
    org.write(move |writer| user::delete(writer, id, &Precondition::NONE)).await
}

pub(crate) async fn get_user(org: &TestOrganization, id: ResourceId) -> Result<User, Error> {
    org.read(move |reader| user::get(reader, id)).await
}

pub(crate) async fn create_group(
    org: &TestOrganization,
    group: Object,
    members: &[&str],
) -> Result<Group, Error> {
    let members = refs(members);
    org.write(move |writer| group::create(writer, &group, &members)).await
}

/// Creates a group with members.
pub(crate) async fn team(org: &TestOrganization, name: &str, members: &[&str]) -> Group {
    create_group(org, testkit::group(name), members).await.expect("the name is free")
}

pub(crate) async fn replace_group(
    org: &TestOrganization,
    id: ResourceId,
    group: Object,
    members: Option<&[&str]>,
) -> Result<Group, Error> {
    let members = members.map(refs);
    org.write(move |writer| {
        group::replace(writer, id, &Precondition::NONE, &group, members.as_deref())
    })
    .await
}

pub(crate) async fn patch_group(
    org: &TestOrganization,
    id: ResourceId,
    operations: &str,
) -> Result<Group, Error> {
    let (operations, members) =
        lift(testkit::patch(operations), &mut Notes::default()).expect("operations on members");
    let update = Update { operations, members };
    org.write(move |writer| {
        group::update(writer, id, &Precondition::NONE, &update, &mut Notes::default())
    })
    .await
}

pub(crate) async fn add_members(org: &TestOrganization, id: ResourceId, members: &[&str]) -> Group {
    patch_group(org, id, &one("add", members)).await.expect("members can be added")
}

pub(crate) async fn remove_members(
    org: &TestOrganization,
    id: ResourceId,
    members: &[&str],
) -> Group {
    patch_group(org, id, &one("remove", members)).await.expect("members can be removed")
}

pub(crate) async fn set_members(org: &TestOrganization, id: ResourceId, members: &[&str]) -> Group {
    patch_group(org, id, &one("replace", members)).await.expect("members can be replaced")
}

pub(crate) async fn clear_members(org: &TestOrganization, id: ResourceId) -> Group {
    let cleared = patch_group(org, id, r#"[{"op":"remove","path":"members"}]"#).await;
    cleared.expect("members can be removed")
}

fn one(op: &str, members: &[&str]) -> String {
    let list: Vec<String> =
        members.iter().map(|member| format!(r#"{{"value":"{member}"}}"#)).collect();
    format!(r#"[{{"op":"{op}","path":"members","value":[{}]}}]"#, list.join(","))
}

pub(crate) async fn delete_group(org: &TestOrganization, id: ResourceId) -> Result<(), Error> {
    org.write(move |writer| group::delete(writer, id, &Precondition::NONE)).await
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
                    assert_eq!(usize::try_from(group.member_count).ok(), Some(all.len()));
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
        Ok(search::groups(reader, &[user])?.remove(0))
    });
    groups.await.expect("the user is there")
}

/// Searches without any limit that matters. The filter must make sense for the kind.
pub(crate) async fn search<R: Shipped>(
    org: &TestOrganization,
    filter: &str,
) -> Result<Vec<R>, Error> {
    let filter = Filter::parse(filter).expect("a filter");
    filter.check(R::schema(), &mut Notes::default()).expect("a filter for this kind");
    let search = whole(filter);
    let page = org.read(move |reader| R::search(reader, R::schema(), &search)).await?;
    assert_eq!(page.total, page.items.len() as u64);
    Ok(page.items)
}

/// A search for everything that matches.
pub(crate) fn whole(filter: Filter) -> Search {
    let filter = Some(filter);
    Search {
        filter,
        sort: None,
        start: Start::At(0),
        count: 10_000,
        budget: 10_000,
        base_url: String::new(),
    }
}

/// The userNames of the users that match.
pub(crate) async fn names(org: &TestOrganization, filter: &str) -> Vec<String> {
    let users: Vec<User> = search(org, filter).await.expect("the budget suffices");
    users.iter().map(|user| user.resource.str("userName").unwrap_or_default().to_owned()).collect()
}

/// The displayNames of the groups that match.
pub(crate) async fn teams(org: &TestOrganization, filter: &str) -> Vec<String> {
    let groups: Vec<Group> = search(org, filter).await.expect("the budget suffices");
    groups
        .iter()
        .map(|group| group.resource.str("displayName").unwrap_or_default().to_owned())
        .collect()
}

/// The kinds of the events after one.
pub(crate) async fn kinds_after(org: &TestOrganization, seq: i64) -> Vec<EventKind> {
    org.events_after(seq).await.iter().map(|event| event.kind).collect()
}

/// The number of the newest event.
pub(crate) async fn newest(org: &TestOrganization) -> i64 {
    org.get().await.last_event
}

/// The keyword of a refusal.
pub(crate) fn keyword<T: std::fmt::Debug>(result: Result<T, Error>) -> ScimType {
    match result {
        Err(Error::Scim(error)) => error.scim_type(),
        other => panic!("not a SCIM error: {other:?}"),
    }
}

pub(crate) fn is_missing<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::NotFound))
}

fn refs(members: &[&str]) -> Vec<MemberRef> {
    members.iter().map(|member| MemberRef::new(member)).collect()
}

/// Borrows texts.
pub(crate) fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

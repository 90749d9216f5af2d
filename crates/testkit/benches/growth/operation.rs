//! [`Operation`]: what is done, once in each round on each store.

use std::time::{Duration, Instant};

use bench::people;
use directory::{
    ResourceId,
    group::{self, MemberChange},
    search::{self, Search},
};
use scim::schema::builtin;
use testkit::members;

use crate::site::{Person, Site};

/// Users on a page.
const COUNT: usize = 100;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    RemoveMember,
    AddMember,
    FirstPage,
    MiddlePage,
    RandomPage,
    CursorPage,
    SortedCursorPage,
    ByUserName,
    ByExternalId,
    ByEmail,
    GetUser,
    GetGroup,
    PatchUser,
    CreateUser,
    DeleteUser,
    StoreRemoveMember,
    StoreAddMember,
    StoreFirstPage,
    StoreMiddlePage,
    /// Not one of a round: it leaves no one to remove.
    ClearGroup,
}

impl Operation {
    /// Those of a round, in this order: who was removed is added, who was created is deleted.
    pub(crate) const ROUND: [Self; 19] = [
        Self::RemoveMember,
        Self::AddMember,
        Self::FirstPage,
        Self::MiddlePage,
        Self::RandomPage,
        Self::CursorPage,
        Self::SortedCursorPage,
        Self::ByUserName,
        Self::ByExternalId,
        Self::ByEmail,
        Self::GetUser,
        Self::GetGroup,
        Self::PatchUser,
        Self::CreateUser,
        Self::DeleteUser,
        Self::StoreRemoveMember,
        Self::StoreAddMember,
        Self::StoreFirstPage,
        Self::StoreMiddlePage,
    ];

    /// As the tables name it; N is the size.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RemoveMember => "remove one member from a group of N",
            Self::AddMember => "add one member to a group of N",
            Self::FirstPage => "page 1 of N users",
            Self::MiddlePage => "the page in the middle of N users",
            Self::RandomPage => "any page of N users",
            Self::CursorPage => "the page in the middle of N users, by cursor",
            Self::SortedCursorPage => {
                "the page in the middle of N users sorted by `userName`, by cursor"
            }
            Self::ByUserName => "look up `userName eq`",
            Self::ByExternalId => "look up `externalId eq`",
            Self::ByEmail => "look up `emails.value eq`",
            Self::GetUser => "read a user",
            Self::GetGroup => "read a group of N without its members",
            Self::PatchUser => "change an attribute of a user",
            Self::CreateUser => "create a user",
            Self::DeleteUser => "delete a user who is in the group of N",
            Self::ClearGroup => "empty a group of N",
            Self::StoreRemoveMember => "store: remove one member from a group of N",
            Self::StoreAddMember => "store: add one member to a group of N",
            Self::StoreFirstPage => "store: page 1 of N users",
            Self::StoreMiddlePage => "store: the page in the middle of N users",
        }
    }

    /// Does it, and says how long it took.
    pub(crate) fn run(self, site: &mut Site) -> Duration {
        match self {
            Self::RemoveMember => {
                let (at, id) = somebody(site);
                site.away = Some(at);
                let body = format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#);
                patch_group(site, &site.group, &body)
            }
            Self::AddMember => {
                let id = back(site);
                patch_group(site, &site.group, &adding(&id))
            }
            Self::FirstPage => page(site, 1),
            Self::MiddlePage => page(site, middle(site) + 1),
            Self::RandomPage => {
                let start = site.below(site.size - COUNT + 1) + 1;
                page(site, start)
            }
            Self::CursorPage => cursor_page(site, "/scim/v2/Users"),
            Self::SortedCursorPage => cursor_page(site, "/scim/v2/Users?sortBy=userName"),
            Self::ByUserName => look_up(site, |person| {
                format!("userName eq \"{}\"", people::user_name(person.number))
            }),
            Self::ByExternalId => look_up(site, |person| {
                format!("externalId eq \"{}\"", people::external_id(person.number))
            }),
            Self::ByEmail => look_up(site, |person| {
                format!("emails.value eq \"{}\"", people::user_name(person.number))
            }),
            Self::GetUser => {
                let (_, id) = somebody(site);
                site.request("GET", &format!("/scim/v2/Users/{id}"), None, 200).0
            }
            Self::GetGroup => {
                let path = format!("/scim/v2/Groups/{}?excludedAttributes=members", site.group);
                site.request("GET", &path, None, 200).0
            }
            Self::PatchUser => {
                let (_, id) = somebody(site);
                let operation = format!(
                    r#"{{"op":"replace","path":"title","value":"Engineer {}"}}"#,
                    site.next_number()
                );
                let path = format!("/scim/v2/Users/{id}");
                site.request("PATCH", &path, Some(&patch(&operation)), 200).0
            }
            Self::CreateUser => {
                let body = people::body(site.next_number());
                let (time, answer) = site.request("POST", "/scim/v2/Users", Some(&body), 201);
                site.guest = answer.json()["id"].as_str().map(str::to_owned);
                time
            }
            Self::DeleteUser => {
                let id = site.guest.take().expect("somebody was created before");
                patch_group(site, &site.group, &adding(&id));
                site.request("DELETE", &format!("/scim/v2/Users/{id}"), None, 204).0
            }
            Self::ClearGroup => clear(site),
            Self::StoreRemoveMember => {
                let (at, id) = somebody(site);
                site.away = Some(at);
                update(site, MemberChange::Remove(members(&[id])))
            }
            Self::StoreAddMember => {
                let id = back(site);
                update(site, MemberChange::Add(members(&[id])))
            }
            Self::StoreFirstPage => list(site, 0),
            Self::StoreMiddlePage => list(site, middle(site)),
        }
    }
}

/// How many users come before the page in the middle: of 100,000 users it is page 500.
fn middle(site: &Site) -> usize {
    (site.size / 2).saturating_sub(COUNT)
}

fn somebody(site: &mut Site) -> (usize, String) {
    let at = site.somebody();
    (at, site.people[at].id.clone())
}

/// Who was taken out of the group before.
fn back(site: &mut Site) -> String {
    let at = site.away.take().expect("somebody was removed before");
    site.people[at].id.clone()
}

fn adding(id: &str) -> String {
    format!(r#"{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}"#)
}

fn patch(operation: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations":[{operation}]}}"#
    )
}

fn patch_group(site: &Site, group: &str, operation: &str) -> Duration {
    site.request("PATCH", &format!("/scim/v2/Groups/{group}"), Some(&patch(operation)), 204).0
}

fn page(site: &Site, start: usize) -> Duration {
    let path = format!("/scim/v2/Users?startIndex={start}&count={COUNT}");
    let (time, answer) = site.request("GET", &path, None, 200);
    let page = answer.json();
    assert_eq!(page["totalResults"], site.size);
    assert_eq!(page["Resources"].as_array().map(Vec::len), Some(COUNT));
    // Users stand in the order of their making.
    let first = page["Resources"][0]["id"].as_str();
    assert_eq!(first, Some(site.people[start - 1].id.as_str()), "{path}");
    time
}

/// The page in the middle of a walk by cursors. The way to it is not measured.
fn cursor_page(site: &mut Site, list: &'static str) -> Duration {
    const STEP: usize = 1_000;
    let sign = if list.contains('?') { '&' } else { '?' };
    let at = |cursor: &str, count: usize| format!("{list}{sign}count={count}&cursor={cursor}");
    let mut before = middle(site);
    if before > 0 && !site.cursors.contains_key(list) {
        let mut cursor = String::new();
        while before > 0 {
            let count = before.min(STEP);
            let (_, page) = site.request("GET", &at(&cursor, count), None, 200);
            page.json()["nextCursor"].as_str().expect("more").clone_into(&mut cursor);
            before -= count;
        }
        site.cursors.insert(list, cursor);
    }
    let cursor = site.cursors.get(list).map_or("", String::as_str);
    let (time, answer) = site.request("GET", &at(cursor, COUNT), None, 200);
    let page = answer.json();
    assert_eq!(page["totalResults"], site.size);
    assert_eq!(page["Resources"].as_array().map(Vec::len), Some(COUNT));
    time
}

fn look_up(site: &mut Site, filter: impl Fn(&Person) -> String) -> Duration {
    let at = site.somebody();
    let person = &site.people[at];
    let filter = filter(person).replace(' ', "%20").replace('"', "%22");
    let (time, answer) = site.request("GET", &format!("/scim/v2/Users?filter={filter}"), None, 200);
    let found = answer.json();
    assert_eq!(found["totalResults"], 1, "{filter}");
    assert_eq!(found["Resources"][0]["id"], person.id.as_str(), "{filter}");
    time
}

/// Fills a group of its own, which is not measured, and empties it.
fn clear(site: &mut Site) -> Duration {
    let name = format!("Emptied {}", site.next_number());
    let group = site.group_of_everybody(&name);
    // The store is still busy with what it made; the next change would wait for that.
    for _ in 0..8 {
        Operation::PatchUser.run(site);
    }
    let time = patch_group(site, &group, r#"{"op":"replace","path":"members","value":[]}"#);
    site.request("DELETE", &format!("/scim/v2/Groups/{group}"), None, 204);
    site.reap();
    time
}

fn update(site: &Site, change: MemberChange) -> Duration {
    let id = ResourceId::parse(&site.group).expect("an id");
    let work = site.connection.organization.write(move |writer| {
        let group = group::get(writer, id)?;
        let attributes = group.attributes.to_object();
        group::change(writer, &group, attributes, std::slice::from_ref(&change))
    });
    let begun = Instant::now();
    site.store.block_on(work).expect("a group can be changed");
    begun.elapsed()
}

fn list(site: &Site, skip: usize) -> Duration {
    let page = Search::all(skip as u64, COUNT as u64);
    let work = site
        .connection
        .organization
        .read(move |reader| search::search(reader, &[builtin::user()], &page));
    let begun = Instant::now();
    let page = site.store.block_on(work).expect("users can be listed");
    let time = begun.elapsed();
    assert_eq!(page.items.len(), COUNT);
    time
}

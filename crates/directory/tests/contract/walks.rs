//! Walks by cursor while others write: what was there all along is met once, whatever comes and
//! goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use directory::{
    Access, Group, Resource, ResourceId, User, schemas,
    search::{self, Cursors, PageStart, Query, Search},
};
use scim::{
    Filter,
    query::Sort,
    schema::{ResourceSchema, Schemas},
};
use testkit::{TestOrganization, TestStore, contract};

use crate::support::{code, delete_group, delete_user, named, set, team};

/// A client that walks through a list.
struct Walk {
    org: TestOrganization,
    schemas: Arc<Schemas>,
    filter: Option<Filter>,
    sort: Option<Sort>,
    count: u64,
    cursors: Cursors,
    cursor: Option<String>,
}

impl Walk {
    async fn new(
        org: &TestOrganization,
        filter: Option<&str>,
        order: Option<(&str, &str)>,
    ) -> Self {
        let (by, order) = order.unzip();
        Self {
            org: org.clone(),
            schemas: org.read(schemas::current).await.expect("schemas"),
            filter: filter.map(|text| Filter::parse(text).expect(text)),
            sort: Sort::parse(by, order).expect("an order"),
            count: 7,
            cursors: org.store.cursors().await.expect("cursors"),
            cursor: None,
        }
    }

    fn query(&self, access: &Access) -> Query {
        let types = self.schemas.all().map(|schema| &**schema);
        Query::new(access, types, self.filter.as_ref(), self.sort.as_ref())
    }

    /// The next page; `None`: the walk is over.
    async fn page(&mut self) -> Option<Vec<Resource>> {
        let query = self.query(&self.org.operator);
        let start = match &self.cursor {
            None => PageStart::Offset(0),
            Some(cursor) if cursor.is_empty() => return None,
            Some(cursor) => self.cursors.open(&query, cursor).expect("its own cursor"),
        };
        let search = Search {
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            start,
            count: self.count,
            budget: 100_000,
            base_url: String::new(),
        };
        let schemas = Arc::clone(&self.schemas);
        let page = self
            .org
            .read(move |reader| {
                let types: Vec<&ResourceSchema> = schemas.all().map(|schema| &**schema).collect();
                search::search(reader, &types, &search)
            })
            .await
            .expect("a page");
        let next = page.next.map(|position| self.cursors.seal(&query, &position, page.total));
        self.cursor = Some(next.unwrap_or_default());
        Some(page.items)
    }
}

/// Numbers that jump about, the same each time.
struct Dice(usize);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % end
    }
}

async fn walk_while_others_write(
    store: &TestStore,
    filter: Option<&str>,
    order: Option<(&str, &str)>,
) {
    let name = format!("{filter:?}{order:?}").to_lowercase();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let org = store.organization(&name).await;
    let mut dice = Dice(3);
    let mut users: Vec<User> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    for number in 0..120 {
        users.push(named(&org, &format!("user{:03}", (number * 37) % 120)).await);
        if number % 5 == 0 {
            groups.push(team(&org, &format!("team{number:03}"), &[]).await);
        }
    }
    let mut stayed: BTreeSet<ResourceId> =
        users.iter().map(|it| it.id).chain(groups.iter().map(|it| it.id)).collect();
    let mut met: BTreeMap<ResourceId, usize> = BTreeMap::new();
    let mut walk = Walk::new(&org, filter, order).await;
    let mut round = 0;
    while let Some(page) = walk.page().await {
        for resource in &page {
            *met.entry(resource.id).or_default() += 1;
        }
        round += 1;
        assert!(round < 100, "a walk comes to its end although more come all the time");
        // Some go, also such as were met already or stand at the cursor itself.
        let last = page.last().map(|resource| resource.id);
        for _ in 0..2 {
            let user = users.swap_remove(dice.below(users.len())).id;
            stayed.remove(&user);
            delete_user(&org, user).await.expect("there");
        }
        if let Some(at) = users.iter().position(|user| Some(user.id) == last) {
            let user = users.swap_remove(at).id;
            stayed.remove(&user);
            delete_user(&org, user).await.expect("there");
        }
        if round % 3 == 0 {
            let group = groups.swap_remove(dice.below(groups.len())).id;
            stayed.remove(&group);
            delete_group(&org, group).await.expect("there");
        }
        // Some come, before and after the cursor, and some change in what is not sorted by.
        if round < 20 {
            named(&org, &format!("user{:03}-{round}", dice.below(120))).await;
            team(&org, &format!("team{:03}-{round}", dice.below(120)), &[]).await;
        }
        let user = users[dice.below(users.len())].id;
        set(&org, user, "title", round.to_string()).await.expect("there");
    }
    for (id, times) in &met {
        assert_eq!(*times, 1, "{name}: {id} was met again");
    }
    let schemas = org.read(schemas::current).await.expect("schemas");
    let is_user = |id: &ResourceId| users.iter().any(|user| user.id == *id);
    let only_users = filter.is_some_and(|filter| filter.contains("userName"));
    for id in stayed.iter().filter(|id| !only_users || is_user(id)) {
        assert!(met.contains_key(id), "{name}: {id} was missed ({} types)", schemas.all().count());
    }
}

contract! {
    async fn what_was_there_all_along_is_met_once(store) {
        walk_while_others_write(store, None, None).await;
        walk_while_others_write(store, None, Some(("userName", "ascending"))).await;
        walk_while_others_write(store, None, Some(("userName", "descending"))).await;
        walk_while_others_write(store, None, Some(("displayName", "ascending"))).await;
        walk_while_others_write(store, None, Some(("meta.created", "descending"))).await;
        walk_while_others_write(store, Some(r#"userName sw "user""#), None).await;
        walk_while_others_write(store, Some(r#"userName co "e""#), Some(("id", "ascending"))).await;
        walk_while_others_write(store, Some(r#"meta.created gt "2000-01-01T00:00:00Z""#), None)
            .await;
    }
}

contract! {
    async fn a_cursor_is_of_one_organization(store) {
        let acme = store.organization("acme").await;
        let umbra = store.organization("umbra").await;
        for number in 0..9 {
            named(&acme, &format!("user{number}")).await;
            named(&umbra, &format!("user{number}")).await;
        }
        let mut walk = Walk::new(&acme, None, None).await;
        walk.page().await.expect("a page");
        let cursor = walk.cursor.clone().expect("there is more");
        assert!(walk.cursors.open(&walk.query(&acme.operator), &cursor).is_ok());
        let theirs = walk.cursors.open(&walk.query(&umbra.operator), &cursor);
        assert_eq!(code(theirs), "invalid_cursor");
    }
}

contract! {
    async fn all_nodes_on_one_store_share_the_key(store) {
        let acme = store.organization("acme").await;
        for number in 0..9 {
            named(&acme, &format!("user{number}")).await;
        }
        let mut walk = Walk::new(&acme, None, None).await;
        walk.page().await.expect("a page");
        let cursor = walk.cursor.clone().expect("there is more");
        let other = store.another().cursors().await.expect("cursors");
        assert!(other.open(&walk.query(&acme.operator), &cursor).is_ok());
    }
}

contract! {
    async fn a_cursor_is_too_old_after_an_hour(store) {
        let acme = store.organization("acme").await;
        for number in 0..9 {
            named(&acme, &format!("user{number}")).await;
        }
        let mut walk = Walk::new(&acme, None, None).await;
        walk.page().await.expect("a page");
        let cursor = walk.cursor.clone().expect("there is more");
        let query = walk.query(&acme.operator);
        store.clock.advance(Cursors::LIFETIME.saturating_sub(Duration::from_secs(1)));
        assert!(walk.cursors.open(&query, &cursor).is_ok());
        store.clock.advance(Duration::from_secs(1));
        assert_eq!(code(walk.cursors.open(&query, &cursor)), "expired_cursor");
    }
}

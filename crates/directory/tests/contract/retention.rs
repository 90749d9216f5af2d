//! Retention: events that are old enough go away, and whoever has not read them is told.

use std::time::Duration;

use directory::{
    Error, EventNo,
    audit::AuditKind,
    event,
    feed::{self, Position},
    maintenance::prune,
    user,
};
use testkit::{TestOrganization, TestStore, contract};

use crate::{
    outside::Outside,
    support::{
        audit_kinds, create_user, delete_user, kinds_after, named, newest, newest_audit, set, team,
    },
};

const DAY: Duration = Duration::from_hours(24);
/// So long events are kept here.
const KEPT: Duration = Duration::from_hours(30 * 24);

async fn prune(store: &TestStore) -> u64 {
    prune::events(&store.store, KEPT).await.expect("pruned")
}

/// What an organization has to tell of long ago.
async fn begin(acme: &TestOrganization) {
    let ada = named(acme, "ada").await.id.to_string();
    let bea = named(acme, "bea").await.id.to_string();
    let crew = team(acme, "Crew", &[&ada, &bea]).await;
    team(acme, "Outer", &[&crew.id.to_string()]).await;
}

contract! {
    async fn old_events_go_away_and_the_rest_verifies(store) {
        let acme = store.organization("acme").await;
        begin(&acme).await;
        assert_eq!(prune(store).await, 0);
        store.clock.advance(KEPT + DAY);
        let old = newest(&acme).await;
        let carl = named(&acme, "carl").await.id;
        let audit = newest_audit(&acme).await;
        assert_eq!(prune(store).await, old.number().unsigned_abs());
        assert_eq!(Outside::of(store).rows("event"), 1);
        assert_eq!(acme.get().await.pruned, old);
        assert_eq!(audit_kinds(&acme, audit).await, [AuditKind::EventsPruned]);
        // Who is behind is told up to where, and who is not goes on.
        for after in [0, 1, old.number() - 1] {
            let told = acme.read(move |reader| event::after(reader, EventNo::from(after), 9)).await;
            let Err(Error::EventsPruned { through }) = told else { panic!("{told:?}") };
            assert_eq!(through, old);
        }
        assert_eq!(kinds_after(&acme, old).await.len(), 1);
        store.assert_clean().await;
        assert_eq!(prune(store).await, 0);
        // What the events that are kept do not tell of changes on.
        set(&acme, carl, "title", "x").await.expect("there");
        let bea = acme.read(|reader| user::by_username(reader, "bea")).await.expect("there");
        delete_user(&acme, bea.id).await.expect("there");
        create_user(&acme, testkit::user("dora")).await.expect("new");
        store.assert_clean().await;
    }
}

contract! {
    async fn an_organization_of_which_all_is_old_goes_on(store) {
        let acme = store.organization("acme").await;
        begin(&acme).await;
        let old = newest(&acme).await;
        store.clock.advance(KEPT + DAY);
        prune(store).await;
        assert_eq!(Outside::of(store).rows("event"), 0);
        store.assert_clean().await;
        assert!(acme.events_after(old).await.is_empty());
        named(&acme, "carl").await;
        let told: Vec<i64> = acme.events_after(old).await.iter().map(|it| it.no.number()).collect();
        assert_eq!(told, [old.number() + 1]);
        store.assert_clean().await;
    }
}

contract! {
    async fn the_feed_of_all_tells_what_is_missing_and_goes_on(store) {
        let installation = store.installation();
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        named(&acme, "ada").await;
        // What has happened gets its places in the feed.
        feed::after(&installation, Position::START, 1).await.expect("a page");
        store.clock.advance(KEPT + DAY);
        named(&umbra, "una").await;
        prune(store).await;
        // Each organization has a hole, and each is told once.
        let (mut from, mut missing, mut told) = (Position::START, Vec::new(), Vec::new());
        loop {
            let page = feed::after(&installation, from, 10).await.expect("a page");
            told.extend(page.events.iter().map(|(id, event)| (*id, event.no.number())));
            from = page.next;
            if let Some(hole) = page.missing.filter(|_| page.events.is_empty()) {
                missing.push((hole.organization, hole.through.number()));
                from = hole.after;
            } else if !page.more {
                break;
            }
        }
        let (acme, umbra) = (acme.get().await, umbra.get().await);
        missing.sort_unstable_by_key(|(_, through)| -through);
        assert_eq!(missing, [(acme.id, 2), (umbra.id, 1)]);
        assert_eq!(told, [(umbra.id, 2)]);
        // Who begins now misses nothing.
        let now = feed::now(&installation).await.expect("a place");
        let page = feed::after(&installation, now, 10).await.expect("a page");
        assert!(page.events.is_empty() && page.missing.is_none() && !page.more);
    }
}

contract! {
    async fn what_is_pruned_is_taken_from_no_one_twice(store) {
        let acme = store.organization("acme").await;
        begin(&acme).await;
        store.clock.advance(KEPT + DAY);
        named(&acme, "carl").await;
        let other = store.another();
        let (one, two) = tokio::join!(prune(store), prune::events(&other, KEPT));
        let removed = one + two.expect("pruned");
        assert_eq!(removed, (newest(&acme).await.number() - 1).unsigned_abs());
        other.close();
        store.assert_clean().await;
    }
}

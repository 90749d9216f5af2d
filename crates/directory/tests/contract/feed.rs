//! The feed of all organizations: every event once, those of one organization in their order.

use std::collections::BTreeMap;

use directory::{
    Installation, OrganizationId,
    event::Event,
    feed::{self, Position},
    maintenance::reap,
    organization,
};
use testkit::{TestOrganization, contract};

use crate::support::named;

type Told = Vec<(OrganizationId, Event)>;

/// Reads the feed to its end, a few events at a time.
async fn read(installation: &Installation, from: &mut Position, limit: u32) -> Told {
    let mut told = Told::new();
    loop {
        let page = feed::after(installation, *from, limit).await.expect("a page");
        // As a client carries it.
        *from = Position::parse(&page.next.to_string()).expect("it was printed");
        let is_last = page.events.is_empty();
        assert!(page.events.len() <= limit as usize);
        told.extend(page.events);
        if is_last {
            return told;
        }
    }
}

/// Asserts that the events of each organization were told once, in order, and all of them.
async fn assert_complete(told: &Told, organizations: &[&TestOrganization]) {
    let mut by: BTreeMap<OrganizationId, Vec<i64>> = BTreeMap::new();
    for (organization, event) in told {
        by.entry(*organization).or_default().push(event.no.number());
    }
    for organization in organizations {
        let record = organization.get().await;
        let expected: Vec<i64> = (1..=record.last_event.number()).collect();
        assert_eq!(by.get(&record.id), Some(&expected), "{}", record.slug);
    }
}

contract! {
    async fn every_event_is_told_once_and_in_order(store) {
        let installation = store.installation();
        let mut from = Position::START;
        assert!(read(&installation, &mut from, 3).await.is_empty());
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let mut told = Told::new();
        for round in 0..6 {
            named(&acme, &format!("a{round}")).await;
            if round % 2 == 0 {
                named(&umbra, &format!("u{round}")).await;
            }
            if round % 3 == 2 {
                told.extend(read(&installation, &mut from, 2).await);
            }
        }
        told.extend(read(&installation, &mut from, 100).await);
        assert_complete(&told, &[&acme, &umbra]).await;
        // From the beginning it is told the same, in the same order.
        let again = read(&installation, &mut Position::START.clone(), 5).await;
        let numbers = |told: &Told| -> Vec<(OrganizationId, i64)> {
            told.iter().map(|(id, event)| (*id, event.no.number())).collect()
        };
        assert_eq!(numbers(&again), numbers(&told));
    }
}

contract! {
    async fn several_servers_and_followers_lose_nothing(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let other = store.another();
        let follow = |store: &directory::Store| {
            let installation = testkit::installation(store);
            async move {
                let (mut from, mut told) = (Position::START, Told::new());
                while told.iter().filter(|(_, event)| event.no.number() == 21).count() < 2 {
                    told.extend(read(&installation, &mut from, 7).await);
                }
                told
            }
        };
        let change = async |organization: &TestOrganization| {
            for number in 0..20 {
                named(organization, &format!("user{number}")).await;
            }
        };
        let followers = [tokio::spawn(follow(&store.store)), tokio::spawn(follow(&other))];
        tokio::join!(change(&acme), change(&umbra));
        for follower in followers {
            assert_complete(&follower.await.expect("it ends"), &[&acme, &umbra]).await;
        }
        other.close();
    }
}

contract! {
    async fn an_organization_that_is_gone_holds_nobody_up(store) {
        let installation = store.installation();
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        named(&acme, "ada").await;
        let mut from = Position::START;
        let first = feed::after(&installation, from, 1).await.expect("a page");
        from = first.next;
        organization::delete(&installation, &acme.slug).await.expect("there");
        while reap::step(&store.store).await.expect("cleared") {}
        named(&umbra, "bea").await;
        let rest = read(&installation, &mut from, 1).await;
        assert!(rest.iter().any(|(_, event)| event.described().name == "user.created"));
    }
}

//! What needs two transactions can be done again after a crash between them, and `verify` knows the
//! half-made.

use std::{future::poll_fn, pin::pin, task::Poll};

use directory::{
    Installation,
    audit::AuditKind,
    connection::{self, NewConnection, Protocol, Provider},
    installation::Setting,
    maintenance::verify,
    organization::{self, Slug},
};
use testkit::{TestStore, contract};

use crate::{
    outside::Outside,
    support::{conflict, is_missing, kinds_after, named, of_installation},
};

/// Begins something and gives it up, as a crash would: what it has asked of the store so far is
/// done, and nothing after that.
async fn abandon(installation: &Installation, work: impl Future) {
    {
        let mut work = pin!(work);
        poll_fn(|context| {
            let _ = work.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
    }
    // Stands in line after it.
    installation.set(Setting::DefaultPlan, None).await.expect("an answer");
}

async fn half_made_organizations(store: &TestStore) -> Vec<String> {
    let findings = verify::installation(&store.installation()).await.expect("readable");
    assert_eq!(findings.violation_count, 0, "{:?}", findings.violations);
    findings.half_made
}

/// An organization that was not made whole. The store may be so fast that more than half is done:
/// then another one is begun.
async fn half_made(store: &TestStore) -> Slug {
    let installation = store.installation();
    for number in 0..100 {
        let slug = Slug::parse(&format!("org{number}")).expect("a slug");
        let made = organization::create(&installation, &slug, "First try", Some("Basic"));
        abandon(&installation, made).await;
        if !half_made_organizations(store).await.is_empty() {
            return slug;
        }
    }
    panic!("each of a hundred was made whole");
}

contract! {
    async fn a_half_made_organization_is_finished_by_doing_it_again(store) {
        let slug = half_made(store).await;
        let installation = store.installation();
        let told = half_made_organizations(store).await;
        assert_eq!(told, [format!("the organization {slug} was not made whole")]);
        assert!(is_missing(&organization::find(&installation, &slug).await));
        assert!(is_missing(&organization::delete(&installation, &slug).await));
        let listed = organization::list(&installation).await.expect("a list");
        assert!(listed.iter().all(|(_, organization)| organization.slug != slug));
        // What the second try says counts.
        let made = organization::create(&installation, &slug, "Second try", None).await;
        let (_, made) = made.expect("finished");
        assert_eq!((&*made.name, made.plan.as_deref()), ("Second try", None));
        assert_eq!(made.last_event.number(), 1);
        assert!(half_made_organizations(store).await.is_empty());
        let (access, found) = organization::find(&installation, &slug).await.expect("there");
        assert_eq!(found.id, made.id);
        assert!(store.violations(&access).await.is_empty());
        let entries = of_installation(store).await;
        let of_it = entries.iter().filter(|entry| entry.target == made.id.to_string());
        assert_eq!(of_it.map(directory::audit::AuditEntry::kind).collect::<Vec<_>>(), [AuditKind::OrganizationCreated]);
        let again = organization::create(&installation, &slug, "Third try", None).await;
        assert_eq!(conflict(again), "slug");
    }
}

contract! {
    async fn a_half_made_organization_is_left_alone_by_upkeep(store) {
        let slug = half_made(store).await;
        while directory::maintenance::reap::step(&store.store).await.expect("a step") {}
        directory::maintenance::prune::sync_logs(&store.store).await.expect("pruned");
        assert_eq!(half_made_organizations(store).await.len(), 1);
        let made = organization::create(&store.installation(), &slug, "Acme", None).await;
        assert_eq!(made.expect("finished").1.name, "Acme");
    }
}

contract! {
    async fn a_half_made_connection_does_no_harm(store) {
        let acme = store.organization("acme").await;
        let installation = store.installation();
        let new = || NewConnection::active(Provider::Okta, Protocol::Scim2);
        let half_made = async || {
            let findings = verify::organization(&store.store, &acme.operator).await;
            let findings = findings.expect("readable");
            assert_eq!(findings.violation_count, 0, "{:?}", findings.violations);
            findings.half_made
        };
        let mut tries = 0;
        while half_made().await.is_empty() {
            tries += 1;
            assert!(tries < 100, "each of a hundred was made whole");
            abandon(&installation, connection::create(&store.store, &acme.operator, new())).await;
        }
        let told = half_made().await;
        let id = told[0]
            .strip_prefix("the connection ")
            .and_then(|rest| rest.strip_suffix(" was not made whole"))
            .and_then(directory::ConnectionId::parse)
            .expect("it names the connection");
        assert!(is_missing(&connection::find(&installation, id).await));
        assert!(is_missing(&acme.read(move |reader| connection::get(reader, id)).await));
        // Doing it again makes another one.
        let before = acme.get().await.last_event;
        let made = connection::create(&store.store, &acme.operator, new()).await.expect("made");
        assert_ne!(made.id, id);
        assert_eq!(kinds_after(&acme, before).await.len(), 1);
        // The address goes with its organization.
        let org = Outside::of(store).org("acme");
        organization::delete(&installation, &acme.slug).await.expect("there");
        while directory::maintenance::reap::step(&store.store).await.expect("a step") {}
        assert_eq!(Outside::of(store).rows_of("connection_home", org), 0);
    }
}

contract! {
    async fn a_deleted_connection_whose_address_was_left_is_gone(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let outside = Outside::of(store);
        let org = outside.org("acme");
        connection::delete(&store.store, &acme.operator, okta.id).await.expect("there");
        assert_eq!(outside.rows_of("connection_home", org), 0);
        // As a crash between the two transactions leaves it.
        let address = format!("insert into connection_home (org, id) values ({org}, '{}')", okta.id);
        outside.execute(&address);
        assert!(is_missing(&connection::find(&store.installation(), okta.id).await));
        let findings = verify::organization(&store.store, &acme.operator).await.expect("readable");
        assert_eq!((findings.violation_count, findings.half_made.len()), (0, 1));
        assert!(is_missing(&connection::delete(&store.store, &acme.operator, okta.id).await));
        named(&acme, "ada").await;
    }
}

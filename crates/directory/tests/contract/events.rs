//! Events: one for each change, numbered without gaps, in the order of time.

use std::time::Duration;

use directory::{
    EventNo, RequestId, Time,
    event::{self, EventKind, Payload},
};
use testkit::contract;

use crate::support::{
    clear_members, create_user, delete_group, delete_user, get_user, is_missing, kinds_after,
    named, newest, set, set_active, team,
};

contract! {
    async fn each_change_is_one_event_and_nothing_else_is(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        assert!(create_user(&acme, testkit::user("ADA")).await.is_err());
        set_active(&acme, ada.id, false).await;
        set_active(&acme, ada.id, false).await;
        set_active(&acme, ada.id, true).await;
        set(&acme, ada.id, "title", "x").await.expect("there");
        clear_members(&acme, crew.id).await;
        delete_group(&acme, crew.id).await.expect("there");
        assert!(is_missing(&delete_group(&acme, crew.id).await));
        delete_user(&acme, ada.id).await.expect("there");
        let expected = [
            EventKind::OrganizationCreated,
            EventKind::UserCreated,
            EventKind::GroupCreated,
            EventKind::UserArchived,
            EventKind::UserReactivated,
            EventKind::UserUpdated,
            EventKind::GroupUpdated,
            EventKind::GroupDeleted,
            EventKind::UserDeleted,
        ];
        assert_eq!(kinds_after(&acme, EventNo::START).await, expected);
        let numbers: Vec<i64> = acme.events().await.iter().map(|event| event.no.number()).collect();
        assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
        assert_eq!(newest(&acme).await.number(), 9);
    }
}

contract! {
    async fn an_event_says_who_did_it_and_to_what(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let before = newest(&acme).await;
        let ada = named(&okta.organization, "ada").await;
        let event = acme.events_after(before).await.remove(0);
        assert_eq!(event.principal, format!("connection:{}", okta.connection.id));
        assert_eq!((event.target, event.at), (ada.id.to_string(), ada.modified));
        let Payload::UserCreated(payload) = event.payload else { panic!("{:?}", event.payload) };
        assert_eq!(payload.resource.0.str("userName"), Some("ada"));
        assert_eq!(acme.events().await[0].principal, "operator");
    }
}

contract! {
    async fn an_event_says_for_which_request(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let request = RequestId::new(store.store.random());
        let asked = okta.by(okta.access.clone().for_request(request));
        let before = newest(&acme).await;
        named(&asked, "ada").await;
        named(&okta, "alan").await;
        let told: Vec<_> =
            acme.events_after(before).await.into_iter().map(|event| event.request).collect();
        assert_eq!(told, [Some(request), None]);
        // A command has an id too, the same for all that it does.
        let made = acme.events().await[0].request;
        assert!(made.is_some_and(|id| id != request));
    }
}

contract! {
    async fn times_never_go_back_whatever_the_clock_does(store) {
        let acme = store.organization("acme").await;
        let first = named(&acme, "ada").await;
        store.clock.set(Time::from_micros(0));
        let second = named(&acme, "alan").await;
        let third = set_active(&acme, first.id, false).await;
        store.clock.set(first.created.plus(Duration::from_hours(24 * 3650)));
        let fourth = named(&acme, "grace").await;
        store.clock.set(first.created);
        let fifth = set_active(&acme, first.id, true).await;
        let times =
            [first.modified, second.modified, third.modified, fourth.modified, fifth.modified];
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        assert_eq!(get_user(&acme, first.id).await.expect("there").modified, fifth.modified);
        let events: Vec<Time> = acme.events().await.iter().map(|event| event.at).collect();
        assert!(events.is_sorted_by(|a, b| a < b), "{events:?}");
    }
}

contract! {
    async fn the_feed_is_read_in_pages(store) {
        let acme = store.organization("acme").await;
        for number in 0..9 {
            named(&acme, &format!("user{number}")).await;
        }
        let mut numbers = Vec::new();
        loop {
            let after = numbers.last().copied().unwrap_or(EventNo::START);
            let page = acme.read(move |reader| event::after(reader, after, 4)).await;
            let page = page.expect("events");
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= 4);
            numbers.extend(page.iter().map(|event| event.no));
        }
        assert_eq!(numbers, (1..=10).map(EventNo::from).collect::<Vec<_>>());
    }
}

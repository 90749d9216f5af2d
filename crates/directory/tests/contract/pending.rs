//! Pending members: the order in which people and groups arrive does not matter.

use std::time::Duration;

use directory::{event::Payload, group, maintenance::prune};
use testkit::{contract, user};

use crate::support::{
    add_members, clear_members, code, create_group, create_user, delete_group, delete_user,
    get_group, groups_of, kinds_after, members, named, newest, remove_members, set, set_members,
    strs, team, try_add_members,
};

contract! {
    async fn an_unknown_member_does_not_sink_the_others(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await.id.to_string();
        let crew = team(&acme, "Crew", &["unknown", &ada]).await;
        assert_eq!(crew.member_count(), 1);
        assert_eq!(members(&acme, crew.id).await, [ada]);
    }
}

contract! {
    async fn a_user_joins_by_the_external_id_it_was_announced_with(store) {
        let acme = store.organization("acme").await;
        let crew = team(&acme, "Crew", &["00u1", "00u2"]).await;
        let before = newest(&acme).await;
        let ada = create_user(&acme, user("ada").with("externalId", "00u1")).await.expect("new");
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        let joined = get_group(&acme, crew.id).await.expect("there");
        assert_eq!((joined.member_count(), joined.version.number()), (1, 2));
        // One change, one event; it tells of the group too.
        let mut events = acme.events_after(before).await;
        assert_eq!(events.len(), 1);
        match events.remove(0).payload {
            Payload::UserCreated(payload) => assert_eq!(payload.joined, [crew.id]),
            other => panic!("{other:?}"),
        }
        // One that is here learns its externalId later.
        let alan = named(&acme, "alan").await;
        assert!(groups_of(&acme, alan.id).await.is_empty());
        set(&acme, alan.id, "externalId", "00u2").await.expect("there");
        assert_eq!(groups_of(&acme, alan.id).await.len(), 1);
        assert_eq!(get_group(&acme, crew.id).await.expect("there").member_count(), 2);
    }
}

contract! {
    async fn a_user_that_comes_back_joins_by_its_id(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let person = user("ada").with("externalId", "00u1");
        let ada = create_user(&okta, person.clone()).await.expect("new");
        delete_user(&okta, ada.id).await.expect("there");
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        assert_eq!(crew.member_count(), 0);
        assert_eq!(create_user(&okta, person).await.expect("back").id, ada.id);
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
    }
}

contract! {
    async fn a_group_joins_by_the_external_id_it_was_announced_with(store) {
        let acme = store.organization("acme").await;
        let outer = team(&acme, "Outer", &["00g1"]).await;
        let inner = testkit::group("Inner").with("externalId", "00g1");
        let inner = create_group(&acme, inner, &[]).await.expect("new");
        assert_eq!(members(&acme, outer.id).await, [inner.id.to_string()]);
    }
}

contract! {
    async fn a_name_that_was_taken_back_is_not_waited_for(store) {
        let acme = store.organization("acme").await;
        let removed = team(&acme, "Removed", &["00u1"]).await;
        remove_members(&acme, removed.id, &["00u1"]).await;
        let cleared = team(&acme, "Cleared", &["00u1"]).await;
        clear_members(&acme, cleared.id).await;
        let replaced = team(&acme, "Replaced", &["00u1"]).await;
        set_members(&acme, replaced.id, &["00u2"]).await;
        let deleted = team(&acme, "Deleted", &["00u1"]).await;
        delete_group(&acme, deleted.id).await.expect("there");
        let ada = create_user(&acme, user("ada").with("externalId", "00u1")).await.expect("new");
        assert!(groups_of(&acme, ada.id).await.is_empty());
        let alan = create_user(&acme, user("alan").with("externalId", "00u2")).await.expect("new");
        assert_eq!(groups_of(&acme, alan.id).await.len(), 1);
    }
}

contract! {
    async fn waiting_twice_is_waiting_once(store) {
        let acme = store.organization("acme").await;
        let crew = team(&acme, "Crew", &["00u1"]).await;
        let before = newest(&acme).await;
        assert_eq!(add_members(&acme, crew.id, &["00u1"]).await.version.number(), 1);
        assert!(kinds_after(&acme, before).await.is_empty());
        let ada = create_user(&acme, user("ada").with("externalId", "00u1")).await.expect("new");
        // By either name it is there already.
        let again = add_members(&acme, crew.id, &["00u1", &ada.id.to_string()]).await;
        assert_eq!((again.member_count(), again.version.number()), (1, 2));
        // It can leave by either name.
        let gone = remove_members(&acme, crew.id, &["00u1"]).await;
        assert_eq!(gone.member_count(), 0);
    }
}

contract! {
    async fn names_that_wait_can_be_listed(store) {
        let acme = store.organization("acme").await;
        let crew = team(&acme, "Crew", &["00u3", "00u1", "00u2"]).await;
        let waiting = async |after: Option<&'static str>| {
            let group = get_group(&acme, crew.id).await.expect("there");
            let names = acme.read(move |reader| group::pending_members(reader, &group, after, 2));
            names.await.expect("names")
        };
        assert_eq!(waiting(None).await, ["00u1", "00u2"]);
        assert_eq!(waiting(Some("00u2")).await, ["00u3"]);
        create_user(&acme, user("ada").with("externalId", "00u1")).await.expect("new");
        assert_eq!(waiting(None).await, ["00u2", "00u3"]);
    }
}

contract! {
    async fn a_group_waits_for_so_many_and_is_told_when_there_are_more(store) {
        let acme = store.organization("acme").await;
        let names = |range: std::ops::Range<u32>| -> Vec<String> {
            range.map(|number| format!("00u{number}")).collect()
        };
        let crew = team(&acme, "Crew", &strs(&names(0..9_000))).await;
        let before = newest(&acme).await;
        let more = names(9_000..10_001);
        assert_eq!(code(try_add_members(&acme, crew.id, &strs(&more)).await), "invalid");
        assert_eq!(newest(&acme).await, before);
        // As many as may, and those who wait already do not count twice.
        add_members(&acme, crew.id, &strs(&names(8_000..10_000))).await;
        assert_eq!(code(try_add_members(&acme, crew.id, &["00u10000"]).await), "invalid");
        // Whoever arrives makes room.
        create_user(&acme, user("ada").with("externalId", "00u1")).await.expect("new");
        add_members(&acme, crew.id, &["00u10000"]).await;
    }
}

contract! {
    async fn who_does_not_arrive_in_time_is_not_waited_for(store) {
        let acme = store.organization("acme").await;
        let crew = team(&acme, "Crew", &["00u1"]).await;
        store.clock.advance(Duration::from_hours(48));
        add_members(&acme, crew.id, &["00u2"]).await;
        let kept = Duration::from_hours(24);
        assert_eq!(prune::pending_members(&store.store, kept).await.expect("pruned"), 1);
        assert_eq!(prune::pending_members(&store.store, kept).await.expect("pruned"), 0);
        create_user(&acme, user("ada").with("externalId", "00u1")).await.expect("new");
        assert!(members(&acme, crew.id).await.is_empty());
        create_user(&acme, user("alan").with("externalId", "00u2")).await.expect("new");
        assert_eq!(members(&acme, crew.id).await.len(), 1);
    }
}

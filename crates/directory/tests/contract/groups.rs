//! Groups: names, versions, deleting.

use std::time::Duration;

use directory::{event::EventKind, group::MemberChange};
use scim::Object;
use testkit::{contract, group};

use crate::support::{
    change_group, conflict, create_group, delete_group, get_group, groups_of, invalid, is_missing,
    kinds_after, members, named, newest, rename_group, team, teams,
};

contract! {
    async fn a_new_group_has_its_members(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let before = newest(&acme).await;
        let (ada, alan) = (ada.id.to_string(), alan.id.to_string());
        let crew = team(&acme, "Crew", &[&alan, &ada, &alan]).await;
        assert_eq!((crew.member_count(), crew.version.number()), (2, 1));
        assert_eq!(members(&acme, crew.id).await, [ada, alan]);
        assert_eq!(acme.get().await.groups, 1);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::GroupCreated]);
    }
}

contract! {
    async fn a_display_name_is_used_once(store) {
        let acme = store.organization("acme").await;
        let crew = team(&acme, "Crew", &[]).await;
        let other = team(&acme, "Other", &[]).await;
        let before = newest(&acme).await;
        assert_eq!(conflict(create_group(&acme, group("CREW"), &[]).await), "displayName");
        assert_eq!(conflict(rename_group(&acme, other.id, "crew").await), "displayName");
        assert_eq!(newest(&acme).await, before);
        assert_eq!(acme.get().await.groups, 2);
        let respelt = rename_group(&acme, crew.id, "CREW").await.expect("its own");
        assert_eq!(respelt.version.number(), 2);
        assert_eq!(teams(&acme, r#"displayName eq "crew""#).await, ["CREW"]);
    }
}

contract! {
    async fn a_group_without_a_name_is_refused(store) {
        let acme = store.organization("acme").await;
        let nameless = create_group(&acme, Object::new(), &[]).await;
        assert_eq!(invalid(nameless), "displayName");
        assert_eq!(acme.get().await.groups, 0);
    }
}

contract! {
    async fn saving_what_is_stored_changes_nothing(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await.id.to_string();
        let crew = team(&acme, "Crew", &[&ada, "later"]).await;
        let before = newest(&acme).await;
        store.clock.advance(Duration::from_mins(1));
        let same = MemberChange::Replace(testkit::members(&[&*ada, "later"]));
        for result in [
            change_group(&acme, crew.id, Some(group("Crew")), &[]).await,
            change_group(&acme, crew.id, Some(group("Crew")), &[same]).await,
            rename_group(&acme, crew.id, "Crew").await,
            change_group(&acme, crew.id, None, &[MemberChange::Add(Vec::new())]).await,
        ] {
            let same = result.expect("there");
            assert_eq!((same.version, same.modified), (crew.version, crew.modified));
        }
        assert_eq!(newest(&acme).await, before);
    }
}

contract! {
    async fn renaming_leaves_the_members_alone(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let id = ada.id.to_string();
        let crew = team(&acme, "Crew", &[&id]).await;
        let changed = change_group(&acme, crew.id, Some(group("Staff")), &[]).await;
        let changed = changed.expect("there");
        assert_eq!((changed.member_count(), changed.version.number()), (1, 2));
        let renamed = rename_group(&acme, crew.id, "People").await.expect("there");
        assert_eq!((renamed.id, renamed.version.number()), (crew.id, 3));
        assert_eq!(members(&acme, crew.id).await, [id]);
        let shown = groups_of(&acme, ada.id).await;
        let stored = get_group(&acme, crew.id).await.expect("there");
        assert_eq!((&*shown[0].display, stored.name()), ("People", "People"));
    }
}

contract! {
    async fn deleting_a_group_keeps_its_members(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        let outer = team(&acme, "Outer", &[&crew.id.to_string()]).await;
        let before = newest(&acme).await;
        delete_group(&acme, crew.id).await.expect("there");
        assert!(is_missing(&get_group(&acme, crew.id).await));
        assert!(is_missing(&delete_group(&acme, crew.id).await));
        assert!(groups_of(&acme, ada.id).await.is_empty());
        assert!(members(&acme, outer.id).await.is_empty());
        assert_eq!((acme.get().await.groups, acme.get().await.users), (1, 1));
        assert_eq!(kinds_after(&acme, before).await, [EventKind::GroupDeleted]);
        // The name is free, and a new group of that name is a new group.
        assert_ne!(team(&acme, "Crew", &[]).await.id, crew.id);
    }
}

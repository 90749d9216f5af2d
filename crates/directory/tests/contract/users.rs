//! Users: arriving, changing, being archived, leaving, coming back.

use std::time::Duration;

use directory::{ResourceId, event::EventKind, user};
use scim::{Object, ScimType};
use testkit::{contract, user as person};

use crate::support::{
    add_members, create_user, delete_user, get_user, is_missing, keyword, kinds_after, members,
    named, names, newest, patch_user, replace_user, set_active, team,
};

fn known(name: &str, external_id: &str) -> Object {
    person(name).with("externalId", external_id)
}

contract! {
    async fn a_new_user_is_active_and_at_version_one(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        let ada = create_user(&acme, person("Ada").with("title", "Countess")).await.expect("new");
        let stored = get_user(&acme, ada.id).await.expect("stored");
        assert!(stored.active && stored.version == 1 && stored.managed_by.is_none());
        assert_eq!(stored.created, stored.modified);
        let expected = person("Ada").with("title", "Countess").with("active", true);
        assert_eq!(stored.resource, expected);
        assert_eq!(acme.get().await.users, 1);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserCreated]);
    }
}

contract! {
    async fn creating_twice_conflicts_whatever_the_case(store) {
        let acme = store.organization("acme").await;
        named(&acme, "Straße").await;
        let before = newest(&acme).await;
        for same in ["Straße", "STRAßE", "straße", "ｓtraße"] {
            assert_eq!(keyword(create_user(&acme, person(same)).await), ScimType::Uniqueness);
        }
        // Lower-casing, not case folding: two colleagues.
        named(&acme, "strasse").await;
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserCreated]);
        assert_eq!(acme.get().await.users, 2);
    }
}

contract! {
    async fn a_user_without_a_name_is_refused(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        let nameless = Object::new().with("title", "Nobody");
        assert_eq!(keyword(create_user(&acme, nameless).await), ScimType::InvalidValue);
        assert_eq!((newest(&acme).await, acme.get().await.users), (before, 0));
    }
}

contract! {
    async fn creating_an_archived_user_brings_it_back_with_its_old_id(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        set_active(&acme, ada.id, false).await;
        let before = newest(&acme).await;
        let back = create_user(&acme, person("ADA").with("title", "New")).await.expect("back");
        assert_eq!((back.id, back.active, back.version), (ada.id, true, 3));
        assert_eq!(back.created, ada.created);
        // The new attributes are the attributes; the groups are the old ones.
        assert_eq!(back.resource.str("userName"), Some("ADA"));
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::UserReactivated]);
        assert_eq!(acme.get().await.users, 1);
    }
}

contract! {
    async fn an_archived_user_is_known_by_the_external_id_of_its_connection(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada.byron", "00u1")).await.expect("new");
        set_active(&okta, ada.id, false).await;
        let married = create_user(&okta, known("ada.lovelace", "00u1")).await.expect("back");
        assert_eq!((married.id, married.active), (ada.id, true));
        // The same number in another provider's books is somebody else.
        set_active(&okta, ada.id, false).await;
        let entra = store.connection(&acme).await.organization;
        let other = create_user(&entra, known("alan", "00u1")).await.expect("somebody else");
        assert_ne!(other.id, ada.id);
    }
}

contract! {
    async fn an_active_user_with_the_external_id_is_a_conflict(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        create_user(&okta, known("ada", "00u1")).await.expect("new");
        let before = newest(&acme).await;
        let twice = create_user(&okta, known("ada.lovelace", "00u1")).await;
        assert_eq!(keyword(twice), ScimType::Uniqueness);
        assert_eq!(newest(&acme).await, before);
    }
}

contract! {
    async fn a_deleted_user_leaves_its_id_to_the_same_person(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = create_user(&okta, known("ada", "00u1")).await.expect("new");
        delete_user(&okta, ada.id).await.expect("there");
        assert!(is_missing(&get_user(&acme, ada.id).await));
        assert!(is_missing(&delete_user(&okta, ada.id).await));
        assert_eq!(acme.get().await.users, 0);
        let back = create_user(&okta, known("ada", "00u1")).await.expect("back");
        assert_eq!((back.id, back.active), (ada.id, true));
        // Whoever remembers a version does not mean this one.
        assert!(back.version > ada.version, "{}", back.version);
        // By the externalId alone, under a new name.
        delete_user(&okta, ada.id).await.expect("there");
        let renamed = create_user(&okta, known("lovelace", "00u1")).await.expect("back");
        assert_eq!(renamed.id, ada.id);
        // By the name alone, where no externalId speaks against it.
        delete_user(&okta, ada.id).await.expect("there");
        assert_eq!(named(&acme, "LOVELACE").await.id, ada.id);
    }
}

contract! {
    async fn a_name_that_was_given_to_somebody_else_does_not_bring_the_old_id(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let first = create_user(&okta, known("j.smith", "00u1")).await.expect("new");
        delete_user(&okta, first.id).await.expect("there");
        let second = create_user(&okta, known("j.smith", "00u2")).await.expect("new");
        assert_ne!(second.id, first.id);
        // The first one still has a claim to its id.
        let back = create_user(&okta, known("john.smith", "00u1")).await.expect("back");
        assert_eq!(back.id, first.id);
    }
}

contract! {
    async fn a_tombstone_is_used_once(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        delete_user(&acme, ada.id).await.expect("there");
        assert_eq!(named(&acme, "ada").await.id, ada.id);
        patch_user(&acme, ada.id, r#"[{"op":"replace","path":"userName","value":"ada2"}]"#)
            .await
            .expect("there");
        assert_ne!(named(&acme, "ada").await.id, ada.id);
    }
}

contract! {
    async fn saving_what_is_stored_changes_nothing(store) {
        let acme = store.organization("acme").await;
        let ada = create_user(&acme, person("ada").with("title", "Countess")).await.expect("new");
        let before = newest(&acme).await;
        store.clock.advance(Duration::from_mins(1));
        let same = person("ada").with("title", "Countess");
        let replaced = replace_user(&acme, ada.id, same.clone()).await.expect("there");
        let patched = patch_user(
            &acme,
            ada.id,
            r#"[{"op":"replace","value":{"title":"Countess","active":true}}]"#,
        )
        .await
        .expect("there");
        for user in [&replaced, &patched] {
            assert_eq!((user.version, user.modified), (1, ada.modified));
        }
        let okta = store.connection(&acme).await.organization;
        let before_okta = newest(&acme).await;
        replace_user(&okta, ada.id, same).await.expect("there");
        assert_eq!(newest(&acme).await, before_okta);
        assert!(
            kinds_after(&acme, before).await.iter().all(|kind| {
                matches!(kind, EventKind::ConnectionCreated | EventKind::TokenIssued)
            })
        );
    }
}

contract! {
    async fn deactivating_keeps_everything(store) {
        let acme = store.organization("acme").await;
        let full = known("ada", "00u1").with("title", "Countess").with("displayName", "Ada L.");
        let ada = create_user(&acme, full.clone()).await.expect("new");
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        let before = newest(&acme).await;
        let archived = set_active(&acme, ada.id, false).await;
        assert!(!archived.active);
        assert_eq!(archived.resource, full.with("active", false));
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        // It stays visible to look-ups and counts.
        assert_eq!(names(&acme, r#"userName eq "ada""#).await, ["ada"]);
        assert_eq!(names(&acme, r#"displayName eq "ada l.""#).await, ["ada"]);
        assert_eq!(acme.get().await.users, 1);
        let back = set_active(&acme, ada.id, true).await;
        assert_eq!((back.id, back.version), (ada.id, 3));
        let kinds = kinds_after(&acme, before).await;
        assert_eq!(kinds, [EventKind::UserArchived, EventKind::UserReactivated]);
    }
}

contract! {
    async fn put_without_active_leaves_the_state_alone(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        set_active(&acme, ada.id, false).await;
        let put = replace_user(&acme, ada.id, person("ada").with("title", "x")).await;
        assert!(!put.expect("there").active);
        let put = replace_user(&acme, ada.id, person("ada").with("active", true)).await;
        let put = put.expect("there");
        assert!(put.active && put.resource.get("title").is_none());
    }
}

contract! {
    async fn a_name_in_use_cannot_be_taken_by_a_change(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        set_active(&acme, alan.id, false).await;
        let before = newest(&acme).await;
        let put = replace_user(&acme, ada.id, person("ALAN")).await;
        assert_eq!(keyword(put), ScimType::Uniqueness);
        let patch = r#"[{"op":"replace","path":"userName","value":"Alan"}]"#;
        assert_eq!(keyword(patch_user(&acme, ada.id, patch).await), ScimType::Uniqueness);
        assert_eq!(newest(&acme).await, before);
        // The spelling of its own name is its own business.
        let respelt = replace_user(&acme, ada.id, person("ADA")).await.expect("free");
        assert_eq!(respelt.resource.str("userName"), Some("ADA"));
    }
}

contract! {
    async fn a_patch_is_done_whole_or_not_at_all(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let half = r#"[{"op":"replace","path":"title","value":"x"},
                       {"op":"replace","path":"nonsense","value":"x"}]"#;
        assert_eq!(keyword(patch_user(&acme, ada.id, half).await), ScimType::InvalidPath);
        let after = get_user(&acme, ada.id).await.expect("there");
        assert_eq!((after.version, after.resource), (1, ada.resource));
    }
}

contract! {
    async fn the_connection_that_changes_a_user_owns_it(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let ada = named(&acme, "ada").await;
        let linked = patch_user(
            &okta.organization,
            ada.id,
            r#"[{"op":"add","path":"externalId","value":"00u1"}]"#,
        )
        .await
        .expect("there");
        assert!(linked.managed_by.is_some());
        let stored = get_user(&acme, ada.id).await.expect("there");
        assert_eq!(stored.managed_by, linked.managed_by);
        // An operator's change does not take it away.
        let changed = patch_user(&acme, ada.id, r#"[{"op":"add","path":"title","value":"x"}]"#);
        assert_eq!(changed.await.expect("there").managed_by, linked.managed_by);
    }
}

contract! {
    async fn deleting_a_user_lowers_the_counts_of_its_groups(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let both = [&*ada.id.to_string(), &*alan.id.to_string()];
        let (one, two) = (team(&acme, "One", &both).await, team(&acme, "Two", &both[..1]).await);
        let other = team(&acme, "Other", &both[1..]).await;
        add_members(&acme, other.id, &[]).await;
        let before = newest(&acme).await;
        delete_user(&acme, ada.id).await.expect("there");
        assert_eq!(members(&acme, one.id).await, [alan.id.to_string()]);
        assert!(members(&acme, two.id).await.is_empty());
        let events = acme.events_after(before).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, EventKind::UserDeleted);
        let mut left = [one.id.to_string(), two.id.to_string()];
        left.sort();
        assert_eq!(events[0].body["left"], serde_json::json!(left));
        let versions = |id: ResourceId| {
            let acme = acme.clone();
            async move { crate::support::get_group(&acme, id).await.expect("there").version }
        };
        assert_eq!((versions(one.id).await, versions(other.id).await), (2, 1));
    }
}

contract! {
    async fn nobody_is_found_under_an_id_that_was_never_given(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let nobody = ResourceId::parse("00000000-0000-4000-8000-000000000000").expect("an id");
        let crew = team(&acme, "Crew", &[]).await;
        for id in [nobody, crew.id] {
            assert!(is_missing(&get_user(&acme, id).await));
            assert!(is_missing(&replace_user(&acme, id, person("x")).await));
            assert!(is_missing(
                &patch_user(&acme, id, r#"[{"op":"remove","path":"title"}]"#).await
            ));
            assert!(is_missing(&delete_user(&acme, id).await));
        }
        assert_eq!(get_user(&acme, ada.id).await.expect("there").version, 1);
    }
}

contract! {
    async fn users_can_be_walked_while_others_come_and_go(store) {
        let acme = store.organization("acme").await;
        let mut ids = Vec::new();
        for number in 0..10 {
            ids.push(named(&acme, &format!("user{number}")).await.id);
        }
        let first = acme.read(|reader| user::after(reader, None, 4)).await.expect("users");
        delete_user(&acme, ids[3]).await.expect("there");
        delete_user(&acme, ids[5]).await.expect("there");
        let last = first.last().expect("four users").clone();
        let second = acme.read(move |reader| user::after(reader, Some(&last), 4)).await;
        let met: Vec<_> = first.iter().chain(&second.expect("users")).map(|user| user.id).collect();
        assert_eq!(met, [ids[0], ids[1], ids[2], ids[3], ids[4], ids[6], ids[7], ids[8]]);
    }
}

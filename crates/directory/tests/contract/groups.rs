//! Groups: names, versions, deleting.

use std::time::Duration;

use directory::event::EventKind;
use scim::{Object, ScimType};
use testkit::{contract, group};

use crate::support::{
    create_group, delete_group, get_group, groups_of, is_missing, keyword, kinds_after, members,
    named, newest, patch_group, replace_group, team, teams,
};

contract! {
    async fn a_new_group_has_its_members(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let before = newest(&acme).await;
        let (ada, alan) = (ada.id.to_string(), alan.id.to_string());
        let crew = team(&acme, "Crew", &[&alan, &ada, &alan]).await;
        assert_eq!((crew.member_count, crew.version), (2, 1));
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
        assert_eq!(keyword(create_group(&acme, group("CREW"), &[]).await), ScimType::Uniqueness);
        let renamed = replace_group(&acme, other.id, group("crew"), None).await;
        assert_eq!(keyword(renamed), ScimType::Uniqueness);
        assert_eq!(newest(&acme).await, before);
        assert_eq!(acme.get().await.groups, 2);
        let respelt = replace_group(&acme, crew.id, group("CREW"), None).await.expect("its own");
        assert_eq!(respelt.version, 2);
        assert_eq!(teams(&acme, r#"displayName eq "crew""#).await, ["CREW"]);
    }
}

contract! {
    async fn a_group_without_a_name_is_refused(store) {
        let acme = store.organization("acme").await;
        let nameless = create_group(&acme, Object::new(), &[]).await;
        assert_eq!(keyword(nameless), ScimType::InvalidValue);
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
        for result in [
            replace_group(&acme, crew.id, group("Crew"), None).await,
            replace_group(&acme, crew.id, group("Crew"), Some(&[&ada, "later"])).await,
            patch_group(
                &acme,
                crew.id,
                r#"[{"op":"replace","path":"displayName","value":"Crew"}]"#,
            )
            .await,
            patch_group(&acme, crew.id, r#"[{"op":"add","path":"members","value":[]}]"#).await,
        ] {
            let same = result.expect("there");
            assert_eq!((same.version, same.modified), (1, crew.modified));
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
        let put = replace_group(&acme, crew.id, group("Staff"), None).await.expect("there");
        assert_eq!((put.member_count, put.version), (1, 2));
        // Okta sends the id of the group along.
        let patch = format!(
            r#"[{{"op":"replace","value":{{"id":"{}","displayName":"People"}}}}]"#,
            crew.id
        );
        let patched = patch_group(&acme, crew.id, &patch).await.expect("there");
        assert_eq!((patched.id, patched.version), (crew.id, 3));
        assert_eq!(members(&acme, crew.id).await, [id]);
        let shown = groups_of(&acme, ada.id).await;
        let stored = get_group(&acme, crew.id).await.expect("there");
        assert_eq!(Some(&*shown[0].display), stored.resource.str("displayName"));
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

//! Members: adding and removing are idempotent, and cost what changes.

use directory::group;
use testkit::contract;

use crate::support::{
    add_members, clear_members, get_group, groups_of, kinds_after, members, named, newest,
    patch_group, remove_members, set_active, team,
};

contract! {
    async fn adding_twice_is_adding_once(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let (ada, alan) = (ada.id.to_string(), alan.id.to_string());
        let crew = team(&acme, "Crew", &[]).await;
        assert_eq!(add_members(&acme, crew.id, &[&ada]).await.version, 2);
        let before = newest(&acme).await;
        let again = add_members(&acme, crew.id, &[&ada, &ada]).await;
        assert_eq!((again.version, again.member_count), (2, 1));
        assert_eq!(newest(&acme).await, before);
        // Only what is new is told.
        add_members(&acme, crew.id, &[&ada, &alan]).await;
        let events = acme.events_after(before).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].body["added"], serde_json::json!([alan]));
        assert_eq!(members(&acme, crew.id).await, [ada, alan]);
    }
}

contract! {
    async fn removing_twice_is_removing_once(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let (ada, alan) = (ada.id.to_string(), alan.id.to_string());
        let crew = team(&acme, "Crew", &[&ada, &alan]).await;
        assert_eq!(remove_members(&acme, crew.id, &[&ada]).await.version, 2);
        let before = newest(&acme).await;
        let again = remove_members(&acme, crew.id, &[&ada, "nobody"]).await;
        assert_eq!((again.version, again.member_count), (2, 1));
        assert_eq!(newest(&acme).await, before);
        assert_eq!(members(&acme, crew.id).await, [alan]);
    }
}

contract! {
    async fn one_request_may_remove_and_add(store) {
        let acme = store.organization("acme").await;
        let mut ids = Vec::new();
        for name in ["ada", "alan", "grace"] {
            ids.push(named(&acme, name).await.id.to_string());
        }
        let crew = team(&acme, "Crew", &[&ids[0], &ids[1]]).await;
        let before = newest(&acme).await;
        let operations = format!(
            r#"[{{"op":"remove","path":"members[value eq \"{}\"]"}},
                {{"op":"add","path":"members","value":[{{"value":"{}"}}]}},
                {{"op":"replace","path":"displayName","value":"New crew"}}]"#,
            ids[0], ids[2]
        );
        let changed = patch_group(&acme, crew.id, &operations).await.expect("there");
        assert_eq!((changed.version, changed.member_count), (2, 2));
        assert_eq!(members(&acme, crew.id).await, [&*ids[1], &*ids[2]]);
        assert_eq!(kinds_after(&acme, before).await.len(), 1);
    }
}

contract! {
    async fn removing_and_adding_the_same_member_changes_nothing(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await.id.to_string();
        let crew = team(&acme, "Crew", &[&ada]).await;
        let before = newest(&acme).await;
        let operations = format!(
            r#"[{{"op":"remove","path":"members","value":[{{"value":"{ada}"}}]}},
                {{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}]"#
        );
        let same = patch_group(&acme, crew.id, &operations).await.expect("there");
        assert_eq!((same.version, same.member_count), (1, 1));
        assert_eq!(members(&acme, crew.id).await, [ada]);
        assert_eq!(newest(&acme).await, before);
    }
}

contract! {
    async fn members_can_be_removed_by_what_they_are(store) {
        let acme = store.organization("acme").await;
        let inner = team(&acme, "Inner", &[]).await.id.to_string();
        let mut ids = vec![inner.clone()];
        for number in 0..12 {
            ids.push(named(&acme, &format!("user{number}")).await.id.to_string());
        }
        let crew = team(&acme, "Crew", &crate::support::strs(&ids)).await;
        let operations = r#"[{"op":"remove","path":"members[type eq \"User\"]"}]"#;
        let changed = patch_group(&acme, crew.id, operations).await.expect("there");
        assert_eq!(changed.member_count, 1);
        assert_eq!(members(&acme, crew.id).await, [inner]);
    }
}

contract! {
    async fn clearing_removes_everybody_at_once(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        let before = newest(&acme).await;
        let cleared = clear_members(&acme, crew.id).await;
        assert_eq!((cleared.member_count, cleared.version), (0, 2));
        assert!(members(&acme, crew.id).await.is_empty());
        assert!(groups_of(&acme, ada.id).await.is_empty());
        let events = acme.events_after(before).await;
        assert_eq!(events[0].body["cleared"], true);
        // Nobody left: nothing to tell.
        assert_eq!(clear_members(&acme, crew.id).await.version, 2);
        assert_eq!(newest(&acme).await, before + 1);
        add_members(&acme, crew.id, &[&ada.id.to_string()]).await;
        assert_eq!(groups_of(&acme, ada.id).await.len(), 1);
    }
}

contract! {
    async fn an_archived_user_stays_and_can_become_a_member(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        set_active(&acme, ada.id, false).await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        assert_eq!(crew.member_count, 1);
        assert_eq!(groups_of(&acme, ada.id).await.len(), 1);
    }
}

contract! {
    async fn members_are_shown_by_the_names_that_they_have_now(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let inner = team(&acme, "Inner", &[]).await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string(), &inner.id.to_string()]).await;
        let rename = r#"[{"op":"replace","path":"userName","value":"Ada L."}]"#;
        crate::support::patch_user(&acme, ada.id, rename).await.expect("free");
        let group = get_group(&acme, crew.id).await.expect("there");
        let shown = acme.read(move |reader| group::members(reader, &group, None, 10)).await;
        let names: Vec<String> = shown.expect("members").into_iter().map(|m| m.display).collect();
        assert_eq!(names, ["Ada L.", "Inner"]);
        assert_eq!(get_group(&acme, crew.id).await.expect("there").version, 1);
    }
}

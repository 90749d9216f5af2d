//! Members: adding and removing are idempotent, and cost what changes.

use directory::group::{self, MemberChange};
use scim::Filter;
use testkit::contract;

use crate::support::{
    add_members, change_group, clear_members, get_group, group_update, groups_of, kinds_after,
    later, members, named, newest, remove_members, set, set_active, strs, team,
};

contract! {
    async fn adding_twice_is_adding_once(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let (ada, alan) = (ada.id.to_string(), alan.id.to_string());
        let crew = team(&acme, "Crew", &[]).await;
        assert_eq!(add_members(&acme, crew.id, &[&ada]).await.version.number(), 2);
        let before = newest(&acme).await;
        let again = add_members(&acme, crew.id, &[&ada, &ada]).await;
        assert_eq!((again.version.number(), again.member_count()), (2, 1));
        assert_eq!(newest(&acme).await, before);
        // Only what is new is told.
        add_members(&acme, crew.id, &[&ada, &alan]).await;
        let told = group_update(&acme, before).await.added;
        assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), [&*alan]);
        assert_eq!(members(&acme, crew.id).await, [ada, alan]);
    }
}

contract! {
    async fn removing_twice_is_removing_once(store) {
        let acme = store.organization("acme").await;
        let (ada, alan) = (named(&acme, "ada").await, named(&acme, "alan").await);
        let (ada, alan) = (ada.id.to_string(), alan.id.to_string());
        let crew = team(&acme, "Crew", &[&ada, &alan]).await;
        assert_eq!(remove_members(&acme, crew.id, &[&ada]).await.version.number(), 2);
        let before = newest(&acme).await;
        let again = remove_members(&acme, crew.id, &[&ada, "unknown"]).await;
        assert_eq!((again.version.number(), again.member_count()), (2, 1));
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
        let changes = [
            MemberChange::Remove(testkit::members(&ids[..1])),
            MemberChange::Add(testkit::members(&ids[2..])),
        ];
        let attributes = Some(testkit::group("New crew"));
        let changed = change_group(&acme, crew.id, attributes, &changes).await.expect("there");
        assert_eq!((changed.version.number(), changed.member_count()), (2, 2));
        assert_eq!(changed.name(), "New crew");
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
        let names = testkit::members(&[&*ada]);
        let changes = [MemberChange::Remove(names.clone()), MemberChange::Add(names)];
        let same = change_group(&acme, crew.id, None, &changes).await.expect("there");
        assert_eq!((same.version.number(), same.member_count()), (1, 1));
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
        let crew = team(&acme, "Crew", &strs(&ids)).await;
        let matching = |filter: &str| {
            MemberChange::RemoveMatching(Filter::parse(filter).expect("a filter"))
        };
        let one = matching(&format!(r#"value eq "{}" or display eq "USER1""#, ids[1]));
        let changed = change_group(&acme, crew.id, None, &[one]).await.expect("there");
        assert_eq!(changed.member_count(), 11);
        let users = matching(r#"type eq "User""#);
        let changed = change_group(&acme, crew.id, None, &[users]).await.expect("there");
        assert_eq!(changed.member_count(), 1);
        assert_eq!(members(&acme, crew.id).await, [inner]);
    }
}

contract! {
    async fn clearing_removes_all_at_once(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        let before = newest(&acme).await;
        let cleared = clear_members(&acme, crew.id).await;
        assert_eq!((cleared.member_count(), cleared.version.number()), (0, 2));
        assert!(members(&acme, crew.id).await.is_empty());
        assert!(groups_of(&acme, ada.id).await.is_empty());
        assert!(group_update(&acme, before).await.cleared);
        // None left: nothing to tell.
        assert_eq!(clear_members(&acme, crew.id).await.version.number(), 2);
        assert_eq!(newest(&acme).await, later(before, 1));
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
        assert_eq!(crew.member_count(), 1);
        assert_eq!(groups_of(&acme, ada.id).await.len(), 1);
    }
}

contract! {
    async fn members_are_shown_by_the_names_that_they_have_now(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let inner = team(&acme, "Inner", &[]).await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string(), &inner.id.to_string()]).await;
        set(&acme, ada.id, "userName", "Ada L.").await.expect("free");
        let group = get_group(&acme, crew.id).await.expect("there");
        let shown = acme.read(move |reader| group::members(reader, &group, None, 10)).await;
        let names: Vec<String> = shown.expect("members").into_iter().map(|m| m.display).collect();
        assert_eq!(names, ["Ada L.", "Inner"]);
        assert_eq!(get_group(&acme, crew.id).await.expect("there").version.number(), 1);
    }
}

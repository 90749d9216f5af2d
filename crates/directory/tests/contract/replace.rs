//! Replacing all members: by the difference, or by a fresh set.

use testkit::{TestOrganization, contract};

use crate::support::{members, named, newest, set_members, strs, team};

async fn people(org: &TestOrganization, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(named(org, &format!("user{number}")).await.id.to_string());
    }
    ids
}

contract! {
    async fn a_similar_list_tells_the_difference(store) {
        let acme = store.organization("acme").await;
        let ids = people(&acme, 6).await;
        let crew = team(&acme, "Crew", &strs(&ids[..4])).await;
        let before = newest(&acme).await;
        let changed = set_members(&acme, crew.id, &strs(&ids[2..])).await;
        assert_eq!((changed.member_count, changed.version), (4, 2));
        assert_eq!(members(&acme, crew.id).await, ids[2..]);
        let event = acme.events_after(before).await.remove(0);
        assert_eq!(event.body["cleared"], false);
        assert_eq!(event.body["removed"], serde_json::json!(ids[..2]));
        assert_eq!(event.body["added"], serde_json::json!(ids[4..]));
    }
}

contract! {
    async fn nobody_is_a_list_too(store) {
        let acme = store.organization("acme").await;
        let ids = people(&acme, 3).await;
        let crew = team(&acme, "Crew", &strs(&ids)).await;
        let empty = set_members(&acme, crew.id, &[]).await;
        assert_eq!((empty.member_count, empty.version), (0, 2));
        assert!(members(&acme, crew.id).await.is_empty());
        assert_eq!(set_members(&acme, crew.id, &[]).await.version, 2);
    }
}

contract! {
    async fn a_short_list_for_a_large_group_starts_afresh(store) {
        let acme = store.organization("acme").await;
        let ids = acme
            .write(|writer| {
                (0..1_100)
                    .map(|number| {
                        let user = testkit::user(&format!("user{number}"));
                        Ok(directory::user::create(writer, &user)?.id.to_string())
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .await
            .expect("fresh names");
        let crew = team(&acme, "Crew", &strs(&ids)).await;
        let before = newest(&acme).await;
        let changed = set_members(&acme, crew.id, &strs(&ids[..3])).await;
        assert_eq!(changed.member_count, 3);
        assert_eq!(members(&acme, crew.id).await, ids[..3]);
        let event = acme.events_after(before).await.remove(0);
        assert_eq!(event.body["cleared"], true);
        assert_eq!(event.body["added"], serde_json::json!(ids[..3]));
        // And the long way back, more than one piece of a list at a time.
        let filled = set_members(&acme, crew.id, &strs(&ids)).await;
        assert_eq!(filled.member_count, 1_100);
        assert_eq!(members(&acme, crew.id).await, ids);
    }
}

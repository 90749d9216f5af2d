//! Replacing all members: by the difference, or by a fresh set.

use directory::{
    ResourceId,
    user::{self, Rehire},
};
use testkit::{TestOrganization, contract};

use crate::support::{group_update, members, named, newest, set_members, strs, team};

async fn people(org: &TestOrganization, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(named(org, &format!("user{number}")).await.id.to_string());
    }
    ids
}

fn texts(ids: &[ResourceId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

contract! {
    async fn a_similar_list_tells_the_difference(store) {
        let acme = store.organization("acme").await;
        let ids = people(&acme, 6).await;
        let crew = team(&acme, "Crew", &strs(&ids[..4])).await;
        let before = newest(&acme).await;
        let changed = set_members(&acme, crew.id, &strs(&ids[2..])).await;
        assert_eq!((changed.member_count(), changed.version.number()), (4, 2));
        assert_eq!(members(&acme, crew.id).await, ids[2..]);
        let told = group_update(&acme, before).await;
        assert!(!told.cleared);
        assert_eq!(texts(&told.removed), ids[..2]);
        assert_eq!(texts(&told.added), ids[4..]);
    }
}

contract! {
    async fn the_empty_list_is_a_list_too(store) {
        let acme = store.organization("acme").await;
        let ids = people(&acme, 3).await;
        let crew = team(&acme, "Crew", &strs(&ids)).await;
        let empty = set_members(&acme, crew.id, &[]).await;
        assert_eq!((empty.member_count(), empty.version.number()), (0, 2));
        assert!(members(&acme, crew.id).await.is_empty());
        assert_eq!(set_members(&acme, crew.id, &[]).await.version.number(), 2);
    }
}

contract! {
    async fn a_short_list_for_a_large_group_starts_afresh(store) {
        let acme = store.organization("acme").await;
        let ids = acme
            .write(|writer| {
                (0..1_100)
                    .map(|number| {
                        let person = testkit::user(&format!("user{number}"));
                        Ok(user::create(writer, &person, Rehire::BringBack)?.id.to_string())
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .await
            .expect("fresh names");
        let crew = team(&acme, "Crew", &strs(&ids)).await;
        let before = newest(&acme).await;
        let changed = set_members(&acme, crew.id, &strs(&ids[..3])).await;
        assert_eq!(changed.member_count(), 3);
        assert_eq!(members(&acme, crew.id).await, ids[..3]);
        let told = group_update(&acme, before).await;
        assert!(told.cleared);
        assert_eq!(texts(&told.added), ids[..3]);
        // And the long way back, more than one piece of a list at a time.
        let filled = set_members(&acme, crew.id, &strs(&ids)).await;
        assert_eq!(filled.member_count(), 1_100);
        assert_eq!(members(&acme, crew.id).await, ids);
    }
}

//! Many at once on one organization.

use std::collections::BTreeSet;

use testkit::contract;

use crate::support::{
    add_members, create_user, get_group, later, members, named, newest, team, try_add_members,
};

const WRITERS: i64 = 32;

contract! {
    async fn one_of_many_gets_the_name(store) {
        let acme = store.organization("acme").await;
        let before = newest(&acme).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let acme = acme.clone();
                let name = if number % 2 == 0 { "ADA" } else { "ada" };
                tokio::spawn(async move { create_user(&acme, testkit::user(name)).await })
            })
            .collect();
        let mut made = 0;
        for writer in writers {
            made += i64::from(writer.await.expect("no panic").is_ok());
        }
        assert_eq!((made, acme.get().await.users), (1, 1));
        assert_eq!(newest(&acme).await, later(before, 1));
    }
}

contract! {
    async fn members_added_by_many_are_counted_once(store) {
        let acme = store.organization("acme").await;
        let mut ids = Vec::new();
        for number in 0..WRITERS {
            ids.push(named(&acme, &format!("user{number}")).await.id.to_string());
        }
        let shared = named(&acme, "shared").await.id.to_string();
        let crew = team(&acme, "Crew", &[]).await;
        let writers: Vec<_> = ids
            .iter()
            .map(|id| {
                let (acme, id, shared) = (acme.clone(), id.clone(), shared.clone());
                let crew = crew.id;
                tokio::spawn(async move {
                    add_members(&acme, crew, &[&shared, &id]).await;
                    add_members(&acme, crew, &[&shared]).await;
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("no panic");
        }
        let after = get_group(&acme, crew.id).await.expect("there");
        assert_eq!(after.member_count(), WRITERS + 1);
        // Each of them brought someone new, once.
        assert_eq!(after.version.number(), WRITERS + 1);
        let found: BTreeSet<String> = members(&acme, crew.id).await.into_iter().collect();
        assert_eq!(found, ids.into_iter().chain([shared]).collect());
    }
}

contract! {
    async fn two_cannot_close_a_loop_together(store) {
        let acme = store.organization("acme").await;
        for round in 0..8 {
            let one = team(&acme, &format!("one{round}"), &[]).await.id;
            let two = team(&acme, &format!("two{round}"), &[]).await.id;
            let add = |group, member: directory::ResourceId| {
                let acme = acme.clone();
                tokio::spawn(async move {
                    try_add_members(&acme, group, &[&member.to_string()]).await.is_ok()
                })
            };
            let (first, second) = (add(one, two), add(two, one));
            let done = [first.await.expect("no panic"), second.await.expect("no panic")];
            assert_eq!(done.iter().filter(|done| **done).count(), 1);
        }
    }
}

contract! {
    async fn two_processes_share_a_store(store) {
        let acme = store.organization("acme").await;
        let other = store.another();
        let mut abroad = acme.clone();
        abroad.store = other.clone();
        let mut writers = Vec::new();
        for number in 0..20 {
            for org in [&acme, &abroad] {
                let org = org.clone();
                // Every name is wanted by both.
                writers.push(tokio::spawn(async move {
                    create_user(&org, testkit::user(&format!("user{number}"))).await.is_ok()
                }));
            }
        }
        let mut made = 0;
        for writer in writers {
            made += i64::from(writer.await.expect("no panic"));
        }
        assert_eq!((made, acme.get().await.users, newest(&acme).await.number()), (20, 20, 21));
        tokio::task::block_in_place(|| other.close());
    }
}

//! The reaper: what is out of sight goes away, and nothing else does.

use directory::{Location, organization, reap, user};
use testkit::{Engine, TestOrganization, TestStore, contract};

use crate::support::{clear_members, delete_group, members, named, strs, team};

async fn reap_all(store: &TestStore) -> u32 {
    let mut steps = 0;
    while reap::step(&store.store).await.expect("a step") {
        steps += 1;
        assert!(steps < 1_000, "the reaper comes to an end");
    }
    steps
}

/// How many rows a table has: only looked at on SQLite, by another connection.
fn rows(store: &TestStore, table: &str) -> Option<i64> {
    let Location::Directory(directory) = store.location() else { return None };
    let file = rusqlite::Connection::open(directory.join("doorward.db")).expect("the database");
    let count = format!("select count(*) from {table}");
    Some(file.query_row(&count, [], |row| row.get(0)).expect("a count"))
}

fn assert_rows(store: &TestStore, table: &str, expected: i64) {
    if store.engine == Engine::Sqlite {
        assert_eq!(rows(store, table), Some(expected), "{table}");
    }
}

/// Every table that holds something of an organization.
const TABLES: [&str; 14] = [
    "usr",
    "uattr",
    "grp",
    "member",
    "pending",
    "tombstone",
    "event",
    "rank",
    "reap",
    "token",
    "connection",
    "connection_home",
    "organization",
    "organization_slug",
];

async fn crowd(org: &TestOrganization, count: usize) -> Vec<String> {
    org.write(move |writer| {
        (0..count)
            .map(|number| {
                let person = testkit::user(&format!("user{number}"));
                Ok(user::create(writer, &person)?.id.to_string())
            })
            .collect()
    })
    .await
    .expect("fresh names")
}

contract! {
    async fn a_cleared_set_is_emptied_step_by_step(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 40).await;
        let kept = team(&acme, "Kept", &strs(&ids[..5])).await;
        let mut all = strs(&ids);
        all.push("somebody who never came");
        let crew = team(&acme, "Crew", &all).await;
        let gone = team(&acme, "Gone", &all).await;
        clear_members(&acme, crew.id).await;
        delete_group(&acme, gone.id).await.expect("there");
        assert_rows(store, "member", 85);
        // Verified while the rows still wait.
        store.assert_clean().await;
        assert!(reap_all(store).await >= 2);
        assert_rows(store, "member", 5);
        assert_rows(store, "pending", 0);
        assert_rows(store, "reap", 0);
        assert_eq!(members(&acme, kept.id).await, ids[..5]);
        assert_eq!(reap_all(store).await, 0);
    }
}

contract! {
    async fn a_large_set_takes_several_steps(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 5_200).await;
        let crew = team(&acme, "Crew", &strs(&ids)).await;
        clear_members(&acme, crew.id).await;
        assert!(reap::step(&store.store).await.expect("a step"));
        assert_rows(store, "member", 200);
        reap_all(store).await;
        assert_rows(store, "member", 0);
    }
}

contract! {
    async fn a_deleted_organization_leaves_no_row(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        for org in [&acme, &umbra] {
            let connected = store.connection(org).await.organization;
            let ids = crowd(&connected, 10).await;
            let crew = team(&connected, "Crew", &strs(&ids)).await;
            team(&connected, "Waiting", &["00u1"]).await;
            clear_members(&connected, crew.id).await;
            let ada = testkit::user("ada").with("displayName", "Ada");
            let ada = crate::support::create_user(&connected, ada).await.expect("new");
            let bob = testkit::user("bob").with("displayName", "Bob");
            crate::support::create_user(&connected, bob).await.expect("new");
            crate::support::delete_user(&connected, ada.id).await.expect("there");
        }
        organization::delete(&store.store, &acme.tenant, &acme.slug).await.expect("there");
        reap_all(store).await;
        // What the other one has, reaped as well, is all there is.
        let left: Vec<_> = TABLES.iter().map(|table| rows(store, table)).collect();
        named(&umbra, "late").await;
        organization::delete(&store.store, &umbra.tenant, &umbra.slug).await.expect("there");
        if store.engine == Engine::Sqlite {
            for (table, count) in TABLES.iter().zip(left) {
                let empty = matches!(*table, "member" | "reap");
                assert_eq!(count == Some(0), empty, "{table}: {count:?}");
            }
        }
        reap_all(store).await;
        for table in TABLES {
            assert_rows(store, table, 0);
        }
    }
}

//! The sync log: each request of a provider, added without a lock, and removed when it is old.

use std::time::Duration;

use directory::{
    RequestId,
    connection::Connection,
    maintenance::reap,
    organization,
    sync_log::{self, Draft, Entry, Served},
    token::{self, Caller},
};
use testkit::{TestConnection, TestOrganization, TestStore, contract};

use crate::{
    outside::Outside,
    support::{code, named, newest},
};

async fn caller(store: &TestStore, connection: &TestConnection) -> Caller {
    let issued = connection.organization.issue(&connection.connection).await;
    let shown = token::authenticate(&store.store, issued.reveal(), None, None).await;
    shown.expect("an answer").expect("a live token")
}

fn draft(store: &TestStore, caller: &Caller, path: &str) -> Draft {
    let served = Served {
        at: store.now(),
        request: RequestId::new(store.store.random()),
        method: "PATCH".to_owned(),
        path: path.to_owned(),
        target: Some("7".to_owned()),
        status: 409,
        micros: 1_234,
        detail: Some("why".to_owned()),
        notes: None,
        query: None,
        found: None,
        events: None,
    };
    Draft::new(&store.store, caller, served)
}

async fn log(store: &TestStore, caller: &Caller, path: &str) {
    let draft = draft(store, caller, path);
    sync_log::write(&store.store, vec![draft]).await.expect("written");
}

async fn entries(org: &TestOrganization, connection: &Connection) -> Vec<Entry> {
    let connection = connection.clone();
    let read = org.read(move |reader| sync_log::before(reader, &connection, None, 100));
    read.await.expect("entries")
}

contract! {
    async fn an_entry_is_kept_as_it_was_and_changes_nothing_else(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let caller = caller(store, &okta).await;
        let before = newest(&acme).await;
        log(store, &caller, "/Users/7").await;
        let Entry { token, served, .. } = entries(&acme, &okta.connection).await.remove(0);
        assert_eq!((&*served.method, &*served.path, served.status), ("PATCH", "/Users/7", 409));
        assert_eq!((token, served.micros), (caller.token_no(), 1_234));
        assert_eq!((served.detail.as_deref(), served.notes.as_deref()), (Some("why"), None));
        assert_eq!((served.target.as_deref(), served.at), (Some("7"), store.now()));
        assert_eq!(newest(&acme).await, before);
        // A long text is cut.
        store.clock.advance(Duration::from_secs(1));
        log(store, &caller, &"é".repeat(2_000)).await;
        let long = entries(&acme, &okta.connection).await.remove(0);
        assert_eq!(long.served.path, format!("{}…", "é".repeat(1_000)));
    }
}

contract! {
    async fn entries_of_a_connection_are_read_newest_first_in_pages(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (okta, entra) = (store.connection(&acme).await, store.connection(&acme).await);
        let theirs = store.connection(&umbra).await;
        let mut callers = Vec::new();
        for connection in [&okta, &entra, &theirs] {
            callers.push(caller(store, connection).await);
        }
        // Those of several organizations are written together; some are of the same moment.
        for round in 0..5 {
            if round % 2 == 0 {
                store.clock.advance(Duration::from_secs(1));
            }
            let drafts = callers.iter().map(|it| draft(store, it, &format!("/{round}"))).collect();
            sync_log::write(&store.store, drafts).await.expect("written");
        }
        for (org, of) in [(&acme, &okta), (&acme, &entra), (&umbra, &theirs)] {
            let (mut met, mut last): (Vec<Entry>, Option<Entry>) = (Vec::new(), None);
            loop {
                let (connection, after) = (of.connection.clone(), last.clone());
                let page = org
                    .read(move |reader| sync_log::before(reader, &connection, after.as_ref().map(Entry::key), 2))
                    .await
                    .expect("a page");
                met.extend(page.iter().cloned());
                match page.last() {
                    Some(entry) => last = Some(entry.clone()),
                    None => break,
                }
            }
            assert!(met.is_sorted_by(|one, other| one.served.at >= other.served.at), "{met:?}");
            let mut paths: Vec<&str> = met.iter().map(|entry| &*entry.served.path).collect();
            paths.sort_unstable();
            assert_eq!(paths, ["/0", "/1", "/2", "/3", "/4"]);
        }
    }
}

contract! {
    async fn a_provider_does_not_read_it(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let connection = okta.connection.clone();
        let read = store.store.read(&okta.organization.access, move |reader| {
            sync_log::before(reader, &connection, None, 10)
        });
        assert_eq!(code(read.await), "not_permitted");
    }
}

contract! {
    async fn it_is_written_while_the_organization_is_changed(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let caller = caller(store, &okta).await;
        let mut line = Vec::new();
        for number in 0..20 {
            let (acme, store, draft) =
                (acme.clone(), store.store.clone(), draft(store, &caller, "/Users"));
            line.push(tokio::spawn(async move {
                named(&acme, &format!("user{number}")).await;
                sync_log::write(&store, vec![draft]).await.expect("written");
            }));
        }
        for one in line {
            one.await.expect("no panic");
        }
        assert_eq!(entries(&acme, &okta.connection).await.len(), 20);
        assert_eq!(acme.get().await.users, 20);
    }
}

contract! {
    async fn nothing_is_written_for_an_organization_that_is_gone(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let caller = caller(store, &okta).await;
        let outside = Outside::of(store);
        let org = outside.org("acme");
        log(store, &caller, "/Users/7").await;
        assert_eq!(outside.rows_of("sync_log", org), 1);
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
        // A request that was served just before: its entry comes when nothing clears it away.
        while reap::step(&store.store).await.expect("a step") {}
        log(store, &caller, "/Users/8").await;
        assert_eq!(outside.rows_of("sync_log", org), 0);
    }
}

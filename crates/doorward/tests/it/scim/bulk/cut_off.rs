//! The store ends in the middle of a bulk request: what was committed is told, and what was not.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use directory::{Clock, Random, Store, StoreOptions, Time};
use serde_json::{Value as Json, json};
use server::http::Limits;
use testkit::{TestServer, contract};
use tokio::{runtime, task};

use super::{bulk, statuses, user};
use crate::scim::support::Client;

/// A clock that, once it is armed, closes its store as soon as a writer asks for the time: in the
/// middle of a piece.
#[derive(Debug)]
struct Closing {
    time: Time,
    armed: AtomicBool,
    store: OnceLock<Store>,
}

impl Clock for Closing {
    fn now(&self) -> Time {
        let is_writer =
            thread::current().name().is_some_and(|name| name.starts_with("store-writer"));
        if is_writer && self.armed.swap(false, Ordering::SeqCst) {
            let store = self.store.get().expect("a store").clone();
            let closing = store.clone();
            // Closing waits for this very thread.
            thread::spawn(move || closing.close());
            let runtime = runtime::Builder::new_current_thread().build().expect("a runtime");
            while runtime.block_on(store.ping()).is_ok() {}
        }
        self.time
    }
}

contract!(async fn what_was_done_is_told_and_what_was_not(store) {
    let client = Client::open(store).await;
    let clock =
        Arc::new(Closing { time: store.now(), armed: AtomicBool::new(false), store: OnceLock::new() });
    let options = StoreOptions {
        location: store.location(),
        clock: Arc::<Closing>::clone(&clock),
        random: Arc::new(Random::from_seed(9)),
        create: false,
        pools: directory::Pools::default(),
    };
    let ending = task::spawn_blocking(|| Store::open(options)).await.expect("no panic");
    let ending = ending.expect("the store opens twice");
    clock.store.set(ending.clone()).expect("once");
    let ending = client.on(TestServer::over(ending, Limits::default()));
    // That the token was used is written before this, and not again.
    ending.user("first").await;

    clock.armed.store(true, Ordering::SeqCst);
    let operations: Vec<Json> =
        (0..300).map(|at| user(&at.to_string(), &format!("u{at}"))).collect();
    let reply = bulk(&ending, json!(operations)).await;
    let statuses = statuses(&reply);
    let (done, left): (Vec<&str>, Vec<&str>) =
        statuses.split(", ").partition(|status| *status == "201");
    assert_eq!((done.len(), left.len()), (64, 236), "the first piece is what ran");
    assert!(left.iter().all(|status| *status == "503"), "{statuses}");
    let last = &reply.json()["Operations"][299];
    assert_eq!(last["bulkId"], "299");
    assert!(last.get("location").is_none(), "{last}");
    assert_eq!(last["response"]["status"], "503");
    // What was told is what is there.
    assert_eq!(client.get("/Users?count=0").await.json()["totalResults"], 65);
    // A request of which nothing could be done is an error as a whole.
    assert_eq!(ending.get("/Users").await.status, 503);
});

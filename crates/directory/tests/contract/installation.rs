//! The installation: settings that every process reads, and what a store says of itself.

use directory::{Error, Location, Random, Store, StoreOptions, Unusable, installation::Setting};
use std::sync::Arc;
use testkit::{Engine, TestStore, contract};

use crate::outside::Outside;

contract! {
    async fn a_setting_is_kept_for_every_process(store) {
        let installation = store.installation();
        assert_eq!(installation.setting(Setting::PublicUrl).await.expect("an answer"), None);
        for url in [Some("https://one.example"), Some("https://two.example"), None] {
            installation.set(Setting::PublicUrl, url).await.expect("set");
            let other = store.another();
            #[expect(clippy::disallowed_methods, reason = "tests act as operators")]
            let elsewhere = directory::Installation::of_command_line(&other);
            let read = elsewhere.setting(Setting::PublicUrl).await.expect("an answer");
            assert_eq!(read.as_deref(), url);
            assert_eq!(elsewhere.setting(Setting::DefaultPlan).await.expect("an answer"), None);
            tokio::task::block_in_place(|| other.close());
        }
    }
}

fn open(store: &TestStore, location: Location, create: bool) -> Result<Store, Error> {
    let clock = Arc::clone(&store.clock) as _;
    let random = Arc::new(Random::from_seed(99));
    let options =
        StoreOptions { location, clock, random, create, pools: directory::Pools::default() };
    std::thread::scope(|scope| scope.spawn(|| Store::open(options)).join()).expect("no panic")
}

contract! {
    async fn a_store_says_whether_it_was_made_just_now(store) {
        // On PostgreSQL it may have been given the tables that another test left.
        let location = store.location();
        if store.engine == Engine::Sqlite {
            assert!(store.store.was_created());
        }
        let again = open(store, location.clone(), true).expect("it opens");
        assert!(!again.was_created());
        tokio::task::block_in_place(|| again.close());
        let again = open(store, location, false).expect("it opens");
        again.ping().await.expect("it answers");
        tokio::task::block_in_place(|| again.close());
    }
}

#[test]
fn where_there_is_no_store_none_is_opened() {
    let store = TestStore::open(Engine::Sqlite);
    let Location::Directory(directory) = store.location() else { unreachable!("on SQLite") };
    let nowhere = Location::Directory(directory.join("nowhere"));
    let refused = open(&store, nowhere, false);
    assert!(matches!(refused, Err(Error::Unusable(Unusable::Missing))), "{refused:?}");
    assert!(!directory.join("nowhere").exists(), "not even an empty one was left");
}

fn newer(engine: Engine) {
    if !engine.takes_part() {
        return;
    }
    let store = TestStore::open(engine);
    Outside::of(&store).execute(
        "insert into schema_history (version, name, checksum) \
         select 999, 'from_the_future', checksum from schema_history",
    );
    let refused = open(&store, store.location(), true);
    let Err(Error::Unusable(Unusable::NewSchema { found: 999, known })) = refused else {
        panic!("{refused:?}")
    };
    assert!(known < 999);
}

fn other_text(engine: Engine) {
    if !engine.takes_part() {
        return;
    }
    let store = TestStore::open(engine);
    Outside::of(&store)
        .execute("update schema_history set checksum = (select audit_head from installation)");
    let refused = store.location().migrate();
    assert!(matches!(refused, Err(Error::Unusable(Unusable::OtherSchema { version: 1 }))));
}

#[test]
fn a_store_whose_schema_was_made_by_another_text_is_not_migrated_on_sqlite() {
    other_text(Engine::Sqlite);
}

#[test]
fn a_store_whose_schema_was_made_by_another_text_is_not_migrated_on_postgres() {
    other_text(Engine::Postgres);
}

#[test]
fn an_older_program_refuses_a_newer_store_on_sqlite() {
    newer(Engine::Sqlite);
}

#[test]
fn an_older_program_refuses_a_newer_store_on_postgres() {
    newer(Engine::Postgres);
}

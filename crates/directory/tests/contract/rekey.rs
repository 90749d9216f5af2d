//! The rule of folding text: a store that was folded by another one is refused, until every key has
//! been made anew.

use std::sync::Arc;

use directory::{
    Error, Random, Store, StoreOptions, Unusable, audit::AuditKind, maintenance::rekey, schemas,
    user,
};
use scim::{Object, schema::definition::Definition};
use testkit::{Engine, TestOrganization, TestStore, contract};

use crate::{
    outside::Outside,
    support::{create_user, named, names, of_installation, team, teams},
};

fn options(store: &TestStore) -> StoreOptions {
    StoreOptions {
        location: store.location(),
        clock: Arc::clone(&store.clock) as _,
        random: Arc::new(Random::from_seed(99)),
        create: false,
        pools: directory::Pools::default(),
    }
}

/// Opens it once more, on a thread that has no runtime.
fn reopen(
    store: &TestStore,
    open: fn(StoreOptions) -> Result<Store, Error>,
) -> Result<Store, Error> {
    let options = options(store);
    std::thread::scope(|scope| scope.spawn(|| open(options)).join()).expect("no panic")
}

async fn fill(org: &TestOrganization) {
    let text = r#"{"name":"badge","schemas":[{"id":"urn:example:badge","name":"Badge","attributes":[
            {"name":"number","type":"string","uniqueness":"server"}]}],
        "extensions":[{"resourceType":"User","schema":"urn:example:badge","index":["number"]}]}"#;
    let badge: Definition = serde_json::from_str(text).expect("a definition");
    schemas::register(&org.store, &org.operator, &badge, &mut |_| {}).await.expect("registered");
    for name in ["Ada", "Alan"] {
        let number = Object::new().with("number", format!("N{name}"));
        let person = testkit::user(name)
            .with("displayName", "Same")
            .with("externalId", format!("ext-{name}"))
            .with("urn:example:badge", number);
        create_user(org, person).await.expect("new");
    }
    team(org, "Crew", &[]).await;
}

/// As a store looks whose keys another rule has made.
fn fold_otherwise(store: &TestStore) {
    let outside = Outside::of(store);
    outside.execute("update installation set folding = 'other rule'");
    outside.execute("update resource set name_key = name_key || '?' where name_key is not null");
    outside.execute("update attribute_index set key = key || '?'");
}

contract! {
    async fn a_store_that_was_folded_by_another_rule_is_refused(store) {
        fill(&store.organization("acme").await).await;
        fold_otherwise(store);
        let refused = reopen(store, Store::open);
        let Err(Error::Unusable(Unusable::OtherFolding { found, needed })) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(found, "other rule");
        // What makes the keys anew opens it.
        let other = reopen(store, Store::open_with_any_folding).expect("it opens");
        let mut heard = Vec::new();
        let rekeyed = rekey::run(&testkit::installation(&other), &mut |seen| heard.push(seen)).await.expect("rekeyed");
        assert_eq!((&*rekeyed.before, &rekeyed.after), ("other rule", &needed));
        assert_eq!((rekeyed.resources, rekeyed.conflicts), (3, vec![]));
        assert_eq!(heard.last(), Some(&3));
        tokio::task::block_in_place(|| other.close());
        let other = reopen(store, Store::open).expect("the rule is this program's");
        tokio::task::block_in_place(|| other.close());
        let last = of_installation(store).await.pop().expect("the last one");
        assert_eq!(last.kind(), AuditKind::StoreRekeyed);
        // It was a command of an operator, like any other.
        assert_eq!(last.principal, "operator");
        assert!(last.request.is_some(), "{last:?}");
    }
}

contract! {
    async fn every_key_is_made_anew(store) {
        let acme = store.organization("acme").await;
        fill(&acme).await;
        fill(&store.organization("umbra").await).await;
        fold_otherwise(store);
        assert!(names(&acme, r#"userName eq "ada""#).await.is_empty());
        let rekeyed = rekey::run(&store.installation(), &mut |_| {}).await.expect("rekeyed");
        assert_eq!((rekeyed.resources, rekeyed.conflicts), (6, vec![]));
        assert_eq!(names(&acme, r#"userName eq "ada""#).await, ["Ada"]);
        assert_eq!(names(&acme, r#"displayName eq "same""#).await, ["Ada", "Alan"]);
        assert_eq!(teams(&acme, r#"displayName eq "crew""#).await, ["Crew"]);
        // Versions and events are as they were: nothing that anyone sees has changed.
        let ada = acme.read(|reader| user::by_username(reader, "ADA")).await.expect("there");
        assert_eq!(ada.version.number(), 1);
        assert_eq!(acme.get().await.last_event.number(), 4);
        // Doing it again finds the same.
        let again = rekey::run(&store.installation(), &mut |_| {}).await.expect("rekeyed");
        assert_eq!((again.before, again.resources), (again.after, 6));
    }
}

/// Runs on one engine each, for the store cannot be clean afterwards.
fn names_that_are_one_name_now(engine: Engine) {
    if !engine.takes_part() {
        return;
    }
    let store = TestStore::open(engine);
    store.block_on(async {
        let acme = store.organization("acme").await;
        named(&acme, "ada").await;
        named(&acme, "alan").await;
        named(&acme, "grace").await;
        fold_otherwise(&store);
        // By the other rule these were two names.
        let outside = Outside::of(&store);
        outside.execute(
            "update resource set name = 'ADA', doc = replace(doc, 'alan', 'ADA') \
             where name = 'alan'",
        );
        let rekeyed = rekey::run(&store.installation(), &mut |_| {}).await.expect("rekeyed");
        assert_eq!((rekeyed.resources, rekeyed.conflicts), (3, vec!["acme: ADA".to_owned()]));
        assert_eq!(names(&acme, r#"userName eq "grace""#).await, ["grace"]);
    });
}

#[test]
fn names_that_are_one_name_now_are_told_on_sqlite() {
    names_that_are_one_name_now(Engine::Sqlite);
}

#[test]
fn names_that_are_one_name_now_are_told_on_postgres() {
    names_that_are_one_name_now(Engine::Postgres);
}

/// Two users whose numbers, which must be unique, are one number now.
fn unique_values_that_are_one_value_now(engine: Engine) {
    if !engine.takes_part() {
        return;
    }
    let store = TestStore::open(engine);
    store.block_on(async {
        let acme = store.organization("acme").await;
        fill(&acme).await;
        fold_otherwise(&store);
        Outside::of(&store).execute("update resource set doc = replace(doc, 'NAlan', 'nada')");
        let rekeyed = rekey::run(&store.installation(), &mut |_| {}).await.expect("rekeyed");
        assert_eq!((rekeyed.resources, rekeyed.conflicts), (3, vec!["acme: Alan".to_owned()]));
        assert_eq!(teams(&acme, r#"displayName eq "crew""#).await, ["Crew"]);
    });
}

#[test]
fn unique_values_that_are_one_value_now_are_told_on_sqlite() {
    unique_values_that_are_one_value_now(Engine::Sqlite);
}

#[test]
fn unique_values_that_are_one_value_now_are_told_on_postgres() {
    unique_values_that_are_one_value_now(Engine::Postgres);
}

contract! {
    async fn an_old_key_is_in_no_ones_way(store) {
        let acme = store.organization("acme").await;
        fill(&acme).await;
        team(&acme, "Deck", &[]).await;
        fold_otherwise(store);
        let outside = Outside::of(store);
        // By the other rule the name and the number of each were those of another one by this rule.
        outside.execute(
            "update resource set name_key = case name \
             when 'Ada' then 'alan' when 'Alan' then 'ada' when 'Crew' then 'deck' else 'crew' end",
        );
        outside.execute(
            "update attribute_index set key = case key \
             when 'nada?' then 'nalan' when 'nalan?' then 'nada' else key end",
        );
        let rekeyed = rekey::run(&store.installation(), &mut |_| {}).await.expect("rekeyed");
        assert_eq!((rekeyed.resources, rekeyed.conflicts), (4, vec![]));
        assert_eq!(names(&acme, r#"userName eq "ada""#).await, ["Ada"]);
        assert_eq!(teams(&acme, r#"displayName eq "deck""#).await, ["Deck"]);
    }
}

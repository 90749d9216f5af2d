//! Registered schemas and resource types: what is defined is known at once, what is in use stays.

use directory::{
    Error,
    custom::{self, Custom},
    schemas::{self, Registered, Scope},
    search::{Search, Start},
    user::{self, User},
};
use scim::{Filter, Notes, Object, Precondition, ScimType, Value, schema::definition::Definition};
use testkit::{Shipped as _, TestOrganization, TestStore, contract, patch};

use crate::support::{create_user, is_missing, keyword, named};

const BADGE: &str = "urn:example:params:scim:schemas:badge:2.0:User";

/// An extension of User; `attributes` beside the number, and which are indexed.
fn badge(more: &str, index: &str) -> Definition {
    let text = format!(
        r#"{{"name":"badge","schemas":[{{"id":"{BADGE}","name":"Badge","attributes":[
            {{"name":"number","type":"string","uniqueness":"server"}},
            {{"name":"floor","type":"integer"}}{more}]}}],
          "extensions":[{{"resourceType":"User","schema":"{BADGE}","index":[{index}]}}]}}"#
    );
    serde_json::from_str(&text).expect("a definition")
}

/// A type with a name that must be unique.
fn licence() -> Definition {
    let text = r#"{"name":"licence","schemas":[{"id":"urn:example:licence","name":"Licence",
        "attributes":[{"name":"displayName","type":"string","required":true,"uniqueness":"server"},
            {"name":"seats","type":"integer"},
            {"name":"key","type":"string","mutability":"immutable"}]}],
      "resourceTypes":[{"name":"Licence","endpoint":"/Licences","schema":"urn:example:licence",
        "index":["seats"]}]}"#;
    serde_json::from_str(text).expect("a definition")
}

async fn register(org: &TestOrganization, definition: &Definition) -> Result<Registered, Error> {
    let scope = Scope::Organization(org.tenant);
    schemas::register(&org.store, scope, definition, &mut |_| {}).await
}

async fn install(store: &TestStore, definition: &Definition) -> Result<Registered, Error> {
    schemas::register(&store.store, Scope::Installation, definition, &mut |_| {}).await
}

async fn remove(org: &TestOrganization, name: &str) -> Result<(), Error> {
    schemas::remove(&org.store, Scope::Organization(org.tenant), name).await
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(sentence)) => sentence.into_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

fn bearer(name: &str, number: &str, floor: i64) -> Object {
    let badge = Object::new().with("number", number).with("floor", floor);
    testkit::user(name).with(BADGE, badge)
}

/// The userNames of the users that match, under the organization's own schemas.
async fn names(org: &TestOrganization, filter: &str, budget: usize) -> Result<String, Error> {
    let filter = Filter::parse(filter).expect("a filter");
    let page = org
        .read(move |reader| {
            use directory::Record as _;
            let schemas = schemas::current(reader)?;
            filter.check(schemas.user(), &mut Notes::default())?;
            let filter = Some(filter.clone());
            let search = Search {
                filter,
                sort: None,
                start: Start::At(0),
                count: 100,
                budget,
                base_url: String::new(),
            };
            User::search(reader, schemas.user(), &search)
        })
        .await?;
    let names: Vec<&str> =
        page.items.iter().filter_map(|user| user.resource.str("userName")).collect();
    Ok(names.join(" "))
}

async fn create(org: &TestOrganization, licence: Object) -> Result<Custom, Error> {
    org.write(move |writer| {
        let schemas = schemas::current(writer)?;
        let schema = schemas.at("/Licences").ok_or(Error::NotFound)?;
        custom::create(writer, schema, &licence)
    })
    .await
}

fn named_licence(name: &str) -> Object {
    Object::new().with("displayName", name)
}

contract!(async fn an_extension_is_known_at_once_and_found_by_its_index(store) {
    let acme = store.organization("acme").await;
    let unknown = names(&acme, &format!("{BADGE}:floor eq 3"), 10).await;
    assert_eq!(keyword(unknown), ScimType::InvalidFilter);
    let registered = register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    assert_eq!(registered, Registered { replaced: false, indexed: 0 });
    for (name, number, floor) in [("ada", "1", 3), ("bob", "2", -3), ("cid", "3", 3)] {
        create_user(&acme, bearer(name, number, floor)).await.expect("created");
    }
    // A budget that suffices for what an index finds, and not for looking at everybody.
    assert_eq!(names(&acme, &format!("{BADGE}:number eq \"2\""), 1).await.expect("one"), "bob");
    assert_eq!(names(&acme, &format!("{BADGE}:floor eq 3"), 2).await.expect("two"), "ada cid");
});

contract!(async fn what_must_be_unique_is(store) {
    let acme = store.organization("acme").await;
    register(&acme, &badge("", "")).await.expect("registered");
    let ada = create_user(&acme, bearer("ada", "A1", 1)).await.expect("created");
    let twice = create_user(&acme, bearer("bob", "a1", 1)).await;
    assert_eq!(keyword(twice), ScimType::Uniqueness);
    let bob = create_user(&acme, bearer("bob", "B2", 1)).await.expect("another number");
    let path = format!(r#"[{{"op":"replace","path":"{BADGE}:number","value":"A1"}}]"#);
    let operations = patch(&path);
    let taken = acme
        .write(move |writer| user::patch(writer, bob.id, &Precondition::NONE, &operations, &mut Notes::default()))
        .await;
    assert_eq!(keyword(taken), ScimType::Uniqueness);
    // Its own number is nobody else's.
    let id = ada.id;
    acme.write(move |writer| user::replace(writer, id, &Precondition::NONE, &bearer("ada", "A1", 2)))
        .await
        .expect("replaced");
});

contract!(async fn another_organization_knows_nothing_of_it(store) {
    let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
    register(&acme, &badge("", "")).await.expect("registered");
    register(&acme, &licence()).await.expect("registered");
    create_user(&acme, bearer("ada", "1", 1)).await.expect("created");
    let gold = create(&acme, named_licence("Gold")).await.expect("created");
    let schemas = umbra.read(schemas::current).await.expect("schemas");
    assert!(schemas.user().extension(BADGE).is_none() && schemas.at("/Licences").is_none());
    assert!(is_missing(&create(&umbra, named_licence("Gold")).await));
    // Not even one that has the same type.
    register(&umbra, &licence()).await.expect("registered");
    let found = umbra
        .read(move |reader| {
            let schemas = schemas::current(reader)?;
            custom::get(reader, schemas.at("/Licences").expect("registered"), gold.id)
        })
        .await;
    assert!(is_missing(&found));
    create(&umbra, named_licence("Gold")).await.expect("unique in its own organization only");
});

contract!(async fn what_is_in_use_stays(store) {
    let acme = store.organization("acme").await;
    register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    let ada = create_user(&acme, bearer("ada", "1", 1)).await.expect("created");
    assert!(refusal(remove(&acme, "badge").await).contains("carry"));
    let mut changed = badge("", "\"floor\"");
    changed.schemas[0].attributes[1].kind = scim::schema::Type::String;
    assert!(refusal(register(&acme, &changed).await).contains("its type"));
    assert!(refusal(register(&acme, &badge("", "")).await).contains("keeps its index"));
    let more = badge(r#", {"name":"colour","type":"string"}"#, "\"floor\"");
    let registered = register(&acme, &more).await.expect("an attribute more");
    assert_eq!(registered, Registered { replaced: true, indexed: 0 });
    acme.write(move |writer| user::replace(writer, ada.id, &Precondition::NONE, &testkit::user("ada")))
        .await
        .expect("nobody carries it any more");
    remove(&acme, "badge").await.expect("removed");
    assert!(is_missing(&remove(&acme, "badge").await));
    let schemas = acme.read(schemas::current).await.expect("schemas");
    assert!(schemas.user().extension(BADGE).is_none());
});

contract!(async fn an_index_that_comes_later_is_filled(store) {
    let acme = store.organization("acme").await;
    register(&acme, &badge("", "")).await.expect("registered");
    for n in 0..7 {
        create_user(&acme, bearer(&format!("u{n}"), &n.to_string(), n % 2)).await.expect("created");
    }
    named(&acme, "without").await;
    let filter = format!("{BADGE}:floor eq 1");
    assert_eq!(keyword(names(&acme, &filter, 3).await), ScimType::TooMany);
    let registered = register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    assert_eq!(registered, Registered { replaced: true, indexed: 8 });
    assert_eq!(names(&acme, &filter, 3).await.expect("found by the index"), "u1 u3 u5");
    // Doing it again finds nothing to do.
    let again = register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    assert_eq!(again, Registered { replaced: true, indexed: 0 });
});

contract!(async fn a_type_has_resources_of_its_own(store) {
    let acme = store.organization("acme").await;
    register(&acme, &licence()).await.expect("registered");
    let gold = create(&acme, named_licence("Gold").with("key", "k1")).await.expect("created");
    assert_eq!(keyword(create(&acme, named_licence("GOLD")).await), ScimType::Uniqueness);
    let id = gold.id;
    let change = move |resource: Object| {
        let acme = acme.clone();
        async move {
            acme.write(move |writer| {
                let schemas = schemas::current(writer)?;
                let schema = schemas.at("/Licences").expect("registered");
                custom::replace(writer, schema, id, &Precondition::NONE, &resource)
            })
            .await
        }
    };
    let silver = change(named_licence("Silver").with("seats", 5)).await.expect("replaced");
    assert_eq!((silver.version, silver.resource.str("key")), (2, Some("k1")));
    assert_eq!(silver.resource.get("seats"), Some(&Value::Integer(5)));
    let other_key = change(named_licence("Silver").with("key", "k2")).await;
    assert_eq!(keyword(other_key), ScimType::Mutability);
    let acme = store.organization("other").await;
    assert!(is_missing(&remove(&acme, "licence").await));
});

contract!(async fn resources_of_a_type_are_counted_paged_and_deleted(store) {
    use directory::Record as _;
    let acme = store.organization("acme").await;
    register(&acme, &licence()).await.expect("registered");
    let mut ids = Vec::new();
    for n in 0..300 {
        let licence = named_licence(&format!("L{n}")).with("seats", n);
        ids.push(create(&acme, licence).await.expect("created").id);
        if n % 3 == 0 {
            named(&acme, &format!("u{n}")).await;
        }
    }
    let list = |skip, count| {
        let acme = acme.clone();
        async move {
            let page = acme
                .read(move |reader| {
                    let schemas = schemas::current(reader)?;
                    Custom::list(reader, schemas.at("/Licences").expect("it"), skip, count)
                })
                .await
                .expect("a page");
            (page.total, page.items.iter().map(|one| one.id).collect::<Vec<_>>())
        }
    };
    assert_eq!(list(150, 100).await, (300, ids[150..250].to_vec()));
    assert!(refusal(remove(&acme, "licence").await).contains("resources of the type Licence"));
    for id in ids.clone() {
        acme.write(move |writer| {
            let schemas = schemas::current(writer)?;
            custom::delete(writer, schemas.at("/Licences").expect("it"), id, &Precondition::NONE)
        })
        .await
        .expect("deleted");
    }
    assert_eq!(list(0, 10).await, (0, vec![]));
    remove(&acme, "licence").await.expect("nobody uses it");
    let users = acme.read(|reader| User::list(reader, User::schema(), 0, 1)).await;
    assert_eq!(users.expect("users").total, 100);
});

contract!(async fn what_is_installed_is_there_for_everybody(store) {
    let acme = store.organization("acme").await;
    install(store, &licence()).await.expect("installed");
    let late = store.organization("late").await;
    for org in [&acme, &late] {
        create(org, named_licence("Gold")).await.expect("the type is known");
    }
    assert!(refusal(register(&acme, &licence()).await).contains("in use for the whole"));
    // What one organization has must fit to what everybody gets.
    register(&acme, &badge("", "")).await.expect("registered");
    let mut same = badge("", "");
    "same".clone_into(&mut same.name);
    assert!(refusal(install(store, &same).await).contains("already"));
    let gone = schemas::remove(&store.store, Scope::Installation, "licence").await;
    assert!(refusal(gone).contains("Licence"));
    let listed = acme.read(schemas::list).await.expect("a list");
    let listed: Vec<(&str, bool)> =
        listed.iter().map(|it| (it.definition.name.as_str(), it.installed)).collect();
    assert_eq!(listed, [("licence", true), ("badge", false)]);
});

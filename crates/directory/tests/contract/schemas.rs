//! Registered schemas and resource types: what is defined is known at once, what is in use stays.

use directory::{
    Error, Noun, Registered,
    audit::{AuditKind, Payload},
    registered,
    schemas::{self, Registration, install, uninstall},
    search::{self, Page, Search},
};
use scim::{Filter, Notes, Object, Value, schema::definition::Definition};
use testkit::{TestOrganization, TestStore, contract};

use crate::support::{
    Shipped, audited, change_user, code, conflict, create_user, is_missing, list, named,
    newest_audit, of_installation, set, whole,
};

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

async fn register(org: &TestOrganization, definition: &Definition) -> Result<Registration, Error> {
    schemas::register(&org.store, &org.operator, definition, &mut |_| {}).await
}

async fn install_in(store: &TestStore, definition: &Definition) -> Result<Registration, Error> {
    install(&store.installation(), definition, &mut |_| {}).await
}

async fn remove(org: &TestOrganization, name: &str) -> Result<(), Error> {
    schemas::remove(&org.store, &org.operator, name).await
}

/// Why a definition is refused.
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Conflict { attribute, detail } | Error::Invalid { attribute, detail }) => {
            assert_eq!(attribute, "definition");
            detail.into_owned()
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn bearer(name: &str, number: &str, floor: i64) -> Object {
    let badge = Object::new().with("number", number).with("floor", floor);
    testkit::user(name).with(BADGE, badge)
}

/// The userNames of the users that match, under the organization's own schemas. `None`: they do not
/// know what the filter asks for.
async fn names(
    org: &TestOrganization,
    filter: &str,
    budget: usize,
) -> Result<Option<String>, Error> {
    let filter = Filter::parse(filter).expect("a filter");
    let page = org
        .read(move |reader| {
            let schemas = schemas::current(reader)?;
            if filter.check(schemas.user(), &mut Notes::default()).is_err() {
                return Ok(None);
            }
            let search = Search { budget, ..whole(filter.clone()) };
            search::search(reader, &[schemas.user()], &search).map(Some)
        })
        .await?;
    let names = |page: Page<directory::Resource>| {
        page.items.iter().map(directory::Resource::name).collect::<Vec<_>>().join(" ")
    };
    Ok(page.map(names))
}

/// The same, of a filter that is known and cheap.
async fn found(org: &TestOrganization, filter: &str, budget: usize) -> String {
    names(org, filter, budget).await.expect("the budget suffices").expect("a known attribute")
}

async fn create(org: &TestOrganization, licence: Object) -> Result<Registered, Error> {
    org.write(move |writer| {
        let schemas = schemas::current(writer)?;
        let schema = schemas.at("/Licences");
        let schema = schema.ok_or_else(|| Error::not_found(Noun::ResourceType))?;
        registered::create(writer, schema, &licence)
    })
    .await
}

fn named_licence(name: &str) -> Object {
    Object::new().with("displayName", name)
}

contract!(async fn an_extension_is_known_at_once_and_found_by_its_index(store) {
    let acme = store.organization("acme").await;
    let unknown = names(&acme, &format!("{BADGE}:floor eq 3"), 10).await;
    assert_eq!(unknown.expect("an answer"), None);
    let registered = register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    assert_eq!(registered, Registration { replaced: false, indexed: 0 });
    for (name, number, floor) in [("ada", "1", 3), ("bob", "2", -3), ("cid", "3", 3)] {
        create_user(&acme, bearer(name, number, floor)).await.expect("created");
    }
    // A budget that suffices for what an index finds, and not for looking at all.
    assert_eq!(found(&acme, &format!("{BADGE}:number eq \"2\""), 1).await, "bob");
    assert_eq!(found(&acme, &format!("{BADGE}:floor eq 3"), 2).await, "ada cid");
});

contract!(async fn what_must_be_unique_is(store) {
    let acme = store.organization("acme").await;
    register(&acme, &badge("", "")).await.expect("registered");
    let ada = create_user(&acme, bearer("ada", "A1", 1)).await.expect("created");
    let twice = create_user(&acme, bearer("bob", "a1", 1)).await;
    assert_eq!(conflict(twice), format!("{BADGE}:number"));
    let bob = create_user(&acme, bearer("bob", "B2", 1)).await.expect("another number");
    let badge = Object::new().with("number", "A1").with("floor", 1);
    assert_eq!(conflict(set(&acme, bob.id, BADGE, badge).await), format!("{BADGE}:number"));
    // Its own number is no other's.
    let own = bearer("ada", "A1", 2).with("active", true);
    change_user(&acme, ada.id, own).await.expect("changed");
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
            registered::get(reader, schemas.at("/Licences").expect("registered"), gold.id)
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
    assert_eq!(registered, Registration { replaced: true, indexed: 0 });
    change_user(&acme, ada.id, testkit::user("ada")).await.expect("none carries it any more");
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
    assert_eq!(code(names(&acme, &filter, 3).await), "too_expensive");
    let registered = register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    assert_eq!(registered, Registration { replaced: true, indexed: 8 });
    assert_eq!(found(&acme, &filter, 3).await, "u1 u3 u5");
    // Doing it again finds nothing to do.
    let again = register(&acme, &badge("", "\"floor\"")).await.expect("registered");
    assert_eq!(again, Registration { replaced: true, indexed: 0 });
});

contract!(async fn a_type_has_resources_of_its_own(store) {
    let acme = store.organization("acme").await;
    register(&acme, &licence()).await.expect("registered");
    let gold = create(&acme, named_licence("Gold").with("key", "k1")).await.expect("created");
    assert_eq!(conflict(create(&acme, named_licence("GOLD")).await), "displayName");
    let id = gold.id;
    let change = move |attributes: Object| {
        let acme = acme.clone();
        async move {
            acme.write(move |writer| {
                let schemas = schemas::current(writer)?;
                let schema = schemas.at("/Licences").expect("registered");
                let before = registered::get(writer, schema, id)?;
                registered::change(writer, schema, &before, attributes.clone())
            })
            .await
        }
    };
    let silver = named_licence("Silver").with("seats", 5).with("key", "k1");
    let silver = change(silver).await.expect("changed");
    assert_eq!((silver.version.number(), silver.attributes.str("key")), (2, Some("k1")));
    assert_eq!(silver.attributes.get("seats"), Some(&Value::Integer(5)));
    let same = change(silver.attributes.to_object()).await.expect("there");
    assert_eq!(same.version, silver.version);
    let other_key = change(named_licence("Silver").with("key", "k2")).await;
    assert_eq!(code(other_key), "immutable");
    assert_eq!(code(change(named_licence("Silver")).await), "immutable");
    let acme = store.organization("other").await;
    assert!(is_missing(&remove(&acme, "licence").await));
});

contract!(async fn resources_of_a_type_are_counted_paged_and_deleted(store) {
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
    let licences = |skip, count| {
        let acme = acme.clone();
        async move {
            let page = acme
                .read(move |reader| {
                    let schemas = schemas::current(reader)?;
                    let schema = schemas.at("/Licences").expect("it");
                    search::search(reader, &[schema], &Search::all(skip, count))
                })
                .await
                .expect("a page");
            (page.total, page.items.iter().map(|one| one.id).collect::<Vec<_>>())
        }
    };
    assert_eq!(licences(150, 100).await, (300, ids[150..250].to_vec()));
    assert!(refusal(remove(&acme, "licence").await).contains("resources of the type Licence"));
    for id in ids.clone() {
        acme.write(move |writer| {
            let schemas = schemas::current(writer)?;
            let schema = schemas.at("/Licences").expect("it");
            let gone = registered::get(writer, schema, id)?;
            registered::delete(writer, schema, &gone)
        })
        .await
        .expect("deleted");
    }
    assert_eq!(licences(0, 10).await, (0, vec![]));
    remove(&acme, "licence").await.expect("none uses it");
    assert_eq!(list(&acme, Shipped::Users, 0, 1).await.total, 100);
});

contract!(async fn what_is_installed_is_there_for_every_organization(store) {
    let acme = store.organization("acme").await;
    install_in(store, &licence()).await.expect("installed");
    let late = store.organization("late").await;
    for org in [&acme, &late] {
        create(org, named_licence("Gold")).await.expect("the type is known");
    }
    assert!(refusal(register(&acme, &licence()).await).contains("in use for the whole"));
    // What one organization has must fit to what every one gets.
    register(&acme, &badge("", "")).await.expect("registered");
    let mut same = badge("", "");
    "same".clone_into(&mut same.name);
    assert!(refusal(install_in(store, &same).await).contains("already"));
    let gone = uninstall(&store.installation(), "licence").await;
    assert!(refusal(gone).contains("Licence"));
    let listed = acme.read(schemas::list).await.expect("a list");
    let listed: Vec<(&str, bool)> =
        listed.iter().map(|it| (it.definition.name.as_str(), it.installed)).collect();
    assert_eq!(listed, [("licence", true), ("badge", false)]);
});

contract!(async fn registering_is_audited_in_the_organization_and_the_installation(store) {
    let acme = store.organization("acme").await;
    let audit = newest_audit(&acme).await;
    register(&acme, &badge("", "")).await.expect("registered");
    install_in(store, &licence()).await.expect("installed");
    uninstall(&store.installation(), "licence").await.expect("none uses it");
    remove(&acme, "badge").await.expect("none uses it");
    let told: Vec<(AuditKind, String, String)> = audited(&acme, audit)
        .await
        .into_iter()
        .map(|entry| {
            let scope = match &entry.payload {
                Payload::SchemaRegistered(payload) => payload.scope.clone(),
                Payload::SchemaRemoved(payload) => payload.scope.clone(),
                other => panic!("{other:?}"),
            };
            (entry.kind(), entry.target, scope)
        })
        .collect();
    let (registered, removed) = (AuditKind::SchemaRegistered, AuditKind::SchemaRemoved);
    let expected = [
        (registered, "badge", "organization"),
        (registered, "licence", "installation"),
        (removed, "licence", "installation"),
        (removed, "badge", "organization"),
    ];
    assert_eq!(told, expected.map(|(kind, name, scope)| (kind, name.to_owned(), scope.to_owned())));
    let own = of_installation(store).await;
    let own: Vec<AuditKind> = own.iter().map(directory::audit::AuditEntry::kind).collect();
    assert_eq!(own, [AuditKind::OrganizationCreated, registered, removed]);
});

contract!(async fn a_provider_registers_nothing(store) {
    let acme = store.organization("acme").await;
    let okta = store.connection(&acme).await.organization;
    register(&acme, &licence()).await.expect("registered");
    let made = schemas::register(&store.store, &okta.access, &badge("", ""), &mut |_| {}).await;
    assert_eq!(code(made), "not_permitted");
    let gone = schemas::remove(&store.store, &okta.access, "licence").await;
    assert_eq!(code(gone), "not_permitted");
    assert_eq!(acme.read(schemas::list).await.expect("a list").len(), 1);
});

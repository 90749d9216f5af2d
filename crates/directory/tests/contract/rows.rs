//! A row that does not hold what the schema promises is reported with its table, column and key.

use directory::{
    AuditNo, Damage, Error, EventNo, audit, connection, event, group, organization, plan, role,
    search::{self, Search},
    token, user,
};
use scim::schema::{ResourceSchema, builtin};
use testkit::{Engine, TestOrganization, TestStore};

use crate::{
    outside::Outside,
    support::{create_user, role_name, team},
};

async fn fill(store: &TestStore) -> TestOrganization {
    let acme = store.organization("acme").await;
    store.connection(&acme).await;
    let ada = create_user(&acme, testkit::user("ada").with("displayName", "Ada")).await;
    let ada = ada.expect("new");
    let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
    acme.write(move |writer| {
        role::create(writer, &role_name("auditor"), "")?;
        role::map(writer, &crew, &role_name("auditor"))?;
        plan::add_add_on(writer, plan::Feature::Saml)
    })
    .await
    .expect("roles");
    acme
}

/// Everything that can be read of an organization: the damage that it meets first.
async fn read_all(org: &TestOrganization) -> Damage {
    let read = org.read(|reader| {
        organization::get(reader)?;
        for connection in connection::list(reader)? {
            token::list(reader, connection.id)?;
        }
        plan::add_ons(reader)?;
        role::list(reader)?;
        role::mapped(reader)?;
        event::after(reader, EventNo::START, 100)?;
        audit::after(reader, AuditNo::START, 100)?;
        let types: [&ResourceSchema; 2] = [builtin::user(), builtin::group()];
        search::search(reader, &types, &Search::all(0, 100))?;
        let ada = user::by_username(reader, "ada")?;
        role::of_user(reader, &ada)?;
        let crew = group::by_display_name(reader, "Crew")?;
        group::members(reader, &crew, None, 100)
    });
    match read.await {
        Err(Error::Damaged(damage)) => *damage,
        other => panic!("no damage was met: {other:?}"),
    }
}

/// Damages a row, and expects to be told of it.
fn names(engine: Engine, statement: &str, place: (&str, &str), key: &[&str]) {
    let store = TestStore::open(engine);
    let damage = store.block_on(async {
        let acme = fill(&store).await;
        let changed = Outside::of(&store).execute(statement);
        assert!(changed > 0, "nothing was damaged by {statement}");
        read_all(&acme).await
    });
    assert_eq!((&*damage.table, &*damage.column), place, "{statement}: {damage}");
    let org = key.iter().chain(&["$1="]).all(|part| damage.key.contains(part));
    assert!(org && !damage.problem.is_empty(), "{statement}: {damage}");
    let sentence = Error::Damaged(Box::new(damage)).to_string();
    assert!(sentence.contains(&format!("{}.{} (", place.0, place.1)), "{sentence}");
}

fn all(engine: Engine) {
    if !engine.takes_part() {
        return;
    }
    let of_ada = "where name = 'ada'";
    let resource = |set: &str| format!("update resource set {set} {of_ada}");
    names(engine, &resource("active = 7"), ("resource", "active"), &["kind=0", "no=1"]);
    names(engine, &resource("active = null"), ("resource", "active"), &["kind=0", "no=1"]);
    names(engine, &resource("id = 'nonsense'"), ("resource", "id"), &["kind=0", "no=1"]);
    names(engine, &resource("doc = '{'"), ("resource", "doc"), &["kind=0", "no=1"]);
    let of_crew = "update resource set member_set = null where name = 'Crew'";
    names(engine, of_crew, ("resource", "member_set"), &["kind=1"]);
    let of_member = "update member set kind = 77";
    names(engine, of_member, ("member", "kind"), &["no=1"]);
    let state = "update organization set state = 9";
    names(engine, state, ("organization", "state"), &["slug=acme"]);
    let guard = "update organization set admin_guard = 5";
    names(engine, guard, ("organization", "admin_guard"), &[]);
    let provider = "update connection set provider = 'nobody'";
    names(engine, provider, ("connection", "provider"), &["no=1"]);
    let profile = "update connection set profile = 'nonsense'";
    names(engine, profile, ("connection", "profile"), &["no=1"]);
    names(engine, "update add_on set feature = 'wings'", ("add_on", "feature"), &[]);
    let kind = "update event set kind = 9999 where seq = 2";
    names(engine, kind, ("event", "kind"), &["seq=2"]);
    let body = "update event set body = '{\"nonsense\":1}' where seq = 3";
    names(engine, body, ("event", "body"), &["seq=3"]);
    let request = "update audit set request = 'nonsense' where seq = 1";
    names(engine, request, ("audit", "request"), &["seq=1"]);
    let body = "update audit set body = '{' where seq = 1";
    names(engine, body, ("audit", "body"), &["seq=1"]);
}

#[test]
fn a_damaged_row_is_named_on_sqlite() {
    all(Engine::Sqlite);
}

#[test]
fn a_damaged_row_is_named_on_postgres() {
    all(Engine::Postgres);
}

/// A damaged row of one organization is no other's business, and no change is made on top of it.
fn keeps_to_itself(engine: Engine) {
    if !engine.takes_part() {
        return;
    }
    let store = TestStore::open(engine);
    store.block_on(async {
        let acme = fill(&store).await;
        let umbra = store.organization("umbra").await;
        let damage = "update resource set doc = '{' where name = 'ada'";
        Outside::of(&store).execute(damage);
        let change = acme.write(|writer| {
            let ada = user::by_username(writer, "ada")?;
            user::archive(writer, &ada)
        });
        assert!(matches!(change.await, Err(Error::Damaged(_))));
        create_user(&umbra, testkit::user("ada")).await.expect("another organization");
        create_user(&acme, testkit::user("alan")).await.expect("another row");
    });
}

#[test]
fn a_damaged_row_keeps_to_itself_on_sqlite() {
    keeps_to_itself(Engine::Sqlite);
}

#[test]
fn a_damaged_row_keeps_to_itself_on_postgres() {
    keeps_to_itself(Engine::Postgres);
}

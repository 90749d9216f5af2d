//! The reaper: what is out of sight goes away, and nothing else does.

use std::{collections::BTreeMap, time::Duration};

use directory::{
    RequestId, Secret, audit, break_glass,
    connection::{self, Connection},
    domain::{self, DomainName},
    group,
    maintenance::{prune, reap},
    organization, plan,
    plan::Feature,
    role,
    saml::{self, Binding, Change, certificate::NewCertificate},
    schemas, session,
    sign_in::{self, Assertion, Browser, Finished},
    sync_log::{self, Draft, Served},
    token,
};
use scim::schema::definition::Definition;
use testkit::{TestOrganization, TestStore, contract};

use crate::{
    outside::Outside,
    support::{
        clear_members, create_user, crowd, delete_group, delete_user, is_missing, members,
        role_name, strs, team,
    },
};

async fn reap_all(store: &TestStore) -> u32 {
    let mut steps = 0;
    while reap::step(&store.store).await.expect("a step") {
        steps += 1;
        assert!(steps < 1_000, "the reaper comes to an end");
    }
    steps
}

fn assert_rows(store: &TestStore, table: &str, expected: i64) {
    assert_eq!(Outside::of(store).rows(table), expected, "{table}");
}

contract! {
    async fn a_cleared_set_is_emptied_step_by_step(store) {
        let acme = store.organization("acme").await;
        let ids = crowd(&acme, 40).await;
        let kept = team(&acme, "Kept", &strs(&ids[..5])).await;
        let mut all = strs(&ids);
        all.push("one who never came");
        let crew = team(&acme, "Crew", &all).await;
        let gone = team(&acme, "Gone", &all).await;
        clear_members(&acme, crew.id).await;
        delete_group(&acme, gone.id).await.expect("there");
        assert_rows(store, "member", 85);
        // Verified while the rows still wait.
        store.assert_clean().await;
        assert!(reap_all(store).await >= 2);
        assert_rows(store, "member", 5);
        assert_rows(store, "pending_member", 0);
        assert_rows(store, "retired_member_set", 0);
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

fn badge() -> Definition {
    let text = r#"{"name":"badge","schemas":[{"id":"urn:example:badge","name":"Badge","attributes":[
            {"name":"number","type":"string"}]}],
        "extensions":[{"resourceType":"User","schema":"urn:example:badge","index":["number"]}]}"#;
    serde_json::from_str(text).expect("a definition")
}

/// Leaves a row in every table that holds rows of organizations.
async fn fill_every_table(store: &TestStore, org: &TestOrganization) {
    let connected = fill_all_but_retired(store, org).await;
    let crew = connected.read(|reader| group::by_display_name(reader, "Crew")).await;
    clear_members(&connected, crew.expect("there").id).await;
}

/// The same, but that no set of members waits to be cleared away. Answers who may change it.
async fn fill_all_but_retired(store: &TestStore, org: &TestOrganization) -> TestOrganization {
    let made = store.connection(org).await;
    let (connected, connection) = (made.organization, made.connection);
    schemas::register(&org.store, &org.operator, &badge(), &mut |_| {}).await.expect("registered");
    let ids = crowd(&connected, 10).await;
    team(&connected, "Crew", &strs(&ids)).await;
    team(&connected, "Waiting", &["00u1"]).await;
    let kept = team(&connected, "Kept", &strs(&ids)).await;
    let ada = testkit::user("ada").with("displayName", "Ada").with("externalId", "00u9");
    let ada = create_user(&connected, ada).await.expect("new");
    let bob = testkit::user("bob").with("displayName", "Bob");
    let bob = create_user(&connected, bob).await.expect("new");
    delete_user(&connected, ada.id).await.expect("there");
    org.write(move |writer| {
        role::create(writer, &role_name("auditor"), "Looks")?;
        role::assign(writer, &bob, &role_name("auditor"))?;
        role::map(writer, &kept, &role_name("admin"))?;
        directory::setup_link::create(writer, None, "Ada", directory::setup_link::LIFETIME)?;
        plan::add_add_on(writer, Feature::Saml)
    })
    .await
    .expect("roles and an add-on");
    let name = DomainName::parse(&format!("{}.example", org.slug)).expect("a domain");
    let added = name.clone();
    org.write(move |writer| domain::add(writer, &added)).await.expect("added");
    domain::vouch(&org.store, &org.operator, &name).await.expect("verified");
    break_glass::create(&org.store, &org.operator, "eve@acme.example").await.expect("an account");
    let shown = org.issue(&connection).await;
    let caller = token::authenticate(&org.store, shown.reveal(), None, None).await;
    let caller = caller.expect("an answer").expect("a live token");
    let served = Served {
        at: store.now(),
        request: RequestId::new(store.store.random()),
        method: "GET".to_owned(),
        path: "/Users".to_owned(),
        target: None,
        status: 200,
        micros: 5,
        detail: None,
        notes: None,
        query: None,
        found: None,
        events: None,
    };
    sync_log::write(&org.store, vec![Draft::new(&org.store, &caller, served)]).await.expect("kept");
    sign_ins(org, &connection).await;
    // An index is only marked, and a set only staged, while they are filled.
    let outside = Outside::of(store);
    let number = outside.org(org.slug.as_str());
    outside.execute(&format!(
        "insert into staged_member_set (org, member_set, members, member_sum, touched, first_event) \
         values ({number}, 1000000, 0, {}, {}, 1)",
        outside.zeros(16),
        store.now().as_micros()
    ));
    audit::sign(&org.store).await.expect("signed");
    outside.execute(&format!("insert into unready_index (org, path) values ({number}, 77)"));
    // Rows of the surfaces that programs use. A hash is written alike on both engines where it is
    // another's.
    let hash = format!("(select hash from token where org = {number} limit 1)");
    for row in [
        format!(
            "api_key (org, no, name, scope, hash, created) values ({number}, 9, 'k', 'read', {hash}, 0)"
        ),
        format!(
            "idempotent_request (org, principal, key, fingerprint, answer, created) \
             values ({number}, 'key:9', 'k', {hash}, '', 0)"
        ),
        format!(
            "oauth_client (org, id, kind, name, created, doc) \
             values ({number}, 'c{number}', 'machine', 'C', 0, '')"
        ),
        format!(
            "oauth_client_secret (org, client, no, hash, created) \
             values ({number}, 'c{number}', 1, {hash}, 0)"
        ),
        format!(
            "oauth_grant (org, id, client, created, expires, doc) \
             values ({number}, 'g', 'c{number}', 0, 0, '')"
        ),
        format!(
            "oauth_token (org, hash, grant_id, purpose, created, expires, doc) \
             values ({number}, {hash}, 'g', 'access', 0, 0, '')"
        ),
        format!("taken_jwt (org, sender, id, expires) values ({number}, 's', 'j', 0)"),
        // A connection that is no more has left nothing of this; this one never was.
        format!(
            "removal_window (org, connection, at, people, gone) values ({number}, 99, 0, 1, 1)"
        ),
        format!(
            "removal_hold (org, connection, hold, decision, ended) \
             values ({number}, 99, 1, 'release', 0)"
        ),
        format!(
            "held_removal (org, connection, no, hold, act, people, first, last, attempts) \
             values ({number}, 99, 1, 1, 'archive', 1, 0, 0, 1)"
        ),
        format!(
            "credential_trouble (org, connection, kind, first, last, times) \
             values ({number}, 99, 'missing', 0, 0, 1)"
        ),
        format!(
            "webhook (org, id, url, description, kinds, ordering, created, place, last, \
             next_delivery, wake, failing) \
             values ({number}, 'w', 'https://a.example', '', '', 'none', 0, 0, 0, 1, 0, 0)"
        ),
        format!(
            "webhook_secret (org, webhook, no, sealed, created) values ({number}, 'w', 1, '', 0)"
        ),
        format!(
            "webhook_delivery (org, webhook, no, source, organization, place, event, kind, state, \
             attempts, created, log) \
             values ({number}, 'w', 1, {number}, 'o', 0, 1, 'user.created', 'delivered', 1, 0, '')"
        ),
    ] {
        outside.execute(&format!("insert into {row}"));
    }
    connected
}

/// Someone signs in; another answer waits for its browser, and another request for its answer.
async fn sign_ins(org: &TestOrganization, connection: &Connection) {
    let (id, now) = (connection.id, org.store.clock().now());
    let certificate = NewCertificate { sha256: [7; 32], der: vec![7], not_after: now };
    let provider = saml::Provider {
        entity_id: "idp".to_owned(),
        sso_url: "https://idp.example/sso".to_owned(),
        binding: Binding::Redirect,
    };
    let change = Change { state: Some(saml::State::Enforced), untested: true, ..Change::default() };
    let described = saml::Described { provider, certificates: vec![certificate] };
    let key = saml::request_key::RequestKey::make(&org.store, id).await.expect("a key");
    org.write(move |writer| {
        saml::request_key::set(writer, id, Some(&key))?;
        let url = "https://idp.example/metadata";
        saml::source::set(writer, id, url, &described, &change).map(drop)
    })
    .await
    .expect("settings");
    create_user(org, testkit::user("local")).await.expect("new");
    let (store, browser) = (&org.store, Secret::random(org.store.random()));
    let at = sign_in::find(store, id).await.expect("the connection");
    let begin = async || sign_in::begin(store, &at, "_1", &browser, "/").await.expect("begun");
    let answer = async |id: &str| {
        let relay_state = begin().await;
        let pending = sign_in::consume(store, &at, relay_state.reveal()).await.expect("consumed");
        let assertion = Assertion {
            id: id.to_owned(),
            name_id: "local".to_owned(),
            email: None,
            given_name: None,
            family_name: None,
            display_name: None,
            authn_instant: now.to_string(),
            authn_context: None,
            session_index: None,
            session_not_on_or_after: None,
            replay_until: now.plus(Duration::from_mins(5)).as_micros(),
            attributes: Vec::new(),
        };
        let kept = sign_in::keep(store, &at, pending, &assertion, vec![7; 32]).await;
        kept.expect("kept").expect("a handle")
    };
    let (handle, _waits) = (answer("a1").await, answer("a2").await);
    begin().await;
    let coming = Browser {
        asked: Some(browser.clone()),
        signed_in: None,
        client: session::Client::default(),
    };
    let policy = session::Policy::default();
    let finished = sign_in::finish(store, &at, handle, coming, policy).await.expect("finished");
    assert!(matches!(finished, Finished::SignedIn { .. }), "{finished:?}");
}

/// How many rows of an organization each table has.
fn count(outside: &Outside, org: i64) -> BTreeMap<String, i64> {
    let tables = outside.tables_of_organizations().into_iter();
    tables.map(|table| (table.clone(), outside.rows_of(&table, org))).collect()
}

contract! {
    async fn a_deleted_organization_leaves_no_row_in_any_table_but_its_audit(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        fill_every_table(store, &acme).await;
        fill_all_but_retired(store, &umbra).await;
        let outside = Outside::of(store);
        let (gone, stays) = (outside.org("acme"), outside.org("umbra"));
        let before = count(&outside, gone);
        assert!(before.len() >= 22, "the tables are those of the live catalogue: {before:?}");
        // Whoever adds a table fills it above.
        let empty: Vec<_> = before.iter().filter(|(_, rows)| **rows == 0).collect();
        assert!(empty.is_empty(), "not filled: {empty:?}");
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
        let neighbour = count(&outside, stays);
        let outlives = |table: &str| ["audit", "audit_head"].contains(&table);
        reap_all(store).await;
        for (table, rows) in count(&outside, gone) {
            assert_eq!(rows, if outlives(&table) { before[&table] } else { 0 }, "{table}");
        }
        assert_eq!(count(&outside, stays), neighbour);
        // The other one can go as well, and the slug comes again.
        organization::delete(&store.installation(), &umbra.slug).await.expect("there");
        reap_all(store).await;
        for table in outside.tables_of_organizations() {
            let left = outside.rows(&table) > 0;
            assert_eq!(left, outlives(&table), "{table}");
        }
        store.organization("acme").await;
    }
}

contract! {
    async fn what_is_cleared_away_is_out_of_sight_at_once(store) {
        let acme = store.organization("acme").await;
        fill_every_table(store, &acme).await;
        let id = acme.read(connection::list).await.expect("a list")[0].id;
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
        // One step of many.
        assert!(reap::step(&store.store).await.expect("a step"));
        assert!(is_missing(&connection::find(&store.installation(), id).await));
        assert!(is_missing(&acme.write(|_| Ok(())).await));
        assert!(is_missing(&acme.read(organization::get).await));
        let new = store.organization("acme").await;
        reap_all(store).await;
        assert_eq!(new.get().await.users, 0);
    }
}

contract! {
    async fn old_entries_of_the_sync_log_are_pruned(store) {
        let acme = store.organization("acme").await;
        fill_every_table(store, &acme).await;
        // The index that was marked by hand.
        Outside::of(store).execute("delete from unready_index");
        prune::sync_logs(&store.store).await.expect("pruned");
        assert_rows(store, "sync_log", 1);
        store.clock.advance(prune::SYNC_LOG_KEPT + Duration::from_secs(1));
        prune::sync_logs(&store.store).await.expect("pruned");
        assert_rows(store, "sync_log", 0);
    }
}

//! `verify` finds what is wrong: rows are changed from outside of the store, on SQLite.

use std::time::Duration;

use directory::{
    maintenance::{prune, verify},
    role,
};
use testkit::{Engine, TestOrganization, TestStore};

use crate::{
    outside::Outside,
    support::{create_user, named, role_name, team},
};

/// A store with some people, damaged by a statement: what `verify` says of the organization, and of
/// the installation.
fn damaged(statement: &str) -> Vec<String> {
    let store = TestStore::open(Engine::Sqlite);
    store.block_on(async {
        let acme = store.organization("acme").await;
        fill(&acme).await;
        store.assert_clean().await;
        let changed = Outside::of(&store).execute(statement);
        assert!(changed > 0, "nothing was damaged by {statement}");
        let mut violations = store.violations(&acme.operator).await;
        let installation = verify::installation(&store.installation()).await.expect("readable");
        violations.extend(
            installation.violations.iter().map(|it| format!("{}: {}", it.invariant, it.detail)),
        );
        violations
    })
}

async fn fill(acme: &TestOrganization) {
    let ada = testkit::user("ada").with("displayName", "Ada").with("externalId", "00u1");
    let ada = create_user(acme, ada).await.expect("new");
    let alan = named(acme, "alan").await.id.to_string();
    let crew = team(acme, "Crew", &[&ada.id.to_string(), &alan]).await;
    team(acme, "Outer", &[&crew.id.to_string()]).await;
    acme.write(move |writer| {
        role::create(writer, &role_name("auditor"), "Looks")?;
        role::assign(writer, &ada, &role_name("admin"))?;
        role::assign(writer, &ada, &role_name("auditor"))?;
        role::map(writer, &crew, &role_name("superadmin"))
    })
    .await
    .expect("roles");
}

#[track_caller]
fn assert_finds(invariant: &str, statement: &str) {
    let violations = damaged(statement);
    let found = violations.iter().any(|violation| violation.starts_with(invariant));
    assert!(found, "{statement}: {violations:#?}");
}

#[test]
fn i1_counts_that_are_not_the_rows() {
    assert_finds("I1", "update organization_counter set users = users + 1");
    assert_finds("I1", "update organization_counter set groups = 0");
    assert_finds("I1", "update organization_counter set admin_grants = admin_grants + 1");
    assert_finds("I1", "update resource set member_count = 3 where name = 'Crew'");
    assert_finds("I1", "update resource set member_sum = zeroblob(16) where name = 'Crew'");
    for sum in ["user_sum", "group_sum", "member_sum"] {
        assert_finds("I1", &format!("update organization_counter set {sum} = zeroblob(16)"));
    }
    assert_finds("I1", "delete from member where kind = 1");
    assert_finds("I1", "delete from role_assignment where role = 2");
    assert_finds("I1", "delete from role_mapping");
    assert_finds("I1", "update resource set kind = 4294967297 where name = 'alan'");
}

#[test]
fn i2_blocks_that_are_not_the_rows() {
    assert_finds("I2", "update rank_block set live = live + 1 where kind = 0 and level = 0");
    assert_finds("I2", "delete from rank_block where level = 2");
    assert_finds("I2", "insert into rank_block select org, 1, 0, 77, 1 from organization");
}

#[test]
fn i3_keys_that_are_not_the_documents() {
    assert_finds("I3", "update resource set name_key = 'eve' where name = 'ada'");
    assert_finds("I3", "update resource set name = 'Ada' where name = 'ada'");
    assert_finds("I3", "update resource set external_id = null where name = 'ada'");
    assert_finds("I3", "update resource set active = 0 where name = 'ada'");
    assert_finds("I3", "update resource set name_key = 'x' where name = 'Crew'");
    assert_finds("I3", "delete from attribute_index");
    assert_finds("I3", "update resource set created = created + 1000000 where name = 'ada'");
    let of_users = "from resource where kind = 0";
    assert_finds(
        "I3",
        &format!("insert into attribute_index select org, 1, 'eve@example.com', no {of_users}"),
    );
    assert_finds(
        "I3",
        "insert into attribute_index select org, 1, 'eve@example.com', 9999 from organization",
    );
}

#[test]
fn i4_events_that_do_not_chain() {
    assert_finds("I4", "delete from event where seq = 3");
    assert_finds("I4", "delete from event where seq = (select max(seq) from event)");
    assert_finds("I4", "delete from event where seq = 1");
    assert_finds("I4", "update event set principal = 'somebody' where seq = 2");
    assert_finds("I4", "update event set request = null where seq = 2");
    assert_finds("I4", "update event set at = at + 1 where seq = 2");
    assert_finds("I4", "update event set hash = zeroblob(32) where seq = 2");
    assert_finds("I4", "update organization_counter set event_seq = event_seq + 1");
    assert_finds("I4", "update organization_counter set event_head = zeroblob(32)");
}

#[test]
fn i4_events_that_do_not_follow_the_anchor() {
    let finds = |statement: &str| {
        let store = TestStore::open(Engine::Sqlite);
        let violations = store.block_on(async {
            let acme = store.organization("acme").await;
            fill(&acme).await;
            store.clock.advance(Duration::from_hours(400 * 24));
            named(&acme, "carl").await;
            named(&acme, "dora").await;
            let kept = Duration::from_hours(365 * 24);
            prune::events(&store.store, kept).await.expect("pruned");
            store.assert_clean().await;
            assert!(Outside::of(&store).execute(statement) > 0, "{statement}");
            store.violations(&acme.operator).await
        });
        let found = violations.iter().any(|violation| violation.starts_with("I4"));
        assert!(found, "{statement}: {violations:#?}");
    };
    let first = "seq = (select min(seq) from event)";
    finds(&format!("delete from event where {first}"));
    finds(&format!("update event set principal = 'somebody' where {first}"));
    finds("delete from event");
    finds("update organization_counter set event_anchor = zeroblob(32)");
    finds("update organization_counter set event_pruned = event_pruned + 1");
    // Removing more than was pruned, with an anchor that fits: the audit tells of another.
    finds(&format!(
        "update organization_counter set event_pruned = event_pruned + 1, \
         event_anchor = (select hash from event where {first})"
    ));
}

#[test]
fn i4_audit_entries_that_do_not_chain() {
    for org in ["org <> 0", "org = 0"] {
        assert_finds("I4", &format!("delete from audit where seq = 1 and {org}"));
        assert_finds("I4", &format!("update audit set principal = 'x' where seq = 1 and {org}"));
        assert_finds("I4", &format!("update audit set target = 'x' where seq = 1 and {org}"));
        assert_finds("I4", &format!("update audit set at = at + 1 where seq = 1 and {org}"));
        assert_finds(
            "I4",
            &format!("update audit set hash = zeroblob(32) where seq = 1 and {org}"),
        );
    }
    assert_finds("I4", "delete from audit where org <> 0 and seq = 3");
    assert_finds("I4", "update organization_counter set audit_seq = audit_seq + 1");
    assert_finds("I4", "update organization_counter set audit_head = zeroblob(32)");
    assert_finds("I4", "update installation set audit_seq = audit_seq + 1");
    assert_finds("I4", "update installation set audit_head = zeroblob(32)");
}

#[test]
fn i5_rows_that_the_events_do_not_tell() {
    assert_finds("I5", "update resource set doc = replace(doc, 'Ada', 'Eve') where name = 'ada'");
    assert_finds(
        "I5",
        "update resource set doc = '{\"displayName\":\"Evil\"}' where name = 'Crew'",
    );
    assert_finds("I5", "delete from resource where name = 'alan'");
    assert_finds("I5", "delete from resource where name = 'Outer'");
    assert_finds(
        "I5",
        "delete from member where no = (select no from resource where name = 'ada')",
    );
    assert_finds(
        "I5",
        "insert into member select g.org, g.member_set, u.no, 0 from resource g, resource u \
         where g.name = 'Outer' and u.name = 'ada'",
    );
}

#[test]
fn i7_ways_that_lead_nowhere() {
    assert_finds("I7", "insert into organization_slug (slug, org) values ('lost', 77)");
}

#[test]
fn i8_members_and_bearers_of_roles_that_are_not_here() {
    assert_finds("I8", "delete from resource where name = 'ada'");
    assert_finds("I8", "update member set kind = 1 - kind");
    assert_finds("I8", "insert into member select org, 9999, no, 0 from resource where kind = 0");
    assert_finds(
        "I8",
        "insert into member select org, member_set, 9999, 0 from resource where kind = 1",
    );
    assert_finds("I8", "insert into role_assignment select org, 3, 9999, 0 from organization");
    assert_finds(
        "I8",
        "insert into role_assignment select org, 3, no, 0 from resource where name = 'Crew'",
    );
    assert_finds(
        "I8",
        "insert into role_mapping select org, 3, no, 0 from resource where name = 'ada'",
    );
    assert_finds("I8", "delete from role");
    assert_finds("I8", "update resource set no = 1 where name = 'Crew'");
}

//! `verify` finds what is wrong: rows are changed behind the store's back, on SQLite.

use directory::Location;
use testkit::{Engine, TestOrganization, TestStore};

use crate::support::{create_user, named, team};

/// A store with some people, damaged by a statement: what `verify` says.
fn damaged(statement: &str) -> Vec<String> {
    let store = TestStore::open(Engine::Sqlite);
    store.block_on(async {
        let acme = store.organization("acme").await;
        fill(&acme).await;
        store.assert_clean().await;
        let Location::Directory(directory) = store.location() else { unreachable!("on SQLite") };
        let file = rusqlite::Connection::open(directory.join("doorward.db")).expect("a database");
        let changed = file.execute(statement, []).expect("a statement that fits");
        assert!(changed > 0, "nothing was damaged by {statement}");
        store.violations(&acme.tenant).await
    })
}

async fn fill(acme: &TestOrganization) {
    let ada = testkit::user("ada").with("displayName", "Ada").with("externalId", "00u1");
    let ada = create_user(acme, ada).await.expect("new").id.to_string();
    let alan = named(acme, "alan").await.id.to_string();
    let crew = team(acme, "Crew", &[&ada, &alan]).await.id.to_string();
    team(acme, "Outer", &[&crew]).await;
}

#[track_caller]
fn assert_finds(invariant: &str, statement: &str) {
    let violations = damaged(statement);
    let found = violations.iter().any(|violation| violation.starts_with(invariant));
    assert!(found, "{statement}: {violations:#?}");
}

#[test]
fn i1_counts_that_are_not_the_rows() {
    assert_finds("I1", "update organization set users = users + 1");
    assert_finds("I1", "update organization set groups = 0");
    assert_finds("I1", "update grp set member_count = 3 where display = 'Crew'");
    assert_finds("I1", "delete from member where kind = 1");
}

#[test]
fn i2_blocks_that_are_not_the_rows() {
    assert_finds("I2", "update rank set live = live + 1 where kind = 0 and lvl = 0");
    assert_finds("I2", "delete from rank where lvl = 2");
    assert_finds("I2", "insert into rank select org, 1, 0, 77, 1 from organization");
}

#[test]
fn i3_keys_that_are_not_the_documents() {
    assert_finds("I3", "update usr set username_key = 'eve' where username = 'ada'");
    assert_finds("I3", "update usr set external_id = null where username = 'ada'");
    assert_finds("I3", "update usr set active = 0 where username = 'ada'");
    assert_finds("I3", "update grp set display_key = 'x' where display = 'Crew'");
    assert_finds("I3", "delete from uattr");
    assert_finds("I3", "update usr set created = created + 1000000 where username = 'ada'");
    assert_finds("I3", "insert into uattr select org, 1, 'eve@example.com', no from usr");
    assert_finds(
        "I3",
        "insert into uattr select org, 1, 'eve@example.com', 9999 from organization",
    );
}

#[test]
fn i4_events_that_do_not_chain() {
    assert_finds("I4", "delete from event where seq = 3");
    assert_finds("I4", "delete from event where seq = (select max(seq) from event)");
    assert_finds("I4", "delete from event where seq = 1");
    assert_finds("I4", "update event set actor = 'somebody' where seq = 2");
    assert_finds("I4", "update event set at = at + 1 where seq = 2");
    assert_finds("I4", "update event set hash = zeroblob(32) where seq = 2");
    assert_finds("I4", "update organization set next_seq = next_seq + 1");
    assert_finds("I4", "update organization set head = zeroblob(32)");
}

#[test]
fn i5_rows_that_the_events_do_not_tell() {
    assert_finds("I5", "update usr set doc = replace(doc, 'Ada', 'Eve') where username = 'ada'");
    assert_finds("I5", "update grp set doc = '{\"displayName\":\"Evil\"}' where display = 'Crew'");
    assert_finds("I5", "delete from usr where username = 'alan'");
    assert_finds("I5", "delete from grp where display = 'Outer'");
    assert_finds("I5", "delete from member where no = (select no from usr where username = 'ada')");
    assert_finds(
        "I5",
        "insert into member select g.org, g.mset, u.no, 0 from grp g, usr u \
         where g.display = 'Outer' and u.username = 'ada'",
    );
}

#[test]
fn i8_members_that_are_nobody() {
    assert_finds("I8", "delete from usr where username = 'ada'");
    assert_finds("I8", "update member set kind = 1 - kind");
    assert_finds("I8", "insert into member select org, 9999, no, 0 from usr");
    assert_finds("I8", "insert into member select org, mset, 9999, 0 from grp");
}

//! Copying a store to the other engine.

use std::panic::{AssertUnwindSafe, catch_unwind};

use directory::{
    Error, Location, Transfer, Unusable,
    user::{self, Rehire},
};
use testkit::{Database, Engine, TestStore};

use crate::support::named;

/// More than one piece.
const USERS: usize = 2_100;

/// A store on SQLite, and an empty database.
fn places() -> Option<(TestStore, Database, Location)> {
    let database = Database::create()?;
    let target = Location::Postgres(database.url().into());
    let store = TestStore::open(Engine::Sqlite);
    store.block_on(async {
        let acme = store.organization("acme").await;
        let made = acme.write(|writer| {
            for number in 0..USERS {
                let new = testkit::user(&format!("user{number}"));
                user::create(writer, &new, Rehire::BringBack)?;
            }
            Ok(())
        });
        made.await.expect("the names are free");
    });
    Some((store, database, target))
}

/// Copies until so many rows were told of a table, and is cut off there.
fn cut_off(source: &Location, target: &Location, at: &str) {
    let copy =
        || source.copy_to(target, &mut |Transfer { table, .. }| assert_ne!(table, at, "cut off"));
    assert!(catch_unwind(AssertUnwindSafe(copy)).is_err());
}

fn rows(source: &Location, target: &Location) -> (u64, u64) {
    // Those that this run told of while it copied, and all.
    let (mut copied, mut compared) = (0, 0);
    let tables = source.copy_to(target, &mut |Transfer { tables: (done, of), rows, .. }| {
        if done < of / 2 { copied = rows } else { compared = rows }
    });
    let all = tables.expect("both can be used").iter().map(|table| table.rows).sum();
    assert!(compared >= all);
    (copied, all)
}

#[test]
fn what_was_cut_off_is_no_store_and_goes_on_where_it_ended() {
    let Some((store, _database, target)) = places() else { return };
    let source = store.location();
    cut_off(&source, &target, "resource");
    let opened = target.copy_to(&source, &mut |_| ());
    assert!(matches!(opened, Err(Error::Unusable(Unusable::Unfinished))), "{opened:?}");
    let (copied, all) = rows(&source, &target);
    assert!(copied > 0 && copied + 2_000 <= all, "{copied} of {all}");

    // Whole, it is a store that has data of its own.
    let again = source.copy_to(&target, &mut |_| ());
    assert!(matches!(again, Err(Error::Unusable(Unusable::Occupied))), "{again:?}");
    let back = tempfile::tempdir().expect("a directory");
    let back = Location::Directory(back.path().to_owned());
    assert_eq!(rows(&target, &back).1, all);
}

#[test]
fn a_source_that_changed_is_not_mixed_with_what_it_was() {
    let Some((store, _database, target)) = places() else { return };
    cut_off(&store.location(), &target, "event");
    store.block_on(async {
        let beta = store.organization("beta").await;
        named(&beta, "eve").await;
    });
    let refused = store.location().copy_to(&target, &mut |_| ());
    assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
}

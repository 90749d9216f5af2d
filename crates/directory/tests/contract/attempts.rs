//! Parts of a piece of work that can be undone alone.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use directory::{
    Error, Noun, Writer, group,
    user::{self, Rehire},
};
use testkit::{TestOrganization, contract};

use crate::support::{create_user, named, newest};

/// Creates a user, and says no after that where it shall.
fn part(writer: &mut Writer<'_>, name: &str, refuse: bool) -> Result<(), Error> {
    let made = user::create(writer, &testkit::user(name), Rehire::BringBack)?;
    let group = testkit::group(&format!("group of {name}"));
    group::create(writer, &group, &[made.id.into()])?;
    if refuse { Err(Error::invalid("name", "half way")) } else { Ok(()) }
}

/// Twelve parts in one piece of work; every third is refused. Answers which were.
async fn dozen(acme: &TestOrganization, prefix: &'static str) -> Result<Vec<usize>, Error> {
    acme.write(move |writer| {
        let mut refused = Vec::new();
        for number in 0..12 {
            let name = format!("{prefix}{number}");
            let outcome = writer.attempt(|writer| part(writer, &name, number % 3 == 0))?;
            if let Err(error) = outcome {
                assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
                refused.push(number);
            }
        }
        Ok(refused)
    })
    .await
}

contract! {
    async fn a_refused_part_leaves_nothing_and_the_rest_stays(store) {
        let acme = store.organization("acme").await;
        assert_eq!(dozen(&acme, "a").await.expect("kept"), [0, 3, 6, 9]);
        let now = acme.get().await;
        assert_eq!((now.users, now.groups, newest(&acme).await.number()), (8, 8, 17));
        // The names of the refused ones are free.
        named(&acme, "a0").await;
    }
}

contract! {
    async fn parts_of_neighbours_in_one_commit_do_not_meet(store) {
        let acme = store.organization("acme").await;
        named(&acme, "taken").await;
        let mut line = Vec::new();
        for prefix in ["a", "b", "c", "d", "e", "f"] {
            line.push(tokio::spawn({
                let acme = acme.clone();
                async move { dozen(&acme, prefix).await.map(drop) }
            }));
            // A neighbour that is refused whole.
            line.push(tokio::spawn({
                let acme = acme.clone();
                async move { create_user(&acme, testkit::user("taken")).await.map(drop) }
            }));
        }
        let mut kept = 0;
        for one in line {
            kept += i32::from(one.await.expect("no panic").is_ok());
        }
        let now = acme.get().await;
        let events = newest(&acme).await.number();
        assert_eq!((kept, now.users, now.groups, events), (6, 49, 48, 98));
    }
}

contract! {
    async fn a_part_inside_of_a_part_goes_with_it(store) {
        let acme = store.organization("acme").await;
        let outcomes = acme
            .write(|writer| {
                let outer = writer.attempt(|writer| {
                    part(writer, "outer", false)?;
                    let inner = writer.attempt(|writer| part(writer, "inner", false))?;
                    assert!(inner.is_ok(), "{inner:?}");
                    let inner = writer.attempt(|writer| part(writer, "undone", true))?;
                    assert!(inner.is_err());
                    Err::<(), _>(Error::not_found(Noun::User))
                })?;
                assert!(matches!(outer, Err(Error::NotFound { .. })), "{outer:?}");
                let outer = writer.attempt(|writer| {
                    let inner = writer.attempt(|writer| part(writer, "undone", true))?;
                    assert!(inner.is_err());
                    part(writer, "kept", false)
                })?;
                assert!(outer.is_ok(), "{outer:?}");
                // A part may change nothing.
                writer.attempt(|_| Ok(7))
            })
            .await
            .expect("the whole is kept");
        assert_eq!(outcomes.expect("not refused"), 7);
        let now = acme.get().await;
        assert_eq!((now.users, now.groups), (1, 1));
        assert!(create_user(&acme, testkit::user("kept")).await.is_err());
    }
}

contract! {
    async fn a_failure_in_a_part_fails_the_whole(store) {
        let acme = store.organization("acme").await;
        for alone in [true, false] {
            let mut line = Vec::new();
            if !alone {
                for number in 0..4 {
                    let (acme, name) = (acme.clone(), format!("neighbour{number}"));
                    line.push(tokio::spawn(async move {
                        create_user(&acme, testkit::user(&name)).await.map(drop)
                    }));
                }
            }
            let work = acme.write(|writer| {
                part(writer, "before", false)?;
                let outcome = writer.attempt(|writer| {
                    part(writer, "inside", false)?;
                    assert!(writer.attempt(|_| Ok::<_, Error>(())).is_ok());
                    panic!("a defect of ours");
                })?;
                outcome.map(|()| "not reached")
            });
            assert!(matches!(work.await, Err(Error::Store(_))));
            for one in line {
                one.await.expect("no panic").expect("a neighbour is not concerned");
            }
        }
        let now = acme.get().await;
        assert_eq!((now.users, now.groups), (4, 0));
    }
}

contract! {
    async fn work_that_is_run_again_counts_once(store) {
        let acme = store.organization("acme").await;
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let made = acme
            .write(move |writer| {
                let mut made = Vec::new();
                for name in ["a", "b", "c"] {
                    let outcome = writer.attempt(|writer| part(writer, name, false))?;
                    made.push((name, outcome.is_ok()));
                }
                if counted.fetch_add(1, Ordering::Relaxed) < 2 {
                    return Err(Error::Unavailable("for a moment".to_owned()));
                }
                Ok(made)
            })
            .await
            .expect("the third time");
        assert_eq!(made, [("a", true), ("b", true), ("c", true)]);
        assert_eq!((runs.load(Ordering::Relaxed), acme.get().await.users), (3, 3));
    }
}

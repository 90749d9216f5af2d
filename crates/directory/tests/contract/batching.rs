//! Group commit: requests that share a transaction do not share their fate.

use directory::{
    Error, organization,
    user::{self, Rehire},
};
use testkit::contract;

use crate::support::{conflict, create_user, later, named, newest};

contract! {
    async fn a_conflict_does_not_sink_its_neighbours(store) {
        let acme = store.organization("acme").await;
        named(&acme, "taken").await;
        let before = newest(&acme).await;
        // All are in line before the first is looked at.
        let line: Vec<_> = (0..60)
            .map(|number| {
                let name =
                    if number % 3 == 0 { "Taken".to_owned() } else { format!("user{number}") };
                tokio::spawn({
                    let acme = acme.clone();
                    async move { create_user(&acme, testkit::user(&name)).await }
                })
            })
            .collect();
        let mut refused = 0;
        for one in line {
            match one.await.expect("no panic") {
                Ok(_) => {}
                other => {
                    assert_eq!(conflict(other), "userName");
                    refused += 1;
                }
            }
        }
        assert_eq!((refused, acme.get().await.users), (20, 41));
        assert_eq!(newest(&acme).await, later(before, 40));
    }
}

contract! {
    async fn a_refused_request_leaves_no_half_of_itself(store) {
        let acme = store.organization("acme").await;
        let line: Vec<_> = (0..30)
            .map(|number| {
                let acme = acme.clone();
                tokio::spawn(async move {
                    acme.write(move |writer| {
                        let person = testkit::user(&format!("user{number}"));
                        user::create(writer, &person, Rehire::BringBack)?;
                        if number % 2 == 0 {
                            return Err(Error::invalid("name", "half way"));
                        }
                        Ok(())
                    })
                    .await
                })
            })
            .collect();
        let mut kept = 0;
        for one in line {
            kept += i64::from(one.await.expect("no panic").is_ok());
        }
        assert_eq!(kept, 15);
        assert_eq!((acme.get().await.users, newest(&acme).await.number()), (15, 16));
    }
}

contract! {
    async fn a_panic_in_one_request_is_its_own(store) {
        let acme = store.organization("acme").await;
        let line: Vec<_> = (0..20)
            .map(|number| {
                let acme = acme.clone();
                tokio::spawn(async move {
                    acme.write(move |writer| {
                        let person = testkit::user(&format!("user{number}"));
                        let made = user::create(writer, &person, Rehire::BringBack)?;
                        assert!(number != 7, "a defect of ours");
                        Ok(made.id)
                    })
                    .await
                })
            })
            .collect();
        let mut failed = Vec::new();
        for (number, one) in line.into_iter().enumerate() {
            if let Err(error) = one.await.expect("the store catches it") {
                assert!(matches!(error, Error::Store(_)), "{error:?}");
                failed.push(number);
            }
        }
        assert_eq!(failed, [7]);
        assert_eq!(acme.get().await.users, 19);
    }
}

contract! {
    async fn organizations_share_a_commit_and_nothing_else(store) {
        let mut line = Vec::new();
        let mut all = Vec::new();
        for number in 0..6 {
            all.push(store.organization(&format!("org{number}")).await);
        }
        for round in 0..10 {
            for org in &all {
                let org = org.clone();
                let name = format!("user{round}");
                line.push(tokio::spawn(
                    async move { create_user(&org, testkit::user(&name)).await },
                ));
            }
        }
        for one in line {
            one.await.expect("no panic").expect("a free name");
        }
        for org in &all {
            assert_eq!((org.get().await.users, newest(org).await.number()), (10, 11));
        }
    }
}

contract! {
    async fn a_closed_store_says_so(store) {
        let other = store.another();
        let acme = store.organization("acme").await;
        other.read(&acme.operator, organization::get).await.expect("it is open");
        tokio::task::block_in_place(|| other.close());
        let read = other.read(&acme.operator, organization::get).await;
        assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
        let write = other.write(&acme.operator, |_| Ok::<_, Error>(())).await;
        assert!(matches!(write, Err(Error::Unavailable(_))), "{write:?}");
        // The store itself is as it was.
        organization::list(&store.installation()).await.expect("another store");
    }
}

//! What a run made goes away at its end, and nothing else does.

use std::time::Duration;

use simulator::{App, Flavour, Options, Report, Verdict};

use crate::fake::{Fake, Fault};

fn removed(report: &Report) -> (usize, usize, usize, usize) {
    let removed = report.removed.as_ref().expect("it was not to be kept");
    (removed.users, removed.groups, removed.deactivated, removed.left)
}

#[tokio::test]
async fn a_run_leaves_nothing() {
    for flavour in Flavour::ALL {
        let fake = Fake::start(flavour, None).await;
        let report = simulator::run(Options { users: 40, groups: 4, ..fake.options() });
        let report = report.await.unwrap();
        assert!(report.is_success(), "{report:#?}");
        assert_eq!((report.made_users, report.made_groups), (48, 4), "{flavour}");
        assert_eq!(removed(&report), (48, 4, 0, 0), "{flavour}");
        assert_eq!(fake.counts(), (0, 0), "{flavour}");
    }
}

#[tokio::test]
async fn what_was_there_before_stays() {
    for flavour in Flavour::ALL {
        let fake = Fake::start(flavour, None).await;
        let push = Options { users: 10, groups: 2, ..fake.options() };
        simulator::push(push).await.unwrap();
        assert_eq!(fake.counts(), (10, 2), "a push stays");
        // The cast of the life is there too, and the people of a larger volume are not.
        simulator::run(Options { keep: true, ..fake.options() }).await.unwrap();
        let report = simulator::run(Options { users: 15, groups: 3, ..fake.options() });
        let report = report.await.unwrap();
        assert!(report.is_success(), "{report:#?}");
        let (users, groups, ..) = removed(&report);
        assert_eq!((users, groups), (report.made_users, report.made_groups), "{flavour}");
        // Entra deletes one of the cast and creates a new one, which is its own.
        let replaced = usize::from(matches!(flavour, Flavour::Entra(_)));
        assert_eq!(users, 5 + replaced, "{flavour}");
        assert_eq!(fake.counts(), (18 - replaced, 2), "{flavour}");
    }
}

#[tokio::test]
async fn a_run_that_failed_leaves_nothing_either() {
    // Each leaves something at another place: doubles, new people for old, a failed creation.
    for fault in [Fault::DuplicateCreated, Fault::RehireMakesNew, Fault::PasswordReturned] {
        let fake = Fake::start(Flavour::Okta(App::Catalog), Some(fault)).await;
        let report = simulator::run(fake.options()).await.unwrap();
        assert!(!report.is_success(), "{report:#?}");
        assert_eq!(fake.counts(), (0, 0), "{fault:?}: {report:#?}");
    }
}

#[tokio::test]
async fn a_run_that_was_stopped_removes_what_it_made_until_then() {
    let fake = Fake::start(Flavour::Okta(App::Catalog), None).await;
    let options = Options { users: 4_000, groups: 5, ..fake.options() };
    let stop = options.stop.clone();
    let watch = async {
        while fake.counts().0 < 50 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stop.now();
    };
    let (report, ()) = tokio::join!(simulator::run(options), watch);
    let report = report.unwrap();
    assert!(report.skipped > 0 && !report.is_success(), "{report:#?}");
    let skipped = report.steps.iter().filter(|step| step.result == Verdict::Skipped);
    for step in skipped {
        assert_eq!(step.reason.as_deref(), Some("the run was stopped"), "{step:?}");
    }
    let (users, ..) = removed(&report);
    assert!((50..4_000).contains(&users), "{users}");
    assert_eq!(fake.counts(), (0, 0));
}

#[tokio::test]
async fn a_server_that_does_not_delete_is_left_without_active_people() {
    let fake = Fake::start(Flavour::Okta(App::Catalog), Some(Fault::DeleteRefused)).await;
    let report = simulator::run(fake.options()).await.unwrap();
    assert!(report.is_success(), "Okta deletes no user: {report:#?}");
    assert_eq!(removed(&report), (0, 0, 8, 0));
    assert_eq!((fake.counts(), fake.active()), ((8, 0), 0));
    let failures = &report.removed.as_ref().unwrap().failures;
    assert!(failures.len() == 8 && failures[0].contains("405"), "{failures:?}");
}

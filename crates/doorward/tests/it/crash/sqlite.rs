//! On SQLite.

use std::{thread, time::Duration};

use workload::Unacknowledged;

use super::{Scene, end_under_load};
use crate::cli::place::Place;

#[test]
fn whoever_is_told_to_end_finishes_what_it_began() {
    end_under_load(Scene::new(Place::new(), 2));
}

/// The limit on the size of a file stands for a disk that is full: writing fails in the middle of
/// the database, of its log, or of a commit.
#[test]
fn a_full_disk_refuses_changes_and_loses_none() {
    let mut scene = Scene::new(Place::new(), 3);
    for worker in &mut scene.tenant.workers {
        worker.set_weight(300);
    }
    let mut server = scene.place.serve_limited(4 * 1024);
    scene.under_load(&mut server, |_| thread::sleep(Duration::from_secs(3)));
    let refused = scene.tenant.workers.iter().filter(|worker| worker.unacknowledged().count() > 0);
    assert_eq!(refused.count(), scene.tenant.workers.len(), "the disk was never full");
    let acknowledged = scene.tenant.acknowledged();
    assert!(acknowledged > 10, "only {acknowledged}");
    // It still answers questions, and the truth.
    assert_eq!(server.users(&scene.tenant.token), 200);
    assert_eq!(server.end("-TERM"), Some(0), "{}", scene.place.log());

    // Then someone makes space.
    let server = scene.place.serve();
    scene.recovered(&server);
    scene.check(&server, Unacknowledged::NotDone);
}

//! On SQLite.

use std::{thread, time::Duration};

use super::{Scene, Unacknowledged, end_under_load, kill_again_and_again};
use crate::cli::place::Place;

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    kill_again_and_again(Scene::new(Place::new(), 1));
}

#[test]
fn whoever_is_told_to_end_finishes_what_it_began() {
    end_under_load(Scene::new(Place::new(), 2));
}

/// The limit on the size of a file stands for a disk that is full: writing fails in the middle of
/// the database, of its log, or of a commit.
#[test]
fn a_full_disk_refuses_changes_and_loses_none() {
    let mut scene = Scene::new(Place::new(), 3);
    for writer in &mut scene.writers {
        writer.weight = 500;
    }
    let mut server = scene.place.serve_limited(4 * 1024);
    scene.under_load(&mut server, |_| thread::sleep(Duration::from_secs(3)));
    let refused = scene.writers.iter().filter(|writer| !writer.doubts.is_empty()).count();
    assert_eq!(refused, scene.writers.len(), "the disk was never full");
    assert!(scene.acknowledged() > 10, "only {}", scene.acknowledged());
    // It still answers questions, and the truth.
    assert_eq!(server.users(&scene.token), 200);
    assert_eq!(server.end("-TERM"), Some(0), "{}", scene.place.log());

    // Then someone makes space.
    let server = scene.place.serve();
    scene.recovered(&server);
    scene.check(&server, Unacknowledged::NotDone);
}

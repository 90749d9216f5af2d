//! On PostgreSQL.

use std::{thread, time::Duration};

use testkit::Database;
use workload::Unacknowledged;

use super::{Scene, end_under_load};
use crate::cli::place::Place;

/// A scene in a database of its own, which goes away with the second value.
fn scene(seed: u64) -> Option<(Scene, Database)> {
    let database = Database::create()?;
    Some((Scene::new(Place::on(database.url()), seed), database))
}

#[test]
fn whoever_is_told_to_end_finishes_what_it_began() {
    let Some((scene, _database)) = scene(12) else { return };
    end_under_load(scene);
}

#[test]
fn a_server_that_was_cut_off_from_its_database_recovers_by_itself() {
    let Some((mut scene, database)) = scene(13) else { return };
    let mut server = scene.place.serve();
    let rounds = if testkit::long() { 20 } else { 5 };
    for _ in 0..rounds {
        let before = scene.tenant.acknowledged();
        let moment = scene.moment();
        let ended = scene.under_load(&mut server, |_| {
            thread::sleep(moment);
            let ended = database.end_connections();
            thread::sleep(Duration::from_millis(300));
            ended
        });
        assert!(ended > 0, "nothing was cut off");
        assert!(scene.tenant.acknowledged() > before, "nothing was acknowledged");
        scene.recovered(&server);
        scene.check(&server, Unacknowledged::DoneOrNot);
    }
    assert_eq!(server.end("-TERM"), Some(0), "{}", scene.place.log());
}

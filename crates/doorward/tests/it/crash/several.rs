//! Several servers on one PostgreSQL.

use std::{
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use testkit::Database;
use workload::Unacknowledged;

use super::Scene;
use crate::cli::place::Place;

#[test]
fn what_was_revoked_counts_on_every_server_from_the_next_request_on() {
    let Some(database) = Database::create() else { return };
    let place = Place::on(database.url());
    place.json(&["organization", "create", "Acme Corporation", "--slug", "acme"]);
    let connection = place.connect();
    let (id, token) = (&connection["id"], connection["token"].as_str().expect("a token"));
    let servers = [place.serve(), place.serve()];
    for server in &servers {
        assert_eq!(server.users(token), 200);
    }
    let id = id.as_str().expect("an id");
    assert_eq!(place.json(&["token", "revoke", "--connection", id, "1"])["state"], "revoked");
    for server in &servers {
        assert_eq!(server.users(token), 401);
    }
}

/// The chain of events is one, without a gap, whichever server made them: `verify` follows it. Then
/// all of them are cut off from the database.
#[test]
fn several_servers_change_one_organization_one_after_the_other() {
    let Some(database) = Database::create() else { return };
    let mut scene = Scene::new(Place::on(database.url()), 21);
    let servers = [scene.place.serve(), scene.place.serve(), scene.place.serve()];
    let addresses = servers.each_ref().map(|server| server.address().to_owned());
    let moment = scene.moment();
    scene.under_load_of(&addresses, || thread::sleep(moment));
    scene.check(&servers[0], Unacknowledged::NotDone);
    let before = scene.tenant.acknowledged();
    assert!(before > 0, "nothing was acknowledged");
    let ended = scene.under_load_of(&addresses, || {
        thread::sleep(moment);
        let ended = database.end_connections();
        thread::sleep(Duration::from_millis(300));
        ended
    });
    assert!(ended > servers.len(), "only {ended} were cut off");
    for server in &servers {
        scene.recovered(server);
    }
    scene.check(&servers[0], Unacknowledged::DoneOrNot);
    for mut server in servers {
        assert_eq!(server.end("-TERM"), Some(0), "{}", scene.place.log());
    }
}

#[test]
fn of_two_migrations_at_once_one_makes_the_store_and_the_other_finds_it() {
    let Some(database) = Database::create() else { return };
    let place = Place::on(database.url());
    let begin = || {
        let mut command = place.command(&["migrate", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let told = |migration: Child| -> Value {
        let ended = migration.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(0), "{said}");
        serde_json::from_slice(&ended.stdout).expect("an object")
    };
    let mut applied: Vec<Value> = [begin(), begin()]
        .map(told)
        .into_iter()
        .map(|answer| answer["applied"].clone())
        .filter(|applied| *applied != json!([]))
        .collect();
    let first = applied.pop().expect("one of them made the store");
    assert!(first.as_array().is_some_and(|names| !names.is_empty()), "{first}");
    assert!(applied.is_empty(), "both applied: {applied:?}");
    place.json(&["organization", "create", "Acme Corporation", "--slug", "acme"]);
    assert_eq!(place.json(&["verify"])["ok"], true);
}

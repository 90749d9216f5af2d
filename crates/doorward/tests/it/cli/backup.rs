//! `doorward backup` and `doorward restore`

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::place::{Place, Running};

/// Users that must be acknowledged before the copy begins.
const BEFORE: usize = 40;

/// Creates users one after the other until it is told to stop, and notes who was acknowledged.
fn create(
    server: &Running,
    token: &str,
    client: usize,
    done: &Mutex<BTreeSet<String>>,
    stop: &AtomicBool,
) {
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("user-{client}-{number}");
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}"}}"#
        );
        assert_eq!(server.status("POST", "/scim/v2/Users", token, &body), 201);
        done.lock().expect("no panic").insert(name);
    }
}

/// The names of all users of `acme`.
fn names(place: &Place) -> BTreeSet<String> {
    let listed = place.streamed(&["export", "users", "--organization", "acme", "--format", "json"]);
    let users = listed["users"].as_array().expect("a list");
    users.iter().map(|user| user["userName"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_copy_under_load_has_what_was_acknowledged_before_it_began() {
    let place = Place::with_acme();
    let token = place.connect()["token"].as_str().expect("a token").to_owned();
    let server = place.serve();
    let (done, stop) = (Mutex::default(), AtomicBool::new(false));
    let before = thread::scope(|scope| {
        for client in 0..3 {
            let (server, token, done, stop) = (&server, &token, &done, &stop);
            scope.spawn(move || create(server, token, client, done, stop));
        }
        while done.lock().expect("no panic").len() < BEFORE {
            thread::yield_now();
        }
        let before: BTreeSet<String> = done.lock().expect("no panic").clone();
        let made = place.json(&["backup", "copy.db"]);
        stop.store(true, Ordering::Relaxed);
        assert!(made["bytes"].as_u64().expect("a number") > 0);
        before
    });
    let copy = place.path().join("copy.db");
    let mode = fs::metadata(&copy).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "no one else can read it");

    let elsewhere = Place::new();
    let restored = elsewhere.json(&["restore", copy.to_str().expect("a path")]);
    assert_eq!(restored["organizations"], 1);
    assert_eq!(elsewhere.json(&["verify"])["ok"], true);
    let there = names(&elsewhere);
    let lost: Vec<_> = before.difference(&there).collect();
    assert!(lost.is_empty(), "{lost:?}");
    // It is a whole store, credentials and all.
    let server = elsewhere.serve();
    assert_eq!(server.users(&token), 200);
    let left: Vec<_> = fs::read_dir(elsewhere.data())
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| name.starts_with('.'))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_copy_takes_the_place_of_no_file_and_of_no_store() {
    let place = Place::with_acme();
    place.json(&["backup", "copy.db"]);
    let sentence = place.error(&["backup", "copy.db"]);
    assert!(sentence.contains("--force"), "{sentence}");
    place.json(&["organization", "create", "Beta", "--slug", "beta"]);
    place.json(&["backup", "--force", "copy.db"]);
    let sentence = place.error(&["restore", "copy.db"]);
    assert!(sentence.contains("there is a store in") && sentence.contains("--data"), "{sentence}");
    let server = place.serve();
    let sentence = place.error(&["restore", "copy.db"]);
    assert!(sentence.contains("serves"), "{sentence}");
    drop(server);
    let restored = place.json(&["--data", "other", "restore", "copy.db"]);
    assert_eq!(restored["organizations"], 2);
}

#[test]
fn what_is_no_sound_store_is_not_put_in_place() {
    let place = Place::with_acme();
    place.json(&["backup", "copy.db"]);
    let copy = place.path().join("copy.db");
    let sound = fs::read(&copy).expect("a file");
    let refused = |bytes: &[u8], words: &str| {
        fs::write(&copy, bytes).expect("it is written");
        let sentence = place.error(&["--data", "other", "restore", "copy.db"]);
        assert!(sentence.contains(words), "{sentence}");
        let directory = place.path().join("other");
        assert!(!directory.join("doorward.db").exists());
    };
    refused(b"no database", "not a database");
    refused(&sound[..sound.len() / 2], "damaged");
    let mut forged = sound.clone();
    let (before, after) = (br#""name":"Acme Corporation""#, br#""name":"Evil Corporation""#);
    let at = forged.windows(before.len()).position(|window| window == before).expect("an event");
    forged[at..at + after.len()].copy_from_slice(after);
    refused(&forged, "not sound");
    fs::write(place.path().join("copy.db-wal"), b"x").expect("it is written");
    refused(&sound, "a log of SQLite");
    fs::remove_file(place.path().join("copy.db-wal")).expect("it is there");
    fs::write(&copy, &sound).expect("it is written");
    place.json(&["--data", "other", "restore", "copy.db"]);
}

#[test]
fn there_is_no_copy_of_what_is_not_there_and_postgres_has_its_own_tools() {
    let place = Place::new();
    assert!(place.error(&["backup", "copy.db"]).contains("there is no store in"));
    assert!(!place.path().join("copy.db").exists());
    let place = Place::on("postgres://someone@127.0.0.1:1/none".to_owned());
    assert!(place.error(&["backup", "copy.db"]).contains("pg_dump"));
    assert!(place.error(&["restore", "copy.db"]).contains("pg_restore"));
}

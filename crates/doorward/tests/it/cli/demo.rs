//! `doorward demo`

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::Stdio,
};

use serde_json::Value;

use super::place::{Place, Running};

#[test]
fn it_shows_what_arrived() {
    let place = Place::new();
    let text = place.text(&["demo", "--listen", "127.0.0.1:0", "--users", "14", "--exit"]);
    for words in [
        "Doorward serves Corvid Foods on http://127.0.0.1:",
        "People that arrived: 14",
        "USERNAME",
        "and 2 more",
        "Groups that arrived: 6",
        "MEMBERS",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!place.data().exists(), "only a flag chooses the store of a demo");
}

#[test]
fn it_goes_on_serving_and_leaves_nothing() {
    // Whether or not we get it: the demo cannot have this port.
    let _taken = TcpListener::bind("127.0.0.1:8400");
    let place = Place::new();
    let child = place
        .command(&["demo", "--users", "3", "--groups", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut demo = Running::new(child);
    let mut text = String::new();
    let mut stdout = BufReader::new(demo.child.stdout.take().expect("it is piped"));
    while !text.contains("Press ctrl-c") {
        assert_ne!(stdout.read_line(&mut text).expect("it can be read"), 0, "{text}");
    }
    assert!(!text.contains("127.0.0.1:8400"), "{text}");
    for words in ["SCIM connector base URL", "API token", "curl -H 'Authorization: Bearer scim_"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let store = text.split("--data ").nth(1).and_then(|rest| rest.split(' ').next());
    let store = Path::new(store.expect("a directory"));
    assert!(store.join("doorward.db").exists(), "{}", store.display());
    assert_eq!(demo.end("-INT"), Some(0));
    assert!(!store.exists(), "{}", store.display());
}

#[test]
fn it_can_be_repeated_on_a_store_that_is_kept() {
    let place = Place::new();
    let play = || -> Value {
        place.json(&[
            "demo",
            "--data",
            "kept",
            "--listen",
            "127.0.0.1:0",
            "--users",
            "5",
            "--groups",
            "2",
            "--exit",
        ])
    };
    let (first, second) = (play(), play());
    assert_eq!((&first["users"], &first["groups"]), (&5.into(), &2.into()));
    assert_eq!((&second["users"], &second["groups"]), (&5.into(), &2.into()), "found, not doubled");
    assert_eq!(first["connection"], second["connection"]);
    assert_eq!(second["store"], "kept");
    assert_eq!(place.json(&["--data", "kept", "verify"])["ok"], true);
    let base_url = first["base_url"].as_str().expect("an address");
    assert!(base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/scim/v2"));
}

//! Where the configuration comes from, as the commands feel it.

use std::fs;

use super::place::Place;

fn base_url(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let create = ["connection", "create", "--organization", "acme", "--json"];
    let ran = place.run_with(&[&create, arguments].concat(), variables);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    ran.object()["base_url"].as_str().expect("a text").to_owned()
}

#[test]
fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
    let place = Place::with_acme();
    fs::write(place.path().join("door.toml"), "public_url = \"https://file.example.com\"")
        .expect("a file");
    let variable = [("DOORWARD_PUBLIC_URL", "https://variable.example.com")];
    let file = ["--config", "door.toml"];
    let flag = ["--config", "door.toml", "--public-url", "https://flag.example.com"];
    assert_eq!(base_url(&place, &[], &[]), "http://127.0.0.1:8400/scim/v2");
    assert_eq!(base_url(&place, &file, &[]), "https://file.example.com/scim/v2");
    assert_eq!(base_url(&place, &file, &variable), "https://variable.example.com/scim/v2");
    assert_eq!(base_url(&place, &flag, &variable), "https://flag.example.com/scim/v2");
    let named = [("DOORWARD_CONFIG", "door.toml")];
    assert_eq!(base_url(&place, &[], &named), "https://file.example.com/scim/v2");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let place = Place::new();
    let text = "listn = \"127.0.0.1:1\"\npublic_url = \"https://my_door.example.com\"\n";
    fs::write(place.path().join("door.toml"), text).expect("a file");
    let error = place.error(&["--config", "door.toml", "organization", "list"]);
    assert_eq!(
        error,
        "door.toml, line 1: unknown key `listn`; did you mean `listen`?\n\
         door.toml, line 2: `public_url`: \"https://my_door.example.com\" must not contain `_`: \
         Okta refuses such a base URL"
    );
    let ran = place.run(&["--config", "door.toml", "config", "check", "--json"]);
    assert_eq!(ran.code, Some(1));
    let object = ran.object();
    assert_eq!(object["ok"], false);
    assert_eq!(object["findings"].as_array().map(Vec::len), Some(2), "{object}");
}

#[test]
fn check_tells_warnings_from_errors() {
    let place = Place::new();
    let check = |arguments: &[&str]| place.run(&[&["config", "check"], arguments].concat());
    let sound = check(&["--json"]);
    assert_eq!(sound.code, Some(0));
    assert_eq!(sound.object(), serde_json::json!({ "ok": true, "findings": [] }));
    assert!(check(&[]).stdout.contains("The configuration can be used."));

    let plain = check(&["--json", "--public-url", "http://door.example.com"]);
    assert_eq!(plain.code, Some(0), "a warning is no failure");
    assert_eq!(plain.object()["findings"][0]["level"], "warning");

    let broken = check(&["--data", "/dev/null/data"]);
    assert_eq!(broken.code, Some(1));
    assert!(broken.stdout.starts_with("error: The data directory /dev/null/data"));
    assert!(!broken.stdout.contains("can be used."), "{}", broken.stdout);
    assert!(!place.data().exists(), "a check makes nothing");
}

#[test]
fn a_variable_that_means_nothing_is_a_warning() {
    let place = Place::with_acme();
    let ran = place.run_with(&["organization", "list", "--json"], &[("DOORWARD_DTA", "x")]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.object()["organizations"][0]["slug"], "acme");
    assert_eq!(
        ran.stderr,
        "warning: DOORWARD_DTA: unknown variable; did you mean `DOORWARD_DATA`?\n"
    );
}

#[test]
fn the_password_of_the_database_is_never_printed() {
    let place = Place::new();
    // Nobody listens on port 1.
    let url = "postgres://doorward:hunter2@127.0.0.1:1/doorward";
    for arguments in
        [&["organization", "list"][..], &["migrate"], &["serve"], &["config", "check"], &["verify"]]
    {
        let ran = place.run_with(
            &[&["--log", "trace"], arguments].concat(),
            &[("DOORWARD_DATABASE_URL", url)],
        );
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains("postgres://doorward:***@127.0.0.1:1/doorward"), "{said}");
    }
}

#[test]
fn the_log_has_the_level_and_shape_that_were_asked_for() {
    let place = Place::with_acme();
    let log = |arguments: &[&str]| place.run(&[&["verify"], arguments].concat()).stderr;
    assert_eq!(log(&[]), "", "a command that answers once only tells what is wrong");
    let fresh = Place::new();
    let ran = fresh.run(&["migrate", "--log", "debug", "--log-format", "json"]);
    for line in ran.stderr.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(ran.stderr.contains("applied the migration V1"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("refinery"), "{}", ran.stderr);
}

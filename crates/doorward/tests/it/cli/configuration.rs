//! Where the configuration comes from, as the commands feel it.

use std::fs;

use serde_json::Value;

use super::place::Place;

const UNKNOWN: &str = "the public URL is not known yet: start `doorward serve --public-url \
                       https://...` once, or give `--public-url`";

fn base_url(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let create = ["connection", "create", "--organization", "acme", "--json"];
    let ran = place.run_with(&[&create, arguments].concat(), variables);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let object = ran.object();
    let note = object.get("note").map(|note| note.as_str().expect("a text"));
    assert_eq!(note, object["base_url"].is_null().then_some(UNKNOWN));
    object["base_url"].clone()
}

#[test]
fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
    let place = Place::with_acme();
    fs::write(place.path().join("door.toml"), "public_url = \"https://file.example.com\"")
        .expect("a file");
    let variable = [("DOORWARD_PUBLIC_URL", "https://variable.example.com")];
    let file = ["--config", "door.toml"];
    let flag = ["--config", "door.toml", "--public-url", "https://flag.example.com"];
    assert_eq!(base_url(&place, &[], &[]), Value::Null, "no one has told it");
    assert_eq!(base_url(&place, &file, &[]), "https://file.example.com/scim/v2");
    assert_eq!(base_url(&place, &file, &variable), "https://variable.example.com/scim/v2");
    assert_eq!(base_url(&place, &flag, &variable), "https://flag.example.com/scim/v2");
    let named = [("DOORWARD_CONFIG", "door.toml")];
    assert_eq!(base_url(&place, &[], &named), "https://file.example.com/scim/v2");
}

#[test]
fn a_server_tells_the_commands_by_which_address_it_is_reached() {
    let place = Place::with_acme();
    let made = place.connect();
    let id = made["id"].as_str().expect("an id");
    let shown = place.text(&["connection", "show", id]);
    assert!(shown.contains("not known yet") && shown.contains(UNKNOWN), "{shown}");
    let created = place.text(&["connection", "create", "--organization", "acme"]);
    assert!(created.contains(&format!("No base URL is shown: {UNKNOWN}.")), "{created}");

    // Where none is set, it is that of the listener.
    let mut server = place.serve();
    let first = format!("http://{}", server.address());
    assert_eq!(base_url(&place, &[], &[]), format!("{first}/scim/v2"));
    assert_eq!(server.end("-TERM"), Some(0));
    assert_eq!(base_url(&place, &[], &[]), format!("{first}/scim/v2"), "it was written down");
    let flag = ["--public-url", "https://flag.example.com"];
    assert_eq!(base_url(&place, &flag, &[]), "https://flag.example.com/scim/v2");

    // No one can connect to every address at once.
    let mut server = place.serve_with(&["--listen", "0.0.0.0:0"]);
    assert_eq!(base_url(&place, &[], &[]), Value::Null);
    assert_eq!(server.end("-TERM"), Some(0));

    let mut server = place.serve_with(&["--public-url", "https://door.example.com/"]);
    assert_eq!(base_url(&place, &[], &[]), "https://door.example.com/scim/v2");
    let issued = place.json(&["token", "issue", "--connection", id]);
    assert_eq!(issued["base_url"], "https://door.example.com/scim/v2");
    let shown = place.json(&["connection", "show", id]);
    assert_eq!(shown["connection_url"], format!("https://door.example.com/c/{id}/scim/v2"));
    assert_eq!(server.end("-TERM"), Some(0));

    // What somebody has set stays where a server was told nothing.
    let mut server = place.serve();
    assert_eq!(base_url(&place, &[], &[]), "https://door.example.com/scim/v2");
    assert_eq!(server.end("-TERM"), Some(0));
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

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        fs::create_dir(place.path().join("open")).expect("a directory");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(place.path().join("open"), mode).expect("permissions");
        let open = check(&["--data", "open"]);
        assert_eq!(open.code, Some(0));
        assert!(open.stdout.contains("warning: The data directory open is open to other users"));
    }

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
    // No one listens on port 1.
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
}

//! Arguments that are wrong, and flags in any place.

use serde_json::Value;

use super::place::Place;

#[test]
fn a_wrong_command_line_is_told_from_a_failure() {
    let place = Place::new();
    for (arguments, words) in [
        (&["orgnization"][..], "unrecognized subcommand"),
        (&["organization", "create", "Acme"], "--slug"),
        (&["connection", "create", "--organization", "a", "--provider", "ping"], "jumpcloud"),
        (&["connection", "create", "--organization", "a", "--protocol", "none"], "scim1"),
        (
            &["connection", "create", "--organization", "a", "--expires-in", "365"],
            "a span is a number of days or hours, such as 365d or 12h",
        ),
        (
            &["token", "issue", "--connection", "x", "--expires-in", "1d", "--never-expires"],
            "cannot be used with",
        ),
        (&["token", "revoke", "--connection", "x", "first"], "a token has a number"),
        (&["organization", "set-plan", "acme"], "PLAN"),
    ] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(words), "{}", ran.stderr);
        let ran = place.run(&[arguments, &["--json"]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""), "{arguments:?}");
        let object = ran.object();
        let error = object["error"].as_str().expect("a sentence");
        assert!(error.contains(words) && !error.starts_with("error"), "{error}");
    }
}

#[test]
fn help_and_version_are_no_failure() {
    let place = Place::new();
    for arguments in [&["--help"][..], &["connection", "create", "--help"], &["--version"]] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert!(place.text(&["--version"]).starts_with("doorward "));
    let ran = place.run(&[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("Usage: doorward"), "{}", ran.stderr);
}

#[test]
fn global_flags_may_stand_anywhere() {
    let place = Place::new();
    let lists = [
        &["--data", "elsewhere", "--json", "organization", "list"][..],
        &["organization", "--data", "elsewhere", "list", "--json"],
        &["organization", "list", "--json", "--data", "elsewhere"],
    ];
    place.json(&["organization", "create", "Acme", "--slug", "acme", "--data", "elsewhere"]);
    for arguments in lists {
        let listed: Value = place.run(arguments).object();
        assert_eq!(listed["organizations"][0]["slug"], "acme", "{arguments:?}");
    }
    assert!(place.path().join("elsewhere/doorward.db").exists());
    assert!(!place.data().exists());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::with_acme();
    let mut child = place
        .command(&["organization", "list"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

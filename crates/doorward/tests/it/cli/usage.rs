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
        (&["connection", "create", "--organization", "a", "--protocol", "soap"], "scim1"),
        (
            &["connection", "create", "--organization", "a", "--expires-in", "365"],
            "a duration is a whole number with a unit, such as 1y, 52w",
        ),
        (
            &["connection", "create", "--organization", "a", "--expires-in", "0d"],
            "a token that works for no time is of no use",
        ),
        (
            &["connection", "create", "--organization", "a", "--expires-in", "999999999999y"],
            "the longest lifetime is 100y",
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
fn options_of_every_command_are_told_of_once() {
    let place = Place::new();
    let all = ["--config", "--json", "--data", "--database-url", "--public-url", "--log-format"];
    let first = place.text(&["--help"]);
    for option in all {
        assert_eq!(first.matches(&format!("{option} ")).count(), 1, "{option}: {first}");
    }
    for command in [
        &["serve"][..],
        &["connection"],
        &["connection", "create"],
        &["organization", "list"],
        &["export", "users"],
        &["config", "check"],
    ] {
        for flag in ["-h", "--help"] {
            let help = place.text(&[command, &[flag]].concat());
            for line in help.lines() {
                let told = all.iter().any(|option| line.trim_start().starts_with(option));
                assert!(!told, "{command:?}: {help}");
            }
            assert!(help.contains("Options of every command: see `doorward --help`"), "{help}");
        }
    }
}

#[test]
fn a_shell_completes_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.text(&["completions", shell]);
        for word in ["doorward", "connection", "set-profile", "never-expires"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let json = place.json(&["completions", "fish"]);
    assert_eq!(
        json["script"].as_str().map(str::trim_end),
        Some(place.text(&["completions", "fish"]).trim_end())
    );
    let ran = place.run(&["completions", "tcsh"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(!place.data().exists());
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let place = Place::new();
    let page = place.text(&["man"]);
    assert!(page.contains(".TH doorward 1") && page.contains("organization"), "{page}");
    assert_eq!(place.json(&["man"])["page"].as_str().map(str::trim_end), Some(page.trim_end()));
    let written = place.json(&["man", "--directory", "man/man1"]);
    assert_eq!(written["directory"], "man/man1");
    let page = |name: &str| {
        std::fs::read_to_string(place.path().join("man/man1").join(name)).expect("a page")
    };
    assert!(page("doorward.1").contains("\\-\\-public\\-url"));
    let create = page("doorward-connection-create.1");
    assert!(create.contains("\\-\\-never\\-expires"), "{create}");
    assert!(!create.contains("\\-\\-public\\-url"), "told of once: {create}");
    let error = place.error(&["man", "--directory", "/dev/null/man"]);
    assert!(error.starts_with("cannot write the pages into /dev/null/man: "), "{error}");
}

#[test]
fn the_version_tells_what_is_inside() {
    let place = Place::new();
    let version = place.json(&["version"]);
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["sqlite"].as_str().is_some_and(|sqlite| sqlite.starts_with("3.")), "{version}");
    assert!(version["schema"].as_u64().is_some_and(|schema| schema > 0), "{version}");
    let text = place.text(&["version"]);
    assert!(text.contains("SQLite") && text.contains(env!("CARGO_PKG_VERSION")), "{text}");
    assert!(!place.data().exists(), "it needs no store");
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

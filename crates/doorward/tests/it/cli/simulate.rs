//! `doorward simulate`

use std::io::Read as _;

use serde_json::Value;

use super::place::{Place, Running};

#[test]
fn a_failure_is_told_by_the_exit_code() {
    let Served { place, base_url, .. } = &Served::new("okta");
    let okta = ["simulate", "okta", "--base-url", base_url, "--token", "wrong"];
    let ran = place.run(&[&okta[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    let report = ran.object();
    assert_ne!(report["failed"], 0, "{report}");
    assert_eq!((&report["provider"], &report["flavour"]), (&"okta".into(), &"custom-app".into()));
    let ran = place.run(&okta);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("FAIL") && ran.stderr.is_empty(), "{}", ran.stdout);
    assert!(ran.stdout.contains("steps failed for the same reason:"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Removed what this run made: 0 users and 0 groups"));
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

/// A server on a store with `acme`, and what its connection was told.
struct Served {
    _server: Running,
    place: Place,
    base_url: String,
    token: String,
}

impl Served {
    fn new(provider: &str) -> Self {
        let place = Place::with_acme();
        let base = ["connection", "create", "--organization", "acme", "--removal-guard", "off"];
        let create = [&base[..], &["--provider", provider]].concat();
        let token = place.json(&create)["token"].as_str().expect("a token").to_owned();
        let server = place.serve();
        let base_url = format!("http://{}/scim/v2", server.address());
        Self { _server: server, place, base_url, token }
    }

    /// The command that plays Okta's catalog app.
    fn catalog<'s>(&'s self, more: &[&'s str]) -> Vec<&'s str> {
        let okta = ["simulate", "okta", "--app", "catalog", "--base-url", &self.base_url];
        [&okta[..], &["--token", &self.token], more].concat()
    }
}

/// How many users and groups `acme` has.
fn counts(place: &Place) -> (Value, Value) {
    let acme = place.json(&["organization", "show", "acme"]);
    (acme["users"].clone(), acme["groups"].clone())
}

#[test]
fn what_a_run_made_is_removed_unless_it_is_to_be_kept() {
    let served = Served::new("okta");
    let place = &served.place;
    let volume = ["--users", "12", "--groups", "2"];
    let report = place.json(&served.catalog(&volume));
    assert_eq!(
        (&report["removed"]["users"], &report["removed"]["groups"]),
        (&20.into(), &2.into())
    );
    assert_eq!(report["removed"]["left"], 0, "{report}");
    assert_eq!(counts(place), (0.into(), 0.into()));

    let report = place.json(&served.catalog(&[&volume[..], &["--keep"]].concat()));
    assert_eq!((&report["removed"], &report["made_users"]), (&Value::Null, &20.into()), "{report}");
    assert_eq!(counts(place), (20.into(), 2.into()));

    // What was there before stays.
    let text = place.text(&served.catalog(&[]));
    assert!(text.contains("Removed what this run made: 0 users and 0 groups"), "{text}");
    assert_eq!(counts(place), (20.into(), 2.into()));
    assert_eq!(place.json(&["verify"])["ok"], true);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_removes_what_it_made() {
    let served = Served::new("okta");
    let place = &served.place;
    let child = place
        .command(&served.catalog(&["--users", "100000", "--json"]))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut run = Running::new(child);
    let begun = std::time::Instant::now();
    while counts(place).0.as_i64() < Some(20) && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(run.end("-INT"), Some(1), "steps were skipped");
    let mut report = String::new();
    run.child.stdout.take().expect("it is piped").read_to_string(&mut report).expect("text");
    let report: Value = serde_json::from_str(&report).expect("a report");
    assert!(report["removed"]["users"].as_i64() >= Some(20), "{report}");
    assert_ne!(report["skipped"], 0, "{report}");
    assert_eq!(counts(place), (0.into(), 0.into()));
}

#[test]
fn the_token_may_come_from_a_variable() {
    let Served { place, base_url, token, .. } = &Served::new("okta");
    let arguments = ["simulate", "okta", "--app", "catalog", "--base-url", base_url, "--json"];
    let ran = place.run_with(&arguments, &[("DOORWARD_SIMULATE_TOKEN", token)]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let report = ran.object();
    assert_eq!((&report["failed"], &report["flavour"]), (&0.into(), &"catalog-app".into()));
    assert!(!ran.stdout.contains(token.as_str()));
}

#[test]
fn entra_takes_the_flag_from_the_command_line_or_from_the_base_url() {
    let Served { place, base_url: plain, token, .. } = &Served::new("entra");
    let pasted = format!("{plain}?aadOptscim062020");
    for (base_url, flag, flavour) in [
        (plain, &[][..], "entra"),
        (plain, &["--flag"][..], "entra-flagged"),
        (&pasted, &[][..], "entra-flagged"),
    ] {
        let entra = ["simulate", "entra", "--base-url", base_url, "--token", token];
        let report = place.json(&[&entra, flag, &["--users", "3", "--groups", "1"]].concat());
        assert_eq!((&report["provider"], &report["flavour"]), (&"entra".into(), &flavour.into()));
        assert_eq!((&report["failed"], &report["skipped"]), (&0.into(), &0.into()), "{report}");
        assert_eq!(report["not_kept"], serde_json::json!([]));
        assert_eq!(report["base_url"], plain.as_str());
    }
}

#[test]
fn entra_does_not_speak_scim_1_1() {
    let place = Place::new();
    let base_url = ["--base-url", "http://127.0.0.1:1/scim/v1", "--token", "secret-value"];
    let entra = ["simulate", "entra", "--protocol", "scim1"];
    let error = place.error(&[&entra[..], &base_url].concat());
    assert!(error.starts_with("Entra ID speaks SCIM 2.0 only"), "{error}");
}

#[test]
fn what_cannot_begin_is_told_with_what_to_do() {
    let place = Place::new();
    let okta = |arguments: &[&str]| place.error(&[&["simulate", "okta"], arguments].concat());
    let nowhere = ["--base-url", "http://127.0.0.1:1/scim/v2"];
    let error = okta(&nowhere);
    assert!(error.starts_with("a token is needed: set the variable DOORWARD_SIMULATE_TOKEN"));
    let token = ["--token", "secret-value"];
    let error = okta(&[&nowhere[..], &token].concat());
    assert!(error.contains("127.0.0.1:1") && !error.contains("secret-value"), "{error}");
    let error = okta(&[&nowhere[..], &token, &["--protocol", "scim1", "--app", "custom"]].concat());
    assert!(error.starts_with("a custom app of Okta speaks SCIM 2.0 only"), "{error}");
}

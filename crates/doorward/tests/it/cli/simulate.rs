//! `doorward simulate`

use super::place::Place;

#[test]
fn a_failure_is_told_by_the_exit_code() {
    let place = Place::with_acme();
    let server = place.serve();
    let base_url = format!("http://{}/scim/v2", server.address());
    let okta = ["simulate", "okta", "--base-url", &base_url, "--token", "wrong"];
    let ran = place.run(&[&okta[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    let report = ran.object();
    assert_ne!(report["failed"], 0, "{report}");
    assert_eq!(report["flavour"], "custom-app");
    let ran = place.run(&okta);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("FAIL") && ran.stderr.is_empty(), "{}", ran.stdout);
}

#[test]
fn the_token_may_come_from_a_variable() {
    let place = Place::with_acme();
    let made = place.connect();
    let token = made["token"].as_str().expect("a token");
    let server = place.serve();
    let base_url = format!("http://{}/scim/v2", server.address());
    let arguments = ["simulate", "okta", "--app", "catalog", "--base-url", &base_url, "--json"];
    let ran = place.run_with(&arguments, &[("DOORWARD_SIMULATE_TOKEN", token)]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let report = ran.object();
    assert_eq!((&report["failed"], &report["flavour"]), (&0.into(), &"catalog-app".into()));
    assert!(!ran.stdout.contains(token));
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

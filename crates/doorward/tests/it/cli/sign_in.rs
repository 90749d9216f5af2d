//! `doorward connection saml` and `doorward session`

use std::fs;

use serde_json::json;
use testkit::SamlProvider;

use super::place::Place;
use crate::sign_in::metadata::Publisher;

#[test]
fn how_people_sign_in_is_shown_and_changed() {
    let place = Place::with_acme();
    let id = place.connect()["id"].as_str().expect("an id").to_owned();
    let shown = place.json(&["connection", "saml", "show", &id]);
    assert_eq!((&shown["state"], &shown["provider"]), (&json!("off"), &json!(null)));
    let text = place.text(&["connection", "saml", "show", &id]);
    assert!(text.contains("Audience URI (SP Entity ID)"), "{text}");
    // Nothing can be enforced of which nothing is known.
    let enforce = ["connection", "saml", "set", &id, "--state", "enforced", "--yes"];
    assert_eq!(
        place.error(&enforce),
        "the provider is not known yet: give its metadata, or its entity ID and its single sign-on \
         URL"
    );
    let provider = SamlProvider::new("birchwood");
    let pem = place.path().join("okta.pem");
    fs::write(&pem, provider.pem()).expect("a file");
    let pem = pem.to_str().expect("a path");
    let set = [
        "connection",
        "saml",
        "set",
        &id,
        "--provider-entity-id",
        &provider.entity_id,
        "--sso-url",
        &provider.sso_url,
        "--certificate",
        pem,
        "--state",
        "testing",
        "--signed",
        "assertion",
    ];
    let shown = place.json(&set);
    assert_eq!(shown["state"], "testing");
    assert_eq!(shown["signed"], "assertion");
    assert_eq!(shown["provider"]["entity_id"], provider.entity_id);
    let certificates = shown["provider"]["certificates"].as_array().expect("certificates");
    assert_eq!((certificates.len(), &certificates[0]["last_used"]), (1, &json!(null)));
    let untested = ["connection", "saml", "set", &id, "--state", "enforced"];
    assert!(place.error(&untested).starts_with("no test sign-in went well"));
    assert_eq!(place.json(&enforce)["state"], "enforced");

    let listed = place.json(&["connection", "saml", "certificate", "list", &id]);
    let sha256 = listed["certificates"][0]["sha256"].as_str().expect("a digest").to_owned();
    let remove = ["connection", "saml", "certificate", "remove", &id, &sha256];
    assert_eq!(place.json(&remove)["provider"]["certificates"], json!([]));
    assert!(
        place.error(&remove).starts_with("there is no certificate"),
        "{}",
        place.error(&remove)
    );
    let add = ["connection", "saml", "certificate", "add", &id, pem];
    assert_eq!(place.json(&add)["provider"]["certificates"][0]["sha256"], sha256);
    let bad = place.path().join("bad.pem");
    fs::write(&bad, "not one").expect("a file");
    let bad = ["connection", "saml", "certificate", "add", &id, bad.to_str().expect("a path")];
    assert!(place.error(&bad).contains("this is no certificate"));
    let plain = [
        "connection",
        "saml",
        "set",
        &id,
        "--provider-entity-id",
        "x",
        "--sso-url",
        "http://idp.example/sso",
    ];
    assert!(place.error(&plain).contains("begins with https://"));
    let creates = ["connection", "saml", "set", &id, "--create-users", "on"];
    assert!(place.error(&creates).contains("pushes its users"));
}

#[test]
fn a_connection_may_be_for_sign_in_only() {
    let place = Place::with_acme();
    let create = ["connection", "create", "--organization", "acme", "--protocol", "none"];
    let made = place.json(&create);
    assert_eq!((&made["token"], &made["base_url"]), (&json!(null), &json!(null)));
    let id = made["id"].as_str().expect("an id");
    let set = ["connection", "saml", "set", id, "--create-users", "on"];
    assert_eq!(place.json(&set)["create_users"], true);
    assert!(place.text(&create).contains("for sign-in only"));
}

#[test]
fn sessions_are_listed_and_ended() {
    let place = Place::with_acme();
    let list = ["session", "list", "--organization", "acme"];
    assert_eq!(place.streamed(&list), json!({ "organization": "acme", "sessions": [] }));
    assert!(place.text(&list).contains("No one is signed in."));
    let revoke = ["session", "revoke", "--organization", "acme"];
    assert_eq!(place.run(&revoke).code, Some(2));
    let user = [&revoke[..], &["--user", "noor"]].concat();
    assert!(place.error(&user).contains("there is no user \"noor\""), "{}", place.error(&user));
    let session = [&revoke[..], &["--id", "x"]].concat();
    assert!(place.error(&session).contains("is not the id of a session"));
}

#[test]
fn a_provider_is_known_by_the_address_of_its_metadata() {
    let (place, runtime) = (Place::with_acme(), tokio::runtime::Runtime::new().expect("a runtime"));
    let id = place.connect()["id"].as_str().expect("an id").to_owned();
    let provider = SamlProvider::new("birchwood");
    let publisher = runtime.block_on(Publisher::open(&[&provider]));
    let _server = place.serve();
    let set = ["connection", "saml", "set", &id, "--metadata-url", &publisher.url];
    let shown = place.json(&[&set[..], &["--sign-requests", "on"]].concat());
    assert_eq!(shown["provider"]["entity_id"], provider.entity_id);
    assert_eq!(shown["metadata"]["url"], publisher.url);
    assert_eq!(shown["sign_requests"], true);
    let certificate = &shown["provider"]["certificates"][0];
    assert_eq!(certificate["standing"], "trusted");
    let sha256 = certificate["sha256"].as_str().expect("a digest");
    let trust = ["connection", "saml", "certificate", "trust", &id];
    place.json(&[&trust[..], &[sha256]].concat());
    let zeros = "00".repeat(32);
    let unknown = [&trust[..], &[&*zeros]].concat();
    assert!(place.error(&unknown).starts_with("there is no certificate"));
    let nowhere = ["connection", "saml", "set", &id, "--metadata-url", "http://169.254.169.254/"];
    assert!(place.error(&nowhere).contains("network"), "{}", place.error(&nowhere));
    let text = place.text(&["connection", "saml", "show", &id]);
    assert!(text.contains(&publisher.url), "{text}");
}

#[test]
fn a_connection_may_take_no_api_tokens() {
    let place = Place::with_acme();
    let id = place.connect()["id"].as_str().expect("an id").to_owned();
    let (on, off) = (["connection", "ipsie", &id, "on"], ["connection", "ipsie", &id, "off"]);
    assert_eq!(place.json(&on)["ipsie"], true);
    assert!(place.text(&on).contains("nothing changed"));
    let issue = ["token", "issue", "--connection", &id];
    assert!(place.error(&issue).contains("takes no API tokens"), "{}", place.error(&issue));
    assert!(place.text(&["connection", "show", &id]).contains("access tokens only"));
    assert_eq!(place.json(&off)["ipsie"], false);
    place.json(&issue);
}

//! `doorward api-key`

use insta::assert_json_snapshot;

use super::place::Place;

#[test]
fn a_key_is_made_shown_once_listed_and_revoked() {
    let place = Place::with_acme();
    let made = place.json(&["api-key", "create", "Billing", "--organization", "acme"]);
    assert_json_snapshot!(made, {
        ".created" => "[time]",
        ".expires" => "[time]",
        ".api_key" => "[key]",
    }, @r#"
    {
      "number": 1,
      "name": "Billing",
      "scope": "read",
      "state": "live",
      "created": "[time]",
      "last_used": null,
      "expires": "[time]",
      "revoked": null,
      "organization": "acme",
      "api_key": "[key]"
    }
    "#);
    let text = place.text(&["api-key", "create", "All", "--scope", "manage", "--never-expires"]);
    assert!(text.starts_with("API key 1 (scope manage) for the installation and all"), "{text}");
    assert!(text.contains("\n  dwkey_0_1_"), "{text}");

    let revoked = place.json(&["api-key", "revoke", "--organization", "acme", "1"]);
    assert_eq!((&revoked["state"], &revoked["changed"]), (&"revoked".into(), &true.into()));
    let listed = place.json(&["api-key", "list", "--organization", "acme"]);
    assert_eq!(listed["api_keys"][0]["state"], "revoked");
    assert_eq!(place.json(&["api-key", "list"])["api_keys"][0]["name"], "All");
    assert_eq!(
        place.error(&["api-key", "revoke", "7"]),
        "there is no API key 7; `doorward api-key list` shows all"
    );
}

#[test]
fn an_installation_may_begin_with_a_key() {
    let place = Place::new();
    let made = place.json(&["api-key", "create", "Bootstrap", "--scope", "manage"]);
    assert!(made["api_key"].as_str().expect("a text").starts_with("dwkey_0_1_"));
}

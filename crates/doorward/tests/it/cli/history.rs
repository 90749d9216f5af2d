//! `doorward history`, `doorward organization restore` and `doorward organization checksum`

use serde_json::{Value, json};

use super::place::Place;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// A place where a provider made two people and archived one; the number of the event before that.
fn place() -> (Place, i64, String) {
    let place = Place::with_acme();
    let made = place.connect();
    let token = made["token"].as_str().expect("a token");
    let mut server = place.serve();
    let user =
        |name: &str| json!({ "schemas": [USER], "userName": name, "active": true }).to_string();
    for name in ["ada@acme.example", "bea@acme.example"] {
        assert_eq!(server.status("POST", "/scim/v2/Users", token, &user(name)), 201);
    }
    let noon = place.json(&["organization", "show", "acme"])["events"].as_i64().expect("a number");
    let found = place.json(&["user", "show", "ada@acme.example", "--organization", "acme"]);
    let id = found["id"].as_str().expect("an id").to_owned();
    let archive = json!({ "schemas": [USER], "userName": "ada@acme.example", "active": false });
    let at = format!("/scim/v2/Users/{id}");
    assert_eq!(server.status("PUT", &at, token, &archive.to_string()), 200);
    assert_eq!(server.end("-TERM"), Some(0));
    (place, noon, id)
}

#[test]
fn what_a_provider_took_away_is_seen_and_brought_back() {
    let (place, noon, id) = place();
    let at = noon.to_string();
    let ada = ["history", "user", "ada@acme.example", "--organization", "acme"];
    let told = place.streamed(&ada);
    let kinds: Vec<&Value> =
        told["events"].as_array().expect("a list").iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["user.created", "user.archived"]);
    let then = place.json(&[&ada[..], &["--at", &at]].concat());
    assert_eq!((&then["id"], &then["active"]), (&json!(id), &json!(true)));
    let counted = place.json(&["history", "organization", "acme", "--at", &at]);
    assert_eq!((&counted["users"], &counted["since"]), (&json!(2), &json!({ "user.archived": 1 })));
    let lines = place.text(&["history", "snapshot", "acme", "--at", &at]);
    assert_eq!(lines.lines().count(), 4);
    let restore = ["organization", "restore", "acme", "--to", &at];
    let text = place.text(&[&restore[..], &["--preview"]].concat());
    assert!(text.contains("1 user reactivated") && text.contains("ada@acme.example"), "{text}");
    let done = place.json(&restore);
    assert_eq!((&done["done"]["reactivated"], &done["whole"]), (&json!(1), &json!(true)));
    let text = place.text(&restore);
    assert!(text.starts_with("Nothing was lost"), "{text}");
    let error = place.error(&["history", "organization", "acme", "--at", "999"]);
    assert!(error.contains("there is no event 999 yet"), "{error}");
}

#[test]
fn a_checksum_is_shown_with_its_event() {
    let (place, noon, _) = place();
    let sums = place.json(&["organization", "checksum", "acme"]);
    assert_eq!(sums["number"], noon + 1);
    assert_eq!(sums["users"].as_str().map(str::len), Some(32));
    assert_eq!(sums["groups"], "0".repeat(32));
}

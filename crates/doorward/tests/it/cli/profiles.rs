//! `doorward connection profiles` and `set-profile`, and what a running server makes of it.

use scim::{Leniency, Profile};
use serde_json::Value;

use super::place::{Place, Running};

fn id(made: &Value) -> &str {
    made["id"].as_str().expect("an id")
}

#[test]
fn a_profile_is_chosen_and_given_back() {
    let place = Place::with_acme();
    let made = place.connect();
    let chosen = |id: &str| {
        let shown = place.json(&["connection", "show", id]);
        (shown["profile"].clone(), shown["profile_chosen"].clone())
    };
    assert_eq!(chosen(id(&made)), ("okta-1".into(), false.into()));
    let changed = place.json(&["connection", "set-profile", id(&made), "strict"]);
    assert_eq!((&changed["id"], &changed["profile"]), (&made["id"], &"strict-1".into()));
    assert_eq!(chosen(id(&made)), ("strict-1".into(), true.into()));
    let again = place.json(&["connection", "set-profile", id(&made), "strict"]);
    assert_eq!((&changed["changed"], &again["changed"]), (&true.into(), &false.into()));
    let again = place.text(&["connection", "set-profile", id(&made), "strict"]);
    assert!(again.ends_with("has the profile strict-1 already: nothing changed.\n"), "{again}");
    place.json(&["connection", "set-profile", id(&made), "entra-1"]);
    assert_eq!(chosen(id(&made)), ("entra-1".into(), true.into()));
    place.json(&["connection", "set-profile", id(&made), "default"]);
    assert_eq!(chosen(id(&made)), ("okta-1".into(), false.into()));

    let create = ["connection", "create", "--organization", "acme", "--profile", "strict"];
    let strict = place.json(&create);
    assert_eq!(chosen(id(&strict)), ("strict-1".into(), true.into()));
    let listed = place.text(&["connection", "list"]);
    assert!(listed.contains("okta-1") && listed.contains("strict-1"), "{listed}");
    let shown = place.text(&["connection", "show", id(&made)]);
    assert!(shown.contains("okta-1 (the default for okta)"), "{shown}");
}

#[test]
fn an_unknown_profile_is_answered_with_the_names() {
    let place = Place::with_acme();
    let made = place.connect();
    for arguments in [
        &["connection", "set-profile", id(&made), "lax"][..],
        &["connection", "create", "--organization", "acme", "--profile", "lax"],
    ] {
        let ran = place.run(&[&["--json"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        let sentence = ran.object()["error"].to_string();
        for profile in Profile::ALL {
            assert!(sentence.contains(profile.name()), "{profile}: {sentence}");
        }
    }
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(
        place.error(&["connection", "set-profile", unknown, "strict"]),
        format!("there is no connection \"{unknown}\"; `doorward connection list` shows all")
    );
}

#[test]
fn profiles_are_listed_without_a_store() {
    let place = Place::new();
    let listed = place.json(&["connection", "profiles"]);
    let profiles = listed["profiles"].as_array().expect("a list");
    let accepted = |name: &str| {
        let found = profiles.iter().find(|one| one["name"] == name);
        found.and_then(|one| one["accepts_leniently"].as_array()).expect(name).len()
    };
    assert_eq!((accepted("generic-1"), accepted("strict-1")), (Leniency::ALL.len(), 0));
    let generic = profiles.iter().find(|one| one["name"] == "generic-1").expect("it is listed");
    assert_eq!(generic["default_for"], serde_json::json!(["other"]));
    let words: Vec<_> = listed["leniencies"].as_array().expect("a list").iter().collect();
    assert_eq!(words.len(), Leniency::ALL.len());
    let text = place.text(&["connection", "profiles"]);
    let row = |begin: &str| {
        let row = text.lines().find(|line| line.starts_with(begin)).expect("a row");
        row.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("generic-1"), "generic-1 other everything below");
    assert_eq!(row("okta-1"), "okta-1 okta everything but selector-name, list-of-one, no-match");
    assert_eq!(row("entra-1"), "entra-1 entra everything but v2-patch");
    assert_eq!(row("strict-1"), "strict-1 - nothing");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for leniency in Leniency::ALL {
        assert!(row(leniency.keyword()).starts_with(leniency.keyword()));
        let end = leniency.description().rsplit(' ').next().expect("a word");
        assert!(words.contains(end), "{words}");
    }
    assert!(!place.data().exists(), "a command that only looks makes nothing");
}

#[test]
fn a_running_server_obeys_at_once_and_logs_what_it_accepted() {
    let place = Place::with_acme();
    let made =
        place.json(&["connection", "create", "--organization", "acme", "--provider", "other"]);
    let token = made["token"].as_str().expect("a token");
    let mut server = place.serve();
    let post = |server: &Running, name: &str| {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}",
                "active":"True","shoeSize":44}}"#
        );
        server.status("POST", "/scim/v2/Users", token, &body)
    };
    assert_eq!(post(&server, "ada"), 201);
    place.json(&["connection", "set-profile", id(&made), "strict"]);
    assert_eq!(post(&server, "grace"), 400);
    assert_eq!(server.end("-TERM"), Some(0), "{}", place.log());
    let log = place.log();
    let line = log.lines().find(|line| line.contains("corrected")).expect("a line");
    for words in ["generic-1", "active: a text where a boolean belongs", "shoeSize"] {
        assert!(line.contains(words), "{words}: {line}");
    }
    let refused = log.lines().rfind(|line| line.contains("strict-1")).expect("a line");
    assert!(refused.contains("400"), "{refused}");
}

//! `doorward verify`

use std::fs;

use insta::assert_json_snapshot;

use super::place::{Place, contains};

#[test]
fn a_sound_store_is_told_with_what_was_looked_at() {
    let place = Place::with_acme();
    place.json(&["organization", "create", "Beta", "--slug", "beta"]);
    place.connect();
    assert_json_snapshot!(place.json(&["verify"]), @r#"
    {
      "ok": true,
      "violations": 0,
      "organizations": [
        {
          "slug": "acme",
          "users": 0,
          "groups": 0,
          "memberships": 0,
          "events": 3,
          "violation_count": 0,
          "violations": []
        },
        {
          "slug": "beta",
          "users": 0,
          "groups": 0,
          "memberships": 0,
          "events": 1,
          "violation_count": 0,
          "violations": []
        }
      ]
    }
    "#);
    let one = place.json(&["verify", "--organization", "beta"]);
    assert_eq!(one["organizations"].as_array().map(Vec::len), Some(1));
    let text = place.text(&["verify"]);
    assert!(text.contains("acme") && text.contains("sound"), "{text}");
}

#[test]
fn what_was_changed_in_the_file_is_found() {
    let place = Place::new();
    place.json(&["organization", "create", "Honest Ltd", "--slug", "honest"]);
    place.json(&["organization", "create", "Other Ltd", "--slug", "other"]);
    // The name as it stands in the first event; the organization's own row is left alone.
    let (before, after) = (br#""name":"Honest Ltd""#, br#""name":"Forged Ltd""#);
    let path = place.data().join("doorward.db");
    let mut bytes = fs::read(&path).expect("a database");
    let at = bytes.windows(before.len()).position(|window| window == before);
    let at = at.expect("the event is in the file");
    bytes[at..at + after.len()].copy_from_slice(after);
    assert!(!contains(&bytes, before), "there was one");
    fs::write(&path, bytes).expect("it is written");

    let ran = place.run(&["verify", "--json"]);
    assert_eq!(ran.code, Some(1));
    let object = ran.object();
    assert_eq!((&object["ok"], &object["violations"]), (&false.into(), &1.into()), "{object}");
    let honest = &object["organizations"][0]["violations"][0];
    assert_eq!(honest["invariant"], "I4", "{honest}");
    assert!(honest["detail"].as_str().is_some_and(|detail| detail.contains("event 1")), "{honest}");
    assert_eq!(object["organizations"][1]["violation_count"], 0, "the other one is sound");

    let ran = place.run(&["verify"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.contains("honest: I4: ") && ran.stdout.contains("1 wrong"),
        "{}",
        ran.stdout
    );
}

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
          "users": 0,
          "groups": 0,
          "memberships": 0,
          "events": 2,
          "audit": 3,
          "violation_count": 0,
          "violations": [],
          "half_made": [],
          "slug": "acme"
        },
        {
          "users": 0,
          "groups": 0,
          "memberships": 0,
          "events": 1,
          "audit": 1,
          "violation_count": 0,
          "violations": [],
          "half_made": [],
          "slug": "beta"
        }
      ],
      "installation": {
        "users": 0,
        "groups": 0,
        "memberships": 0,
        "events": 0,
        "audit": 2,
        "violation_count": 0,
        "violations": [],
        "half_made": []
      }
    }
    "#);
    let one = place.json(&["verify", "--organization", "beta"]);
    assert_eq!(one["organizations"].as_array().map(Vec::len), Some(1));
    assert!(one["installation"].is_null());
    let text = place.text(&["verify"]);
    assert!(text.contains("acme") && text.contains("sound"), "{text}");
}

#[test]
fn what_was_changed_in_the_file_is_found() {
    let place = Place::new();
    place.json(&["organization", "create", "Honest Ltd", "--slug", "honest"]);
    place.json(&["organization", "create", "Other Ltd", "--slug", "other"]);
    // The name as it stands in the first event, and in the audits of the organization and of the
    // installation; the organization's own row is left alone.
    let (before, after) = (br#""name":"Honest Ltd""#, br#""name":"Forged Ltd""#);
    let path = place.data().join("doorward.db");
    let mut bytes = fs::read(&path).expect("a database");
    let mut forged = 0;
    while let Some(at) = bytes.windows(before.len()).position(|window| window == before) {
        bytes[at..at + after.len()].copy_from_slice(after);
        forged += 1;
    }
    assert_eq!(forged, 3);
    assert!(contains(&bytes, after));
    fs::write(&path, bytes).expect("it is written");

    let ran = place.run(&["verify", "--json"]);
    assert_eq!(ran.code, Some(1));
    let object = ran.object();
    assert_eq!((&object["ok"], &object["violations"]), (&false.into(), &3.into()), "{object}");
    let details = |findings: &serde_json::Value| -> Vec<String> {
        let violations = findings["violations"].as_array().expect("a list");
        violations.iter().map(|one| format!("{}: {}", one["invariant"], one["detail"])).collect()
    };
    assert_eq!(
        details(&object["organizations"][0]),
        [
            r#""I4": "the hash of event 1 is not its own""#,
            r#""I4": "the hash of audit entry 1 is not its own""#
        ]
    );
    assert_eq!(object["organizations"][1]["violation_count"], 0, "the other one is sound");
    assert_eq!(
        details(&object["installation"]),
        [r#""I4": "the hash of audit entry 1 is not its own""#]
    );

    let ran = place.run(&["verify"]);
    assert_eq!(ran.code, Some(1));
    for words in ["honest: I4: ", "(installation): I4: ", "2 wrong", "3 things are wrong"] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}

#[test]
fn the_chains_are_held_against_heads_that_were_kept_elsewhere() {
    let place = Place::with_acme();
    let export = ["export", "audit-heads", "--organization", "acme", "--format", "jsonl"];
    let mut server = place.serve();
    // A server signs when it begins.
    let heads = (0..600).map(|_| place.text(&export)).find(|lines| !lines.is_empty());
    let heads = heads.expect("a head is signed");
    assert_eq!(server.end("-TERM"), Some(0));
    let file = place.path().join("heads.jsonl");
    let shown = file.to_str().expect("a path").to_owned();
    std::fs::write(&file, &heads).expect("a file");
    let verify = ["verify", "--organization", "acme", "--heads", &shown];
    assert_eq!(place.json(&verify)["ok"], true);
    std::fs::write(&file, heads.replace("\"audit\":1", "\"audit\":2")).expect("a file");
    let ran = place.run(&[&verify[..], &["--json"]].concat());
    assert_eq!(ran.object()["ok"], false);
}

//! `doorward organization`

use std::fs;

use insta::assert_json_snapshot;
use serde_json::json;

use super::place::Place;

#[test]
fn create_tells_what_programs_need() {
    let place = Place::new();
    let made = place.json(&["organization", "create", "Acme Corporation", "--slug", "acme"]);
    assert_json_snapshot!(made, { ".id" => "[id]" }, @r#"
    {
      "id": "[id]",
      "slug": "acme",
      "name": "Acme Corporation",
      "plan": null,
      "setup_url": null
    }
    "#);
    let made =
        place.json(&["organization", "create", "Beta", "--slug", "beta", "--plan", "Premium"]);
    assert_json_snapshot!(made, { ".id" => "[id]" }, @r#"
    {
      "id": "[id]",
      "slug": "beta",
      "name": "Beta",
      "plan": "Premium",
      "setup_url": null
    }
    "#);
}

#[test]
fn list_and_show_tell_the_same() {
    let place = Place::with_acme();
    let listed = place.json(&["organization", "list"]);
    assert_json_snapshot!(listed, {
        ".organizations[].id" => "[id]",
        ".organizations[].created" => "[time]",
    }, @r#"
    {
      "organizations": [
        {
          "id": "[id]",
          "slug": "acme",
          "name": "Acme Corporation",
          "plan": null,
          "admin_guard": "auto",
          "users": 0,
          "groups": 0,
          "events": 1,
          "pruned": 0,
          "created": "[time]"
        }
      ]
    }
    "#);
    let mut shown = place.json(&["organization", "show", "acme"]);
    assert_eq!(shown.as_object_mut().and_then(|shown| shown.remove("add_ons")), Some(json!([])));
    assert_eq!(shown, listed["organizations"][0]);
    let created = listed["organizations"][0]["created"].as_str().expect("a text");
    assert!(created.starts_with("20") && created.ends_with('Z'), "{created}");
    let text = place.text(&["organization", "list"]);
    assert!(text.starts_with("SLUG") && text.contains("Acme Corporation"), "{text}");
}

#[test]
fn an_organization_gets_another_name_and_keeps_its_slug() {
    let place = Place::with_acme();
    let renamed = place.json(&["organization", "rename", "acme", "Acme & Söhne"]);
    assert_eq!((&renamed["name"], &renamed["slug"]), (&json!("Acme & Söhne"), &json!("acme")));
    assert_eq!(renamed["changed"], true);
    assert!(
        place.text(&["organization", "rename", "acme", "Acme & Söhne"]).contains("nothing changed")
    );
    assert!(place.error(&["organization", "rename", "acme", " "]).contains("1 to 200 characters"));
    assert!(
        place.text(&["audit", "list", "--organization", "acme"]).contains("organization.renamed")
    );
}

#[test]
fn the_plan_can_be_set_and_taken_away() {
    let place = Place::with_acme();
    let plan = |place: &Place| place.json(&["organization", "show", "acme"])["plan"].clone();
    place.json(&["organization", "set-plan", "acme", "Supreme"]);
    assert_eq!(plan(&place), "Supreme");
    place.json(&["organization", "set-plan", "acme", "--none"]);
    assert!(plan(&place).is_null());
    // Each change is an event, and the chain of events still holds.
    assert_eq!(place.json(&["organization", "show", "acme"])["events"], 3);
    assert_eq!(place.json(&["verify"])["ok"], true);
}

#[test]
fn a_deleted_organization_is_gone_and_its_slug_is_free() {
    let place = Place::with_acme();
    let deleted = place.json(&["organization", "delete", "acme", "--yes"]);
    assert_json_snapshot!(deleted, { ".id" => "[id]" }, @r#"
    {
      "id": "[id]",
      "slug": "acme",
      "deleted": true
    }
    "#);
    assert_eq!(place.json(&["organization", "list"])["organizations"], json!([]));
    place.json(&["organization", "create", "Acme again", "--slug", "acme"]);
    assert!(place.text(&["organization", "delete", "acme", "--yes"]).contains("is deleted"));
}

#[test]
fn deleting_without_a_terminal_needs_yes() {
    let place = Place::with_acme();
    // `--json` is how a program asks, and not that it is sure.
    let error = place.error(&["organization", "delete", "acme"]);
    assert_eq!(
        error,
        "Acme Corporation has 0 users and 0 groups. Everything will be deleted for good. There is no \
         terminal to ask at, so give `--yes` to go on"
    );
    assert_eq!(place.json(&["organization", "show", "acme"])["slug"], "acme", "it is there");
}

#[test]
fn setting_the_plan_that_is_set_says_that_nothing_changed() {
    let place = Place::with_acme();
    let set = |arguments: &[&str]| {
        let all = [&["organization", "set-plan", "acme"], arguments].concat();
        (place.json(&all)["changed"].clone(), place.text(&all))
    };
    let (changed, again) = set(&["Supreme"]);
    assert_eq!(changed, true);
    assert_eq!(again, "Acme Corporation (acme) has the plan Supreme already: nothing changed.\n");
    let (changed, again) = set(&["--none"]);
    assert_eq!(changed, true);
    assert_eq!(again, "Acme Corporation (acme) had no plan: nothing changed.\n");
    assert_eq!(set(&["--none"]).0, false);
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence() {
    let place = Place::with_acme();
    assert_eq!(
        place.error(&["organization", "create", "Other", "--slug", "acme"]),
        "there is an organization with the slug acme already"
    );
    assert_eq!(
        place.error(&["organization", "create", "Other", "--slug", "Other Inc"]),
        "\"Other Inc\" is not a slug: use 1 to 63 lower-case letters, digits and inner hyphens"
    );
    assert_eq!(
        place.error(&["organization", "create", " ", "--slug", "other"]),
        "an organization has a name of 1 to 200 characters, and no control characters"
    );
    for command in ["show", "delete"] {
        assert_eq!(
            place.error(&["organization", command, "nobody"]),
            "there is no organization \"nobody\"; `doorward organization list` shows all"
        );
    }
}

#[test]
fn a_command_that_looks_makes_no_store() {
    let place = Place::new();
    for arguments in [
        &["organization", "list"][..],
        &["organization", "show", "acme"],
        &["connection", "create", "--organization", "acme"],
        &["connection", "list"],
        &["token", "list", "--connection", "x"],
        &["export", "users", "--organization", "acme"],
        &["verify"],
    ] {
        let error = place.error(arguments);
        assert!(
            error.starts_with(
                "there is no store in ./doorward-data yet; `doorward organization create"
            ),
            "{error}"
        );
    }
    assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0, "nothing was made");
}

#[test]
fn migrate_makes_a_store_and_then_has_nothing_to_do() {
    let place = Place::new();
    let first = place.json(&["migrate"]);
    assert!(!first["applied"].as_array().expect("a list").is_empty());
    assert_eq!(place.json(&["migrate"]), json!({ "applied": [] }));
    let text = place.text(&["organization", "list"]);
    assert!(text.starts_with("There is no organization yet; `doorward organization create"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_into_the_store() {
    use std::{os::unix::fs::PermissionsExt as _, process::Command};

    let mode = |path: &std::path::Path| {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    };
    // Whatever the umask says: one that lets everyone in, and one that lets no one in.
    for umask in ["000", "077", "777"] {
        let place = Place::new();
        let script = format!("umask {umask}; exec \"$@\"");
        let binary = env!("CARGO_BIN_EXE_doorward");
        fs::create_dir(place.data()).expect("a directory");
        let created = Command::new("/bin/sh")
            .args(["-c", &script, "sh", binary, "organization", "create", "Acme", "--slug", "acme"])
            .current_dir(place.path())
            .env_clear()
            .output()
            .expect("it starts");
        assert!(created.status.success(), "{umask}: {}", String::from_utf8_lossy(&created.stderr));
        assert_eq!(mode(&place.data().join("doorward.db")), 0o600, "{umask}");
    }
    let place = Place::with_acme();
    assert_eq!(mode(&place.data()), 0o700);
    let _server = place.serve();
    for file in ["doorward.db", "doorward.db-wal", "doorward.db-shm"] {
        assert_eq!(mode(&place.data().join(file)), 0o600, "{file}");
    }
}

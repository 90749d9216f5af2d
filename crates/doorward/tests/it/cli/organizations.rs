//! `doorward organization`

use std::fs;

use insta::assert_json_snapshot;

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
          "users": 0,
          "groups": 0,
          "events": 1,
          "created": "[time]"
        }
      ]
    }
    "#);
    assert_eq!(place.json(&["organization", "show", "acme"]), listed["organizations"][0]);
    let created = listed["organizations"][0]["created"].as_str().expect("a text");
    assert!(created.starts_with("20") && created.ends_with('Z'), "{created}");
    let text = place.text(&["organization", "list"]);
    assert!(text.starts_with("SLUG") && text.contains("Acme Corporation"), "{text}");
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
    let deleted = place.json(&["organization", "delete", "acme"]);
    assert_json_snapshot!(deleted, { ".id" => "[id]" }, @r#"
    {
      "id": "[id]",
      "slug": "acme",
      "deleted": true
    }
    "#);
    assert_eq!(place.json(&["organization", "list"])["organizations"], serde_json::json!([]));
    place.json(&["organization", "create", "Acme again", "--slug", "acme"]);
    assert!(place.text(&["organization", "delete", "acme", "--yes"]).contains("is deleted"));
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
        "an organization needs a name of 1 to 200 characters"
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
    assert_eq!(place.json(&["migrate"]), serde_json::json!({ "applied": [] }));
    let text = place.text(&["organization", "list"]);
    assert!(text.starts_with("There is no organization yet; `doorward organization create"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_into_the_store() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::with_acme();
    let mode = fs::metadata(place.data()).expect("a directory").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

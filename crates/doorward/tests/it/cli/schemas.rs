//! `doorward schema`

use serde_json::json;

use super::place::Place;

const URN: &str = "urn:example:params:scim:schemas:badge:2.0:User";

/// A definition as its file holds it.
fn write(place: &Place, name: &str, text: &str) {
    std::fs::write(place.path().join(name), text).expect("a file");
}

fn badge(attribute: &str) -> String {
    format!(
        "name = \"badge\"\n\n[[schemas]]\nid = \"{URN}\"\nname = \"Badge\"\n\
         attributes = [{{ name = \"number\", type = \"{attribute}\" }}]\n\n\
         [[extensions]]\nresourceType = \"User\"\nschema = \"{URN}\"\nindex = [\"number\"]\n"
    )
}

#[test]
fn a_definition_is_checked_registered_listed_shown_and_removed() {
    let place = Place::with_acme();
    write(&place, "badge.toml", &badge("string"));
    let checked = place.json(&["schema", "check", "badge.toml"]);
    assert_eq!(checked, json!({ "name": "badge", "extensions": [URN], "endpoints": [] }));

    let acme = ["--organization", "acme"];
    let register = [&["schema", "register", "badge.toml"][..], &acme].concat();
    let registered = place.json(&register);
    assert_eq!(
        registered,
        json!({ "name": "badge", "organization": "acme", "replaced": false, "indexed": 0 })
    );
    assert_eq!(place.json(&register)["replaced"], true);
    let installed = place.json(&["schema", "register", "okta-governance"]);
    assert_eq!(installed["organization"], serde_json::Value::Null);

    let listed = place.json(&[&["schema", "list"][..], &acme].concat());
    let listed: Vec<(&str, &str)> = listed["definitions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (one["name"].as_str().expect("a name"), one["scope"].as_str().expect("one")))
        .collect();
    assert_eq!(listed, [("okta-governance", "installation"), ("badge", "organization")]);
    assert!(place.text(&["schema", "list"]).contains("/Roles"));

    let shown = place.json(&[&["schema", "show", "badge"][..], &acme].concat());
    assert_eq!(shown["schemas"][0]["attributes"][0]["name"], "number");
    // What is shown can be registered again.
    write(&place, "again.json", &shown.to_string());
    let again = [&["schema", "register", "again.json"][..], &acme].concat();
    assert_eq!(place.json(&again)["replaced"], true);

    place.text(&[&["schema", "remove", "badge"][..], &acme].concat());
    place.text(&["schema", "remove", "okta-governance"]);
    let empty = place.json(&[&["schema", "list"][..], &acme].concat());
    assert_eq!(empty, json!({ "definitions": [] }));
    assert!(place.text(&["verify"]).contains("sound"), "the events tell the same");
}

#[test]
fn what_cannot_be_registered_says_why() {
    let place = Place::with_acme();
    let register = |file: &str| place.error(&["schema", "register", file]);
    assert!(register("nowhere.toml").contains("okta-governance"));
    write(&place, "badge.txt", "");
    assert!(register("badge.txt").contains(".toml or .json"));
    write(&place, "typo.toml", &badge("string").replace("index", "indexed"));
    assert!(register("typo.toml").contains("indexed"));
    write(&place, "kind.toml", &badge("text"));
    assert!(register("kind.toml").contains("text"));
    write(&place, "none.toml", &badge("string").replace("\"number\"]", "\"colour\"]"));
    assert!(register("none.toml").contains("no attribute colour"));
    let missing = place.error(&["schema", "show", "badge", "--organization", "acme"]);
    assert!(missing.contains("doorward schema list --organization acme"), "{missing}");
    assert!(place.error(&["schema", "remove", "badge"]).contains("no definition badge"));
}

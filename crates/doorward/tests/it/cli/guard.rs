//! `doorward connection guard`

use serde_json::json;

use super::place::Place;

fn made(place: &Place, more: &[&str]) -> String {
    let create = ["connection", "create", "--organization", "acme"];
    let made = place.json(&[&create[..], more].concat());
    made["id"].as_str().expect("an id").to_owned()
}

#[test]
fn the_guard_of_a_connection_is_on_and_can_be_set() {
    let place = Place::with_acme();
    let id = made(&place, &[]);
    let shown = place.json(&["connection", "guard", "show", &id]);
    let limits = [&shown["on"], &shown["people"], &shown["percent"], &shown["minutes"]];
    assert_eq!(limits, [&json!(true), &json!(500), &json!(20), &json!(60)]);
    assert_eq!((&shown["held"], &shown["since"]), (&json!(0), &json!(null)));
    let text = place.text(&["connection", "guard", "show", &id]);
    assert!(text.contains("Nothing is held; 0 removals are counted in the window."), "{text}");
    let set = ["connection", "guard", "set", &id, "--people", "50", "--minutes", "15"];
    let changed = place.json(&set);
    assert_eq!((&changed["people"], &changed["percent"]), (&json!(50), &json!(20)));
    assert_eq!(changed["changed"], true);
    assert_eq!(place.json(&set)["changed"], false);
    let off = place.json(&["connection", "guard", "set", &id, "--off"]);
    assert_eq!((&off["on"], &off["people"]), (&json!(false), &json!(50)));
    let off = made(&place, &["--removal-guard", "off"]);
    assert_eq!(place.json(&["connection", "guard", "show", &off])["on"], false);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let place = Place::with_acme();
    let id = made(&place, &[]);
    for (arguments, sentence) in [
        (&["set", &id, "--percent", "101"][..], "from 1 to 100"),
        (&["set", &id], "name what is to be different"),
        (&["release", &id, "--yes"], "nothing is held"),
        (&["refuse", &id, "--yes"], "nothing is held"),
        (&["release", &id, "--user", "nobody"], "no user \"nobody\""),
    ] {
        let error = place.error(&[&["connection", "guard"], arguments].concat());
        assert!(error.contains(sentence), "{error}");
    }
}

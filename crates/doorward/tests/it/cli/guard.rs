//! `doorward connection guard`

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
    assert_eq!(limits, [&true.into(), &500.into(), &20.into(), &60.into()]);
    assert_eq!((&shown["held"], &shown["since"]), (&0.into(), &serde_json::Value::Null));
    let text = place.text(&["connection", "guard", "show", &id]);
    assert!(text.contains("Nothing is held; 0 removals are counted in the window."), "{text}");
    let set = ["connection", "guard", "set", &id, "--people", "50", "--minutes", "15"];
    let changed = place.json(&set);
    assert_eq!((&changed["people"], &changed["percent"]), (&50.into(), &20.into()));
    assert_eq!(changed["changed"], true);
    assert_eq!(place.json(&set)["changed"], false);
    let off = place.json(&["connection", "guard", "set", &id, "--off"]);
    assert_eq!((&off["on"], &off["people"]), (&false.into(), &50.into()));
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

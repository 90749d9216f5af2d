//! `doorward drift`

use std::fs;

use serde_json::{Value, json};

use super::{export::place_with, place::Place};

fn user(name: &str, given: &str, active: bool) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@acme.example"),
        "externalId": format!("00u-{name}"),
        "name": { "givenName": given, "familyName": "Doe" },
        "active": active,
    })
}

/// Compares with this list, for programs.
fn drift(place: &Place, file: &str, more: &[&str]) -> Value {
    let path = place.path().join("people.csv");
    fs::write(&path, file).expect("a file");
    let connections = place.streamed(&["connection", "list"]);
    let id = connections["connections"][0]["id"].as_str().expect("an id").to_owned();
    let path = path.to_str().expect("a path");
    let arguments = ["drift", "--connection", &id, path];
    place.streamed(&[&arguments[..], more].concat())
}

#[test]
fn each_difference_from_the_providers_list_is_told_once() {
    let (place, _) = place_with(&[
        user("ada", "Ada", true),
        user("bob", "Robert", true),
        user("cyd", "Cyd", false),
        user("dan", "Dan", true),
        user("eve", "Eve", true),
        user("fay", "Fay", false),
        user("gus", "Gus", true),
    ]);
    let told = drift(
        &place,
        "User ID,Login,First name,Last name,Status\n\
         00u-ada,ADA@acme.example,Ada,Doe,ACTIVE\n\
         00u-bob,bob@acme.example,Bob,Doe,ACTIVE\n\
         00u-cyd,cyd@acme.example,Cyd,Doe,ACTIVE\n\
         00u-eve,eve@acme.example,Eve,Doe,DEPROVISIONED\n\
         00u-fay,fay@acme.example,Fay,Doe,DEPROVISIONED\n\
         00u-gus,august@acme.example,Gus,Doe,ACTIVE\n\
         00u-hal,hal@acme.example,Hal,Doe,ACTIVE\n\
         00u-ivy,ivy@acme.example,Ivy,Doe,SUSPENDED\n",
        &[],
    );
    let compared = json!(["userName", "externalId", "givenName", "familyName", "active"]);
    assert_eq!(told["compared"], compared);
    let found: Vec<Value> = told["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| json!([one["kind"], one["userName"], one["line"], one["fields"]]))
        .collect();
    let other = |attribute: &str, there: &str, here: &str| json!([{ "attribute": attribute, "there": there, "here": here }]);
    let renamed = other("userName", "august@acme.example", "gus@acme.example");
    assert_eq!(
        json!(found),
        json!([
            ["different", "bob@acme.example", 3, other("givenName", "Bob", "Robert")],
            ["archived", "cyd@acme.example", 4, []],
            ["extra", "eve@acme.example", 5, []],
            ["different", "august@acme.example", 7, renamed],
            ["missing", "hal@acme.example", 8, []],
            ["extra", "dan@acme.example", null, []],
        ])
    );
    assert_eq!((&told["there"], &told["same"]), (&json!(8), &json!(3)), "ada, fay and ivy");
}

#[test]
fn a_list_that_is_the_same_has_no_difference() {
    let (place, _) = place_with(&[user("ada", "Ada", true)]);
    let exported = place.text(&["export", "users", "--organization", "acme"]);
    let told = drift(&place, &exported, &[]);
    assert_eq!((&told["same"], &told["differences"]), (&json!(1), &json!([])), "{told}");
    let named = drift(&place, "Staff\nada@acme.example\n", &["--column", "userName=staff"]);
    assert_eq!((&named["same"], &named["differences"]), (&json!(1), &json!([])), "{named}");
}

#[test]
fn a_list_without_user_names_is_refused() {
    let place = Place::with_acme();
    let id = place.connect()["id"].as_str().expect("an id").to_owned();
    let path = place.path().join("people.csv");
    fs::write(&path, "mail,city\na@b.c,Ulm\n").expect("a file");
    let path = path.to_str().expect("a path");
    let error = place.error(&["drift", "--connection", &id, path]);
    assert!(error.contains("no column of user names"), "{error}");
}

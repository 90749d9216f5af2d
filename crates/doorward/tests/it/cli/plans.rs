//! `doorward plan`, and what an organization may use

use serde_json::json;

use super::place::Place;

#[test]
fn plans_are_defined_listed_and_deleted() {
    let place = Place::with_acme();
    assert!(place.text(&["plan", "list"]).starts_with("There is no plan"));
    let set = ["plan", "set", "Premium", "--feature", "scim", "--feature", "saml"];
    assert_eq!(place.json(&set), json!({ "name": "Premium", "features": ["scim", "saml"] }));
    place.json(&["plan", "set", "Basic"]);
    place.json(&["plan", "set-default", "Basic"]);
    assert_eq!(
        place.json(&["plan", "list"]),
        json!({ "plans": [
            { "name": "Basic", "features": [], "default": true },
            { "name": "Premium", "features": ["scim", "saml"], "default": false },
        ] })
    );
    let text = place.text(&["plan", "list"]);
    assert!(text.contains("none") && text.contains("scim, saml"), "{text}");

    place.json(&["organization", "set-plan", "acme", "Premium"]);
    assert_eq!(place.error(&["plan", "delete", "Premium"]), "the organization acme has this plan");
    assert_eq!(
        place.error(&["plan", "delete", "Basic"]),
        "it is the default plan of the installation"
    );
    assert_eq!(place.json(&["plan", "set-default", "--none"])["changed"], true);
    assert_eq!(
        place.text(&["plan", "set-default", "--none"]),
        "There was no default plan: nothing changed.\n"
    );
    assert_eq!(place.json(&["plan", "delete", "Basic"])["deleted"], true);
    for command in ["delete", "set-default"] {
        assert_eq!(
            place.error(&["plan", command, "Basic"]),
            "there is no plan \"Basic\"; `doorward plan list` shows all"
        );
    }
    let ran = place.run(&["plan", "set", "Other", "--feature", "telepathy"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn a_plan_that_is_not_defined_is_told_of() {
    let place = Place::with_acme();
    let text = place.text(&["organization", "set-plan", "acme", "Premium"]);
    assert_eq!(
        text,
        "Acme Corporation (acme) has the plan Premium. No plan Premium is defined, so it may use \
         every feature; `doorward plan set` defines one.\n"
    );
    place.json(&["plan", "set", "Basic"]);
    let text = place.text(&["organization", "set-plan", "acme", "Basic"]);
    assert_eq!(text, "Acme Corporation (acme) has the plan Basic.\n");
}

#[test]
fn a_plan_without_provisioning_is_refused_until_there_is_an_add_on() {
    let place = Place::with_acme();
    let token = place.connect()["token"].as_str().expect("a token").to_owned();
    place.json(&["plan", "set", "Basic", "--feature", "saml"]);
    place.json(&["organization", "set-plan", "acme", "Basic"]);
    let server = place.serve();
    let answer = server.answer("GET", "/scim/v2/Users", &token, "");
    assert!(answer.contains(r#"The plan \"Basic\""#), "{answer}");

    let add = ["organization", "add-on", "acme", "scim"];
    let added = place.json(&add);
    assert_eq!(added, json!({ "slug": "acme", "add_ons": ["scim"], "changed": true }));
    assert_eq!(place.json(&add)["changed"], false);
    assert_eq!(place.json(&["organization", "show", "acme"])["add_ons"], json!(["scim"]));
    assert_eq!(server.users(&token), 200);

    let remove = ["organization", "remove-add-on", "acme", "scim"];
    assert_eq!(place.json(&remove)["add_ons"], json!([]));
    assert_ne!(server.users(&token), 200);
    assert_eq!(
        place.error(&remove),
        "there is no add-on \"scim\" in acme; `doorward organization show acme` shows all"
    );
    assert_eq!(place.json(&["verify"])["ok"], true);
}

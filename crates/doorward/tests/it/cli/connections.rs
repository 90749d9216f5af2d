//! `doorward connection`

use insta::assert_json_snapshot;
use serde_json::Value;

use super::place::Place;

const DAY: i64 = 24 * 3600;

/// Seconds from one printed time to another.
fn between(from: &Value, to: &Value) -> i64 {
    let parse = |time: &Value| time.as_str().expect("a time").parse::<jiff::Timestamp>();
    let (from, to) = (parse(from).expect("ISO 8601"), parse(to).expect("ISO 8601"));
    to.as_second() - from.as_second()
}

#[test]
fn create_tells_the_pair_for_each_protocol() {
    let place = Place::with_acme();
    let create = |arguments: &[&str]| {
        let base = ["connection", "create", "--organization", "acme"];
        place.json(&[&base, arguments].concat())
    };
    assert_json_snapshot!(
        create(&["--provider", "okta", "--protocol", "scim2"]),
        { ".id" => "[id]", ".token" => "[token]" },
        @r#"
    {
      "id": "[id]",
      "protocol": "scim2",
      "base_url": null,
      "token": "[token]",
      "note": "the public URL is not known yet: start `doorward serve --public-url https://...` once, or give `--public-url`"
    }
    "#);
    assert_json_snapshot!(
        create(&["--protocol", "scim1", "--public-url", "https://door.example.com/"]),
        { ".id" => "[id]", ".token" => "[token]" },
        @r#"
    {
      "id": "[id]",
      "protocol": "scim1",
      "base_url": "https://door.example.com/scim/v1",
      "token": "[token]"
    }
    "#);
    let token = create(&[])["token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("scim_") && token.len() > 50, "{}", token.len());
}

#[test]
fn create_speaks_the_words_of_the_provider() {
    let place = Place::with_acme();
    let create = |provider: &str| {
        let create = ["connection", "create", "--organization", "acme", "--provider", provider];
        place.text(&[&create[..], &["--public-url", "http://127.0.0.1:8400"]].concat())
    };
    let okta = create("okta");
    for words in [
        "SCIM connector base URL",
        "http://127.0.0.1:8400/scim/v2\n",
        "Unique identifier field for users",
        "userName",
        "API token",
        "shown once",
        "this machine only",
    ] {
        assert!(okta.contains(words), "{words}: {okta}");
    }
    assert_eq!(okta.matches("scim_").count(), 1, "the token stands on one line: {okta}");
    let pair = okta.lines().filter(|line| line.contains("scim_") || line.contains("userName"));
    for line in pair {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert!(create("entra").contains("Secret Token"));
    assert!(create("onelogin").contains("SCIM Bearer Token"));
    assert!(create("jumpcloud").contains("Token Key"));
    assert!(create("other").contains("API token"));
}

#[test]
fn show_tells_addresses_and_tokens_but_no_secret() {
    let place = Place::with_acme();
    let made = place.connect();
    let id = made["id"].as_str().expect("an id");
    let shown = place.json(&["connection", "show", id, "--public-url", "https://door.example.com"]);
    let times = shown["tokens"][0].clone();
    assert_eq!(between(&times["created"], &times["expires"]), 365 * DAY);
    assert_eq!(
        shown["connection_url"],
        format!("https://door.example.com/c/{id}/scim/v2"),
        "the address of this connection"
    );
    assert_json_snapshot!(shown, {
        ".id" => "[id]",
        ".created" => "[time]",
        ".connection_url" => "[url]",
        ".tokens[].created" => "[time]",
        ".tokens[].expires" => "[time]",
    }, @r#"
    {
      "id": "[id]",
      "organization": "acme",
      "name": null,
      "provider": "okta",
      "protocol": "scim2",
      "profile": "okta-1",
      "profile_chosen": false,
      "state": "active",
      "ipsie": false,
      "created": "[time]",
      "base_url": "https://door.example.com/scim/v2",
      "connection_url": "[url]",
      "tokens": [
        {
          "number": 1,
          "state": "live",
          "created": "[time]",
          "last_used": null,
          "expires": "[time]",
          "revoked": null
        }
      ]
    }
    "#);
    let text = place.text(&["connection", "show", id]);
    for word in ["okta", "scim2", "active", "not known yet", "live"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_life_of_a_token_can_be_chosen() {
    let place = Place::with_acme();
    let expires = |arguments: &[&str]| {
        let base = ["connection", "create", "--organization", "acme"];
        let made = place.json(&[&base, arguments].concat());
        let shown = place.json(&["connection", "show", made["id"].as_str().expect("an id")]);
        shown["tokens"][0].clone()
    };
    assert!(expires(&["--never-expires"])["expires"].is_null());
    let token = expires(&["--expires-in", "12h"]);
    assert_eq!(between(&token["created"], &token["expires"]), DAY / 2);
}

#[test]
fn list_tells_the_connections_of_all_or_of_one() {
    let place = Place::with_acme();
    place.json(&["organization", "create", "Beta", "--slug", "beta"]);
    place.connect();
    place.json(&["connection", "create", "--organization", "beta", "--provider", "entra"]);
    let all = place.json(&["connection", "list"]);
    assert_json_snapshot!(all, {
        ".connections[].id" => "[id]",
        ".connections[].created" => "[time]",
    }, @r#"
    {
      "connections": [
        {
          "id": "[id]",
          "organization": "acme",
          "name": null,
          "provider": "okta",
          "protocol": "scim2",
          "profile": "okta-1",
          "profile_chosen": false,
          "state": "active",
          "ipsie": false,
          "created": "[time]"
        },
        {
          "id": "[id]",
          "organization": "beta",
          "name": null,
          "provider": "entra",
          "protocol": "scim2",
          "profile": "entra-1",
          "profile_chosen": false,
          "state": "active",
          "ipsie": false,
          "created": "[time]"
        }
      ]
    }
    "#);
    let one = place.json(&["connection", "list", "--organization", "beta"]);
    assert_eq!(one["connections"], serde_json::json!([all["connections"][1]]));
}

#[test]
fn a_connection_is_switched_off_and_on() {
    let place = Place::with_acme();
    let made = place.connect();
    let id = made["id"].as_str().expect("an id");
    let switched = |command: &str| {
        let json = place.json(&["connection", command, id]);
        (json["state"].clone(), json["changed"].clone())
    };
    assert_eq!(switched("enable"), ("active".into(), false.into()));
    assert_eq!(
        place.text(&["connection", "enable", id]),
        format!("Connection {id} of Acme Corporation was in use already: nothing changed.\n")
    );
    assert_eq!(switched("disable"), ("disabled".into(), true.into()));
    assert_eq!(place.json(&["connection", "show", id])["state"], "disabled");
    assert_eq!(switched("disable"), ("disabled".into(), false.into()));
    assert_eq!(
        place.text(&["connection", "disable", id]),
        format!("Connection {id} of Acme Corporation was switched off already: nothing changed.\n")
    );
    assert_eq!(switched("enable"), ("active".into(), true.into()));
}

#[test]
fn a_connection_is_set_up_before_it_is_in_use() {
    let place = Place::with_acme();
    let create = ["connection", "create", "--organization", "acme", "--setup"];
    assert!(place.text(&create).contains("is being set up"));
    let made = place.json(&create);
    let id = made["id"].as_str().expect("an id");
    assert_eq!(place.json(&["connection", "show", id])["state"], "setup");
    let enabled = place.json(&["connection", "enable", id]);
    assert_eq!((&enabled["state"], &enabled["changed"]), (&"active".into(), &true.into()));
}

#[test]
fn a_connection_has_a_name_for_people() {
    let place = Place::with_acme();
    let create = ["connection", "create", "--organization", "acme", "--name", "Acme's Okta"];
    let made = place.json(&create);
    let id = made["id"].as_str().expect("an id");
    assert_eq!(place.json(&["connection", "show", id])["name"], "Acme's Okta");
    let renamed = place.json(&["connection", "rename", id, " Okta of Acme "]);
    assert_eq!((&renamed["name"], &renamed["changed"]), (&"Okta of Acme".into(), &true.into()));
    assert!(place.text(&["connection", "list"]).contains("Okta of Acme"));
    assert_eq!(
        place.text(&["connection", "rename", id, "Okta of Acme"]),
        format!("Connection {id} of Acme Corporation has that name already: nothing changed.\n")
    );
    for wrong in [" ", "two\nlines", &"x".repeat(101)] {
        assert_eq!(
            place.error(&["connection", "rename", id, wrong]),
            "a connection has a name of 1 to 100 characters, and no control characters"
        );
    }
    assert_eq!(place.json(&["connection", "rename", id, "--none"])["name"], Value::Null);
    assert_eq!(
        place.text(&["connection", "rename", id, "--none"]),
        format!("Connection {id} of Acme Corporation had no name: nothing changed.\n")
    );
    assert_eq!(place.json(&["verify"])["ok"], true);
}

#[test]
fn a_deleted_connection_leaves_its_people_and_takes_its_tokens() {
    let place = Place::with_acme();
    let made = place.connect();
    let (id, token) = (made["id"].as_str().expect("an id"), made["token"].as_str().expect("one"));
    let server = place.serve();
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#;
    assert_eq!(server.status("POST", "/scim/v2/Users", token, user), 201);
    let ada = ["user", "show", "ada", "--organization", "acme"];
    assert_eq!(place.json(&ada)["managed_by"], made["id"]);

    let error = place.error(&["connection", "delete", id]);
    assert_eq!(
        error,
        format!(
            "Connection {id} of Acme Corporation (okta) has 1 live token. It will be deleted for \
             good; the people and groups that it brought stay. There is no terminal to ask at, so \
             give `--yes` to go on"
        )
    );
    assert_eq!(server.users(token), 200);
    let deleted = place.json(&["connection", "delete", id, "--yes"]);
    assert_eq!((&deleted["id"], &deleted["deleted"]), (&made["id"], &true.into()));
    assert_eq!(server.users(token), 401);
    assert_eq!(place.json(&["connection", "list"])["connections"], serde_json::json!([]));
    assert_eq!(
        place.error(&["connection", "show", id]),
        format!("there is no connection \"{id}\"; `doorward connection list` shows all")
    );
    let shown = place.json(&ada);
    assert_eq!((&shown["active"], &shown["managed_by"]), (&true.into(), &Value::Null));
    assert!(place.text(&ada).contains("no connection"));
    assert_eq!(place.json(&["verify"])["ok"], true);
}

#[test]
fn a_list_is_at_most_a_hundred_columns_wide() {
    let place = Place::new();
    let long = "a".repeat(60);
    place.json(&["organization", "create", &"Name ".repeat(30), "--slug", &long]);
    let name = "n".repeat(100);
    let create = ["connection", "create", "--organization", &long, "--provider", "jumpcloud"];
    let made = place.json(&[&create[..], &["--name", &name]].concat());
    let id = made["id"].as_str().expect("an id");
    for list in [
        &["organization", "list"][..],
        &["connection", "list"],
        &["connection", "profiles"],
        &["token", "list", "--connection", id],
        &["event", "list", "--organization", &long],
        &["audit", "list", "--organization", &long],
        &["audit", "list"],
        &["role", "list", "--organization", &long],
        &["verify"],
    ] {
        let text = place.text(list);
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{list:?}: {line}");
        }
    }
    assert!(place.text(&["connection", "list"]).contains(id), "ids stay whole");
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::with_acme();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for command in ["show", "enable", "disable", "delete"] {
        assert_eq!(
            place.error(&["connection", command, unknown]),
            format!("there is no connection \"{unknown}\"; `doorward connection list` shows all")
        );
        assert_eq!(
            place.error(&["connection", command, "acme"]),
            "\"acme\" is not the id of a connection; `doorward connection list` shows all"
        );
    }
    assert_eq!(
        place.error(&["connection", "create", "--organization", "nobody"]),
        "there is no organization \"nobody\"; `doorward organization list` shows all"
    );
}

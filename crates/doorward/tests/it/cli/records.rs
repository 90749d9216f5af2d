//! `doorward audit`, `doorward connection log` and `doorward rekey`

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::place::Place;

fn kinds(listed: &Value) -> Vec<&str> {
    let entries = listed["entries"].as_array().expect("a list");
    entries.iter().map(|entry| entry["kind"].as_str().expect("a kind")).collect()
}

#[test]
fn the_audit_tells_who_did_what_to_credentials_and_settings() {
    let place = Place::with_acme();
    let connection = place.connect()["id"].as_str().expect("an id").to_owned();
    place.json(&["token", "revoke", "--connection", &connection, "1"]);
    let list = ["audit", "list", "--organization", "acme"];
    let listed = place.streamed(&list);
    assert_eq!(
        kinds(&listed),
        ["organization.created", "connection.created", "token.issued", "token.revoked"]
    );
    assert_eq!(listed["newest"], 4);
    let revoked = &listed["entries"][3];
    assert_eq!(
        (&revoked["principal"], &revoked["target"], &revoked["body"]["connection"]),
        (&"operator".into(), &"1".into(), &connection.clone().into())
    );
    let request = |at: usize| &listed["entries"][at]["request"];
    assert!(request(1).is_string() && request(1) == request(2), "one command: {listed}");
    assert_ne!(request(2), request(3), "two commands");

    let newest = place.streamed(&[&list[..], &["--last", "1"]].concat());
    assert_eq!(kinds(&newest), ["token.revoked"]);
    let text = place.text(&[&list[..], &["--limit", "3"]].concat());
    assert!(text.contains(&connection[..8]) && text.contains("operator"), "{text}");
    assert!(text.ends_with("1 more follow: `--after 3` shows them.\n"), "{text}");
    for line in place.text(&list).lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn the_installation_has_an_audit_that_outlives_organizations() {
    let place = Place::with_acme();
    place.json(&["plan", "set", "Basic"]);
    place.json(&["organization", "delete", "acme", "--yes"]);
    let listed = place.streamed(&["audit", "list"]);
    assert_eq!(kinds(&listed), ["organization.created", "plan.set", "organization.deleted"]);
    assert_eq!(listed["entries"][2]["body"]["name"], "Acme Corporation");
    assert_eq!(listed["organization"], Value::Null);
    let verified = place.json(&["verify"]);
    // Those three, and the one that acme has left.
    assert_eq!((&verified["ok"], &verified["installation"]["audit"]), (&true.into(), &4.into()));
}

#[test]
fn the_audit_of_a_deleted_organization_is_listed_by_its_id_or_number() {
    let place = Place::with_acme();
    place.connect();
    let id = place.json(&["organization", "show", "acme"])["id"].as_str().expect("one").to_owned();
    let refusal = format!("there is no deleted organization \"{id}\"");
    let error = place.error(&["audit", "list", "--deleted", &id]);
    assert!(error.starts_with(&refusal), "{error}");
    let before = place.streamed(&["audit", "list", "--organization", "acme"]);
    assert_eq!(kinds(&before), ["organization.created", "connection.created", "token.issued"]);
    place.json(&["organization", "delete", "acme", "--yes"]);

    let told = place.streamed(&["audit", "list", "--last", "1"])["entries"][0].clone();
    assert_eq!((&told["kind"], &told["target"]), (&"organization.deleted".into(), &json!(id)));
    let number = told["body"]["number"].to_string();
    for name in [&id, &number] {
        let listed = place.streamed(&["audit", "list", "--deleted", name]);
        assert_eq!(
            (&listed["entries"], &listed["newest"]),
            (&before["entries"], &before["newest"])
        );
        let text = place.text(&["audit", "list", "--deleted", name, "--limit", "2"]);
        assert!(text.contains("connection.created") && text.contains("1 more follow"), "{text}");
    }
    for wrong in ["acme", "7", "0", &number.replace(char::is_numeric, "9")] {
        let error = place.error(&["audit", "list", "--deleted", wrong]);
        assert!(error.contains("there is no deleted organization"), "{error}");
        assert!(error.contains("`doorward audit list` shows"), "{error}");
    }
    assert_eq!(place.json(&["verify"])["ok"], true);
}

#[test]
fn the_log_of_a_connection_tells_each_request() {
    let place = Place::with_acme();
    let made = place.connect();
    let (id, token) = (made["id"].as_str().expect("an id"), made["token"].as_str().expect("one"));
    let log = ["connection", "log", id];
    assert_eq!(place.text(&log), format!("Connection {id} has made no request yet.\n"));
    let mut server = place.serve();
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#;
    assert_eq!(server.status("POST", "/scim/v2/Users", token, user), 201);
    assert_eq!(server.status("POST", "/scim/v2/Users", token, user), 409);

    // Entries are written a moment later, while the server runs.
    let begun = Instant::now();
    let mut listed = Vec::new();
    while listed.len() < 2 && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(100));
        listed = place.streamed(&log)["requests"].as_array().expect("a list").clone();
    }
    let told: Vec<(&Value, &Value)> =
        listed.iter().map(|entry| (&entry["method"], &entry["status"])).collect();
    assert_eq!(
        told,
        [(&"POST".into(), &409.into()), (&"POST".into(), &201.into())],
        "the newest first"
    );
    assert!(listed[0]["detail"].as_str().is_some_and(|detail| detail.contains("ada")), "{told:?}");
    assert_eq!(listed[0]["token"], 1);
    let one = place.streamed(&[&log[..], &["--limit", "1"]].concat());
    assert_eq!(one["requests"], json!([listed[0]]));

    let text = place.text(&log);
    assert!(text.contains("409") && text.contains("userName"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn keys_are_made_anew_while_no_server_runs() {
    let place = Place::with_acme();
    let token = place.connect()["token"].as_str().expect("a token").to_owned();
    let mut server = place.serve();
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#;
    assert_eq!(server.status("POST", "/scim/v2/Users", &token, user), 201);
    let error = place.error(&["rekey"]);
    assert!(error.contains("serves ./doorward-data already"), "{error}");
    assert_eq!(server.end("-TERM"), Some(0));

    let rekeyed = place.json(&["rekey"]);
    assert_eq!((&rekeyed["resources"], &rekeyed["conflicts"]), (&1.into(), &json!([])));
    assert_eq!(rekeyed["before"], rekeyed["after"]);
    let ada = ["user", "show", "ADA", "--organization", "acme"];
    assert_eq!(place.json(&ada)["userName"], "ada");
    assert_eq!(place.json(&["verify"])["ok"], true);
}

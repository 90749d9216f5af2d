//! `doorward export`

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::place::Place;

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.expect("a line").iter().map(str::to_owned).collect())
        .collect()
}

/// A place whose people are these, created as a provider does, and the address of its server.
pub(super) fn place_with(users: &[Value]) -> (Place, String) {
    let place = Place::with_acme();
    let made = place.connect();
    let token = made["token"].as_str().expect("a token");
    let mut server = place.serve();
    for user in users {
        assert_eq!(
            server.status("POST", "/scim/v2/Users", token, &user.to_string()),
            201,
            "{user}"
        );
    }
    assert_eq!(server.end("-TERM"), Some(0));
    let address = server.address().to_owned();
    (place, address)
}

#[test]
fn an_organization_without_people_is_an_empty_list() {
    let place = Place::with_acme();
    let text = place.text(&["export", "users", "--organization", "acme"]);
    assert_eq!(
        text,
        "id,userName,givenName,familyName,displayName,email,title,department,employeeNumber,\
         externalId,active,groups,created,lastModified,heldRoles\n"
    );
    let text = place.text(&["export", "users", "--organization", "acme", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), json!({ "users": [] }));
}

#[test]
fn a_name_is_no_formula() {
    let user = |name: &str, title: &str| {
        json!({
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:User",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            ],
            "userName": format!("{name}@example.com"),
            "name": { "givenName": "=cmd|' /C calc'!A0", "familyName": "-Doe" },
            "title": title,
            "emails": [
                { "value": "second@example.com", "type": "home" },
                { "value": format!("{name}@example.com"), "type": "work", "primary": true },
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "@SUM(1+1)",
                "employeeNumber": "+49 1",
            },
            "active": name != "archived",
        })
    };
    let (place, address) = place_with(&[
        user("ada", "Says \"hello\", twice\nor more"),
        user("archived", "plain = harmless"),
    ]);
    let text = place.text(&["export", "users", "--organization", "acme"]);
    let rows = rows(&text);
    assert_eq!(rows.len(), 3, "{text}");
    assert_eq!(
        rows[1][1..9],
        [
            "ada@example.com",
            "'=cmd|' /C calc'!A0",
            "'-Doe",
            "",
            "ada@example.com",
            "Says \"hello\", twice\nor more",
            "'@SUM(1+1)",
            "'+49 1",
        ]
    );
    assert_eq!((rows[1][10].as_str(), rows[2][10].as_str()), ("true", "false"));
    assert_eq!(rows[2][6], "plain = harmless");

    // Programs get what is there.
    let exported = place.run(&["export", "users", "--organization", "acme", "--json"]);
    let object: Value = serde_json::from_str(&exported.stdout).expect("one JSON object");
    let first = &object["users"][0];
    assert_eq!(first["name"]["familyName"], "-Doe");
    assert_eq!(first["id"], rows[1][0]);
    let location = first["meta"]["location"].as_str().expect("an address");
    assert_eq!(location, format!("http://{address}/scim/v2/Users/{}", rows[1][0]));
}

#[test]
fn everyone_is_exported_once() {
    let place = Place::new();
    let played = place.json(&[
        "demo",
        "--data",
        "doorward-data",
        "--listen",
        "127.0.0.1:0",
        "--users",
        "620",
        "--groups",
        "3",
        "--exit",
    ]);
    assert_eq!((&played["users"], &played["groups"]), (&620.into(), &3.into()));
    let rows = rows(&place.text(&["export", "users", "--organization", "corvid-foods"]));
    let names: BTreeSet<&str> = rows[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!((rows.len(), names.len()), (621, 620));
    assert!(rows[1..].iter().any(|row| row[11].contains("; ")), "someone is in two groups");

    let text =
        place.text(&["export", "users", "--organization", "corvid-foods", "--format", "json"]);
    let object: Value = serde_json::from_str(&text).expect("JSON");
    let listed = object["users"].as_array().expect("a list");
    let exported: Vec<&str> = listed.iter().filter_map(|user| user["userName"].as_str()).collect();
    assert_eq!(exported.iter().copied().collect::<BTreeSet<_>>(), names);
    assert!(listed.iter().any(|user| user["groups"][0]["type"] == "direct"), "groups are told");
    assert_eq!(place.json(&["verify"])["ok"], true);

    let export = |what: &str| place.text(&["export", what, "--organization", "corvid-foods"]);
    let exported = |what: &str| -> Vec<Value> {
        let object = place.streamed(&["export", what, "--organization", "corvid-foods"]);
        object[what].as_array().expect("a list").clone()
    };
    let groups = self::rows(&export("groups"));
    assert_eq!(
        groups[0],
        ["id", "displayName", "externalId", "members", "managedBy", "created", "lastModified"]
    );
    assert_eq!(groups.len(), 4);
    let listed = exported("groups");
    assert_eq!(listed[0]["displayName"], groups[1][1]);
    assert_eq!(listed[0]["memberCount"].to_string(), groups[1][3]);
    assert_eq!(listed[0]["managedBy"], played["connection"]);
    assert!(listed[0]["members"].is_null(), "they are an export of their own");

    let memberships = self::rows(&export("memberships"));
    assert_eq!(memberships[0], ["groupId", "groupName", "memberId", "memberName", "memberType"]);
    let members: i64 = groups[1..].iter().map(|group| group[3].parse::<i64>().expect("one")).sum();
    assert_eq!(i64::try_from(memberships.len() - 1), Ok(members));
    assert!(members > 500, "more than a page: {members}");
    assert!(memberships[1..].iter().all(|row| names.contains(row[3].as_str())));
    assert_eq!(exported("memberships").len(), memberships.len() - 1);

    let events = exported("events");
    let numbers: Vec<i64> = events.iter().filter_map(|event| event["number"].as_i64()).collect();
    assert!(numbers.iter().copied().eq(1..=i64::try_from(events.len()).expect("few")));
    assert_eq!(events[0]["kind"], "organization.created");
    assert!(events.iter().any(|event| event["kind"] == "user.created"
        && event["body"]["resource"]["userName"].is_string()));
    assert_eq!(self::rows(&export("events")).len(), events.len() + 1);
}

#[test]
fn contradictions_and_unknown_organizations_are_refused() {
    let place = Place::with_acme();
    let ran =
        place.run(&["export", "users", "--organization", "acme", "--format", "csv", "--json"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.object()["error"], "`--json` and `--format csv` contradict each other");
    assert_eq!(
        place.error(&["export", "users", "--organization", "nobody"]),
        "there is no organization \"nobody\"; `doorward organization list` shows all"
    );
}

#[test]
fn a_security_report_tells_of_credentials_and_departures() {
    let place = Place::with_acme();
    let made = place.connect();
    let token = made["token"].as_str().expect("a token");
    let mut server = place.serve();
    let user = |active: bool| {
        let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
        json!({ "schemas": [schema], "userName": "ada", "active": active }).to_string()
    };
    assert_eq!(server.status("POST", "/scim/v2/Users", token, &user(true)), 201);
    let id = place.json(&["user", "show", "ada", "--organization", "acme"])["id"].clone();
    let at = format!("/scim/v2/Users/{}", id.as_str().expect("an id"));
    assert_eq!(server.status("PUT", &at, token, &user(false)), 200);
    assert_eq!(server.end("-TERM"), Some(0));
    let report = place.json(&["export", "security-report", "--organization", "acme"]);
    let connection = &report["connections"][0];
    assert_eq!(
        (&connection["sign_in_enforced"], &connection["tokens"][0]["age_days"]),
        (&json!(false), &json!(0))
    );
    let gone = &report["departures"][0];
    assert_eq!((&gone["user"], &gone["kind"]), (&id, &json!("user.archived")));
    assert!(gone["delay_ms"].as_i64().is_some_and(|delay| delay < 60_000), "{gone}");
    let text = place.text(&["export", "security-report", "--organization", "acme"]);
    assert!(text.contains("0 administrators") && text.contains("user.archived"), "{text}");
    let lines = place.text(&["export", "audit", "--organization", "acme", "--format", "jsonl"]);
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["kind"], "organization.created");
}

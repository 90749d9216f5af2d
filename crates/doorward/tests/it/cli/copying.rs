//! `doorward copy`

use serde_json::Value;
use testkit::Database;

use super::place::Place;

/// Operations of a bulk request, and requests: more rows than one piece has.
const USERS: usize = 800;
const REQUESTS: usize = 4;

/// A store with people, a group and roles.
fn filled() -> (Place, String) {
    let place = Place::with_acme();
    let token = place.connect()["token"].as_str().expect("a token").to_owned();
    let server = place.serve();
    for request in 0..REQUESTS {
        let operations: Vec<Value> = (0..USERS)
            .map(|number| {
                let name = format!("Zoë-{request}-{number}");
                serde_json::json!({"method": "POST", "path": "/Users", "bulkId": name, "data": {
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": name, "externalId": format!("00u{request}{number}"),
                }})
            })
            .collect();
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": operations,
        });
        assert_eq!(server.status("POST", "/scim/v2/Bulk", &token, &body.to_string()), 200);
    }
    drop(server);
    place.json(&["role", "create", "auditor", "--organization", "acme"]);
    (place, token)
}

fn verified(place: &Place) -> Value {
    let verified = place.json(&["verify"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
    verified
}

#[test]
fn a_store_goes_to_postgres_and_back() {
    let Some(database) = Database::create() else { return };
    let (place, token) = filled();
    let copied = place.json(&["copy", "--to", &database.url()]);
    assert_eq!(copied["organizations"], 1);
    let there = Place::on(database.url());
    assert_eq!(verified(&there), verified(&place));
    assert_eq!(there.serve().users(&token), 200);

    // What the server has written since comes along.
    let back = there.json(&["copy", "--to", "doorward-data"]);
    assert!(back["rows"].as_u64() >= copied["rows"].as_u64(), "{back}");
    let moved = there.json(&["verify"]);
    let here = there.run_with(&["verify", "--json", "--data", "doorward-data"], &[]);
    assert_eq!(here.object(), moved);
}

#[test]
fn a_copy_goes_into_nothing_that_is_in_use() {
    let Some(database) = Database::create() else { return };
    let place = Place::with_acme();
    let there = Place::on(database.url());
    there.json(&["organization", "create", "Beta", "--slug", "beta"]);
    let sentence = place.error(&["copy", "--to", &database.url()]);
    assert!(sentence.contains("holds data already"), "{sentence}");
    let sentence = place.error(&["copy", "--to", "elsewhere"]);
    assert!(sentence.contains("same engine"), "{sentence}");
    let server = place.serve();
    let sentence = place.error(&["copy", "--to", &database.url()]);
    assert!(sentence.contains("serves"), "{sentence}");
    drop(server);
}

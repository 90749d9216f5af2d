//! Operations that fail: what stays, and when the rest is not tried.

use serde_json::{Value as Json, json};
use testkit::contract;

use super::{bulk, delete, detail, group, id, patch, post, put, send, statuses, user};
use crate::scim::support::Client;

/// A mistake and a sound operation in turn, and so on.
fn every_other(count: usize) -> Vec<Json> {
    (0..count)
        .map(|at| {
            user(&at.to_string(), &if at % 2 == 0 { String::new() } else { format!("u{at}") })
        })
        .collect()
}

contract!(async fn after_so_many_errors_nothing_more_is_tried(store) {
    let client = Client::open(store).await;
    for (most, tried) in [(1, 1), (2, 3), (5, 9), (6, 10), (100, 10)] {
        let request = json!({ "failOnErrors": most, "Operations": every_other(10) });
        let reply = send(&client, &request).await;
        assert_eq!(reply.status, 200, "{reply}");
        let operations = reply.json()["Operations"].as_array().expect("operations").len();
        assert_eq!(operations, tried, "failOnErrors {most}: {reply}");
        for user in client.get("/Users").await.json()["Resources"].as_array().expect("users") {
            client.delete(&format!("/Users/{}", user["id"].as_str().expect("an id"))).await;
        }
    }
    // Without it all is tried.
    assert_eq!(bulk(&client, every_other(10).into()).await.json()["Operations"][9]["status"], "201");
});

contract!(async fn errors_are_counted_over_all_pieces(store) {
    let client = Client::open(store).await;
    let request = json!({ "failOnErrors": 150, "Operations": every_other(400) });
    let reply = send(&client, &request).await;
    assert_eq!(reply.json()["Operations"].as_array().map(Vec::len), Some(299));
    assert_eq!(client.get("/Users?count=0").await.json()["totalResults"], 149);
});

contract!(async fn a_failed_operation_leaves_nothing_of_itself(store) {
    let client = Client::open(store).await;
    let ada = client.user("ada").await;
    let crew = client.group("Crew", &[&ada]).await;
    let (before, shown) = (client.newest().await, client.get(&format!("/Groups/{crew}")).await.text());
    let reply = bulk(&client, json!([
        // Members change, and then the name is taken.
        patch(&format!("/Groups/{crew}"), json!([
            { "op": "remove", "path": "members" },
            { "op": "add", "path": "members", "value": [{ "value": "not here" }] },
            { "op": "replace", "path": "displayName", "value": "Others" },
        ])),
        group("o", "Others", &[&ada]),
        patch(&format!("/Groups/{crew}"), json!([
            { "op": "remove", "path": "members" },
            { "op": "replace", "path": "displayName", "value": "others" },
        ])),
        // A loop is found after the group has members already.
        put("/Groups/bulkId:o", json!({ "displayName": "O", "members": [{ "value": "bulkId:o" }] })),
        user("u", "ada"),
        delete(&format!("/Users/{ada}")),
        user("again", "ada"),
    ]))
    .await;
    assert_eq!(
        statuses(&reply),
        "204, 409 uniqueness, 204, 409, 409 uniqueness, 204, 201",
        "{reply}"
    );
    // In the order of the request it was the first that took the name.
    assert_ne!(client.newest().await, before);
    assert_ne!(client.get(&format!("/Groups/{crew}")).await.text(), shown);
    let (before, shown) = (client.newest().await, client.get(&format!("/Groups/{crew}")).await.text());
    let reply = bulk(&client, json!([
        patch(&format!("/Groups/{crew}"), json!([
            { "op": "remove", "path": "members" },
            { "op": "add", "path": "members", "value": [{ "value": crew }] },
        ])),
        patch(&format!("/Groups/{crew}"), json!([
            { "op": "remove", "path": "members" },
            { "op": "replace", "path": "noSuch", "value": "x" },
        ])),
    ]))
    .await;
    assert_eq!(statuses(&reply), "400 invalidValue, 400 invalidPath");
    assert_eq!(client.newest().await, before);
    assert_eq!(client.get(&format!("/Groups/{crew}")).await.text(), shown);
});

contract!(async fn what_cannot_be_an_operation_fails_alone(store) {
    let client = Client::open(store).await;
    let ada = client.user("ada").await;
    let data = json!({ "userName": "x" });
    for (operation, expected) in [
        (post("/Me", "b", data.clone()), "501"),
        (put("/Me/x", data.clone()), "501"),
        (post("/Bulk", "b", json!({ "Operations": [] })), "400"),
        (post("/Schemas", "b", data.clone()), "404"),
        (delete("/ResourceTypes/User"), "404"),
        (post("/Robots", "b", data.clone()), "404"),
        (post("/users", "b", data.clone()), "404"),
        (post("Users", "b", data.clone()), "400 invalidValue"),
        (post(&format!("/Users/{ada}"), "b", data.clone()), "400 invalidValue"),
        (post("/Users/.search", "b", data.clone()), "400 invalidValue"),
        (put("/Users", data.clone()), "400 invalidValue"),
        (put("/Users/x/y", data.clone()), "400 invalidValue"),
        (put(&format!("/Users/{ada}?attributes=id"), data.clone()), "400 invalidValue"),
        (put("https://door.example/scim/v2/Users/x", data.clone()), "400 invalidValue"),
        (put(&format!("/Groups/{ada}"), json!({ "displayName": "x" })), "404"),
        (json!({ "method": "post", "path": "/Users", "bulkId": "b", "data": data }), "400 invalidSyntax"),
        (json!({ "method": "GET", "path": format!("/Users/{ada}") }), "400 invalidSyntax"),
        (json!({ "path": "/Users", "bulkId": "b", "data": data }), "400 invalidSyntax"),
        (json!({ "method": "POST", "path": "/Users", "data": data }), "400 invalidValue"),
        (json!({ "method": "POST", "bulkId": "b", "data": data }), "400 invalidValue"),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "b" }), "400 invalidValue"),
        (json!({ "method": "PATCH", "path": format!("/Users/{ada}"), "data": {} }), "400 invalidSyntax"),
        (json!({}), "400 invalidSyntax"),
    ] {
        let reply = bulk(&client, json!([operation, user("next", "next")])).await;
        let told = statuses(&reply);
        assert_eq!(told, format!("{expected}, 201"), "{operation}: {reply}");
        client.delete(&format!("/Users/{}", id(&reply, 1))).await;
    }
});

contract!(async fn what_makes_no_sense_has_its_address_all_the_same(store) {
    let client = Client::open(store).await;
    let ada = format!("/Users/{}", client.user("ada").await);
    let unread = json!({ "method": "PUT", "path": ada, "version": "1", "data": { "userName": "ada" } });
    let titled = json!([{ "op": "add", "path": "title", "value": "bulkId:nobody" }]);
    let reply = bulk(&client, json!([
        unread,
        patch(&ada, titled),
        put(&ada, json!("no object")),
        post(&ada, "b", json!({ "userName": "b" })),
        delete("/Robots/1"),
    ]))
    .await;
    assert_eq!(
        statuses(&reply),
        "400 invalidValue, 400 invalidValue, 400 invalidValue, 400 invalidValue, 404"
    );
    let told = reply.json()["Operations"].clone();
    for at in 0..3 {
        assert_eq!(told[at]["location"], format!("https://door.example/scim/v2{ada}"), "{reply}");
    }
    // A POST that failed has none, nor what is nowhere.
    assert_eq!((&told[3]["location"], &told[4]["location"]), (&Json::Null, &Json::Null));
});

contract!(async fn an_operation_is_limited_like_a_request_of_its_own(store) {
    let limits = server::http::Limits { body: 1000, patch_operations: 2, ..Default::default() };
    let client = Client::with_limits(store, limits).await;
    let ada = client.user("ada").await;
    let long = "x".repeat(1000);
    let title = json!({ "op": "remove", "path": "title" });
    let reply = bulk(&client, json!([
        post("/Users", "a", json!({ "userName": "a", "title": long })),
        post("/Groups", "g", json!({ "displayName": "g", "unknown": long })),
        patch(&format!("/Users/{ada}"), json!([title, title, title])),
        user("b", "b"),
    ]))
    .await;
    assert_eq!(statuses(&reply), "413, 201, 400 invalidValue, 201");
    assert_eq!(detail(&reply, 0), "The request body is larger than 1000 bytes.");
});

contract!(async fn a_password_is_thrown_away_as_ever(store) {
    let client = Client::open(store).await;
    let secret = json!({ "userName": "ada", "password": "Sesame-open-7" });
    let reply = bulk(&client, json!([post("/Users", "a", secret)])).await;
    assert_eq!(statuses(&reply), "201");
    let shown = client.get(&format!("/Users/{}", id(&reply, 0))).await;
    assert!(!shown.text().contains("Sesame"));
    let events = client.connection.organization.events().await;
    assert!(!events.iter().any(|event| event.json().contains("Sesame")));
});

//! Operations that refer to what others create, RFC 7644 §3.7.2.

use serde_json::json;
use testkit::contract;

use super::{
    ENTERPRISE, bulk, delete, detail, group, id, members, patch, post, put, send, statuses, user,
};
use crate::scim::support::Client;

contract!(async fn a_reference_may_stand_before_what_it_refers_to(store) {
    let client = Client::open(store).await;
    let crew = client.group("Crew", &[]).await;
    let before = client.newest().await;
    let reply = bulk(&client, json!([
        group("all", "All", &["bulkId:ada", "bulkId:engines"]),
        patch(&format!("/Groups/{crew}"), json!([
            { "op": "add", "path": "members", "value": [{ "value": "bulkId:ada" }, { "value": "bulkId:bob" }] },
            { "op": "remove", "path": "members[value eq \"bulkId:bob\"]" },
        ])),
        group("engines", "Engines", &["bulkId:bob"]),
        user("ada", "ada"),
        post("/Users", "bob", json!({
            "userName": "bob",
            ENTERPRISE: { "manager": { "value": "bulkId:ada", "$ref": "../Users/bulkId:ada" } },
        })),
        put("/Users/bulkId:ada", json!({ "userName": "ada", "title": "Countess" })),
        user("temp", "temp"),
        delete("/Users/bulkId:temp"),
    ]))
    .await;
    assert_eq!(statuses(&reply), "201, 204, 201, 201, 201, 200, 201, 204");
    let (ada, bob, engines) = (id(&reply, 3), id(&reply, 4), id(&reply, 2));
    // Members are listed in the order in which they were made.
    assert_eq!(members(&client, &id(&reply, 0)).await, [ada.clone(), engines.clone()]);
    assert_eq!(members(&client, &crew).await, std::slice::from_ref(&ada));
    assert_eq!(members(&client, &engines).await, std::slice::from_ref(&bob));
    let manager = &client.get(&format!("/Users/{bob}")).await.json()[ENTERPRISE]["manager"];
    assert_eq!(manager["value"], ada.as_str());
    assert_eq!(manager["$ref"], format!("../Users/{ada}"));
    assert_eq!(client.get(&format!("/Users/{ada}")).await.json()["title"], "Countess");
    // The order of the request, but that an operation waits for what it refers to.
    assert_eq!(
        client.kinds_after(before).await,
        "UserCreated UserCreated GroupUpdated GroupCreated GroupCreated UserUpdated UserCreated \
         UserDeleted"
    );
});

contract!(async fn who_refers_to_nobody_fails_alone(store) {
    let client = Client::open(store).await;
    let reply = bulk(&client, json!([
        group("g", "Crew", &["bulkId:nobody"]),
        user("a", "ada"),
        patch("/Users/bulkId:g2", json!([{ "op": "remove", "path": "title" }])),
        group("h", "Others", &["bulkId:a"]),
    ]))
    .await;
    assert_eq!(statuses(&reply), "400 invalidValue, 201, 400 invalidValue, 201");
    assert!(detail(&reply, 0).contains("\"nobody\""), "{reply}");
});

contract!(async fn who_refers_to_what_failed_fails_too(store) {
    let client = Client::open(store).await;
    client.user("taken").await;
    let before = client.newest().await;
    let reply = bulk(&client, json!([
        group("all", "All", &["bulkId:crew"]),
        group("crew", "Crew", &["bulkId:a", "bulkId:b"]),
        user("a", "taken"),
        user("b", "bob"),
        delete("/Users/bulkId:a"),
        post("/Robots", "r", json!({})),
        group("with robots", "Robots", &["bulkId:r"]),
    ]))
    .await;
    assert_eq!(statuses(&reply), "409, 409, 409 uniqueness, 201, 409, 404, 409");
    assert!(detail(&reply, 0).contains("\"crew\", whose own operation failed"), "{reply}");
    assert!(detail(&reply, 1).contains("\"a\", whose own operation failed"), "{reply}");
    assert_eq!(client.kinds_after(before).await, "UserCreated");
});

contract!(async fn operations_on_one_resource_keep_their_order(store) {
    let client = Client::open(store).await;
    let crew = format!("/Groups/{}", client.group("Crew", &[]).await);
    let title = |title: &str| json!({ "displayName": title });
    let reply = bulk(&client, json!([
        patch(&crew, json!([{ "op": "add", "path": "members", "value": [{ "value": "bulkId:a" }] }])),
        put(&crew, title("one")),
        put(&crew, title("two")),
        user("a", "ada"),
        delete(&crew),
        put(&crew, title("three")),
    ]))
    .await;
    assert_eq!(statuses(&reply), "204, 200, 200, 201, 204, 404");
});

contract!(async fn a_text_that_only_looks_like_a_reference_is_stored(store) {
    let client = Client::open(store).await;
    let reply = bulk(&client, json!([
        post("/Users", "a", json!({ "userName": "ada", "title": "see bulkId:b", "nickName": "bulkId:" })),
    ]))
    .await;
    let shown = client.get(&format!("/Users/{}", id(&reply, 0))).await.json();
    assert_eq!((&shown["title"], &shown["nickName"]), (&json!("see bulkId:b"), &json!("bulkId:")));
});

contract!(async fn a_deleted_group_of_the_request_is_waited_for_by_nobody(store) {
    // An id that is known and gone is a member that is not here.
    let client = Client::open(store).await;
    let request = json!({ "failOnErrors": 1, "Operations": [
        user("a", "ada"),
        delete("/Users/bulkId:a"),
        group("g", "Crew", &["bulkId:a"]),
    ] });
    let reply = send(&client, &request).await;
    assert_eq!(statuses(&reply), "201, 204, 201");
    assert_eq!(members(&client, &id(&reply, 2)).await, [""; 0]);
});

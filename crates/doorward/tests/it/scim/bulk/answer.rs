//! What is done, and how it is told.

use serde_json::json;
use testkit::contract;

use super::{bulk, delete, group, id, members, patch, post, put, send, statuses, user};
use crate::scim::support::{Client, assert_shown};

contract!(async fn one_operation_of_each_kind(store) {
    let client = Client::open(store).await;
    let old = client.user("old").await;
    let crew = client.group("Crew", &[&old]).await;
    let before = client.newest().await;
    let reply = bulk(&client, json!([
        user("qwerty", "ada"),
        put(&format!("/Users/{old}"), json!({ "userName": "older", "title": "x" })),
        patch(&format!("/Users/{old}"), json!([{ "op": "remove", "path": "title" }])),
        patch(&format!("/Groups/{crew}"), json!([{ "op": "remove", "path": "members" }])),
        group("ytrewq", "Engines", &["bulkId:qwerty"]),
        delete(&format!("/Groups/{crew}")),
        delete(&format!("/Users/{old}")),
    ]))
    .await;
    assert_shown!(reply, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
      "Operations": [
        {
          "location": "https://door.example/scim/v2/Users/#3",
          "method": "POST",
          "bulkId": "qwerty",
          "version": "W/\"1\"",
          "status": "201"
        },
        {
          "location": "https://door.example/scim/v2/Users/#1",
          "method": "PUT",
          "version": "W/\"2\"",
          "status": "200"
        },
        {
          "location": "https://door.example/scim/v2/Users/#1",
          "method": "PATCH",
          "version": "W/\"3\"",
          "status": "200"
        },
        {
          "location": "https://door.example/scim/v2/Groups/#2",
          "method": "PATCH",
          "version": "W/\"2\"",
          "status": "204"
        },
        {
          "location": "https://door.example/scim/v2/Groups/#4",
          "method": "POST",
          "bulkId": "ytrewq",
          "version": "W/\"1\"",
          "status": "201"
        },
        {
          "location": "https://door.example/scim/v2/Groups/#2",
          "method": "DELETE",
          "status": "204"
        },
        {
          "location": "https://door.example/scim/v2/Users/#1",
          "method": "DELETE",
          "status": "204"
        }
      ]
    }
    "##);
    // One event for each, as if they had come alone.
    assert_eq!(
        client.kinds_after(before).await,
        "UserCreated UserUpdated UserUpdated GroupUpdated GroupCreated GroupDeleted UserDeleted"
    );
    assert_eq!(members(&client, &id(&reply, 4)).await, [id(&reply, 0)]);
    assert_eq!(client.get("/Users").await.json()["totalResults"], 1);
});

contract!(async fn a_failure_is_told_as_a_request_of_its_own_would_be(store) {
    let client = Client::open(store).await;
    client.user("taken").await;
    let reply = bulk(&client, json!([
        user("a", "TAKEN"),
        delete("/Users/nobody"),
        post("/Users", "b", json!({ "title": "x" })),
    ]))
    .await;
    assert_shown!(reply, @r#"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
      "Operations": [
        {
          "method": "POST",
          "bulkId": "a",
          "status": "409",
          "response": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "uniqueness",
            "detail": "There is an active user with the userName \"TAKEN\" already.",
            "status": "409"
          }
        },
        {
          "location": "https://door.example/scim/v2/Users/nobody",
          "method": "DELETE",
          "status": "404",
          "response": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": "There is no resource with this id.",
            "status": "404"
          }
        },
        {
          "method": "POST",
          "bulkId": "b",
          "status": "400",
          "response": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "invalidValue",
            "detail": "A User needs the attribute userName. Map it to a value at the identity provider.",
            "status": "400"
          }
        }
      ]
    }
    "#);
});

contract!(async fn the_address_of_a_connection_is_as_good(store) {
    let client = Client::open(store).await;
    let own = client.at(&format!("/c/{}/scim/v2", client.connection.connection.id));
    let reply = bulk(&own, json!([user("a", "ada")])).await;
    let location = format!("https://door.example{}/Users/{}", own.path(""), id(&reply, 0));
    assert_eq!(reply.json()["Operations"][0]["location"], location);
    let elsewhere = client.of_another(store, "globex").await;
    let refused = elsewhere.at(&own.path("")).post("/Bulk", "{}").await;
    assert_eq!(refused.verdict(), "401");
});

contract!(async fn no_operation_reaches_into_another_organization(store) {
    let client = Client::open(store).await;
    let (user_here, group_here) = (client.user("ada").await, client.group("Crew", &[]).await);
    let (newest, globex) = (client.newest().await, client.of_another(store, "globex").await);
    let reply = bulk(&globex, json!([
        put(&format!("/Users/{user_here}"), json!({ "userName": "x" })),
        patch(&format!("/Users/{user_here}"), json!([{ "op": "add", "path": "title", "value": "x" }])),
        delete(&format!("/Users/{user_here}")),
        patch(&format!("/Groups/{group_here}"), json!([{ "op": "remove", "path": "members" }])),
        delete(&format!("/Groups/{group_here}")),
        group("g", "Theirs", &[&user_here]),
    ]))
    .await;
    assert_eq!(statuses(&reply), "404, 404, 404, 404, 404, 201");
    assert_eq!(members(&globex, &id(&reply, 5)).await, [""; 0]);
    assert_eq!(client.newest().await, newest);
});

contract!(async fn operations_may_be_one_and_schemas_forgotten(store) {
    let client = Client::open(store).await;
    let reply = client.post("/Bulk", json!({ "operations": user("a", "ada") })).await;
    assert_eq!((reply.status, statuses(&reply)), (200, "201".to_owned()));
    let reply = send(&client, &json!({ "Operations": [user("a", "bob")], "failOnErrors": null })).await;
    assert_eq!(statuses(&reply), "201");
});

contract!(async fn who_was_archived_comes_back(store) {
    let client = Client::open(store).await;
    let ada = client.user("ada").await;
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    let before = client.newest().await;
    let reply = bulk(&client, json!([
        patch(&format!("/Users/{ada}"), off),
        user("a", "ada"),
        group("g", "Crew", &["bulkId:a"]),
    ]))
    .await;
    assert_eq!(statuses(&reply), "200, 201, 201");
    assert_eq!(id(&reply, 1), ada);
    assert_eq!(members(&client, &id(&reply, 2)).await, [ada]);
    assert_eq!(client.kinds_after(before).await, "UserArchived UserReactivated GroupCreated");
});

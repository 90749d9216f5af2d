//! Bulk requests of SCIM 1.1, protocol §3.5.

use serde_json::json;
use testkit::contract;

use super::{id, members, user};
use crate::scim::support::{Client, assert_shown};

contract!(async fn the_forms_of_1_1(store) {
    let client = Client::open(store).await.v1();
    let old = client.user("old").await;
    let request = json!({
        "schemas": ["urn:scim:schemas:core:1.0"],
        "failOnErrors": 2,
        "Operations": [
            user("a", "ada"),
            {
                "method": "POST", "path": "/Users", "bulkId": "b",
                "data": {
                    "schemas": ["urn:scim:schemas:core:1.0"],
                    "userName": "bob",
                    "urn:scim:schemas:extension:enterprise:1.0": { "manager": { "managerId": "bulkId:a" } },
                },
            },
            {
                "method": "PATCH", "path": format!("/Users/{old}"), "version": "W/\"1\"",
                "data": { "title": "x", "meta": { "attributes": ["nickName"] } },
            },
            {
                "method": "POST", "path": "/Groups", "bulkId": "g",
                "data": { "displayName": "Crew", "members": [{ "value": "bulkId:b" }] },
            },
            user("again", "ada"),
            { "method": "DELETE", "path": format!("/Users/{old}"), "version": "W/\"1\"" },
            user("not tried", "eve"),
        ],
    });
    let reply = client.post("/Bulk", request).await;
    assert_shown!(reply, @r##"
    200
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Operations": [
        {
          "location": "https://door.example/scim/v1/Users/#2",
          "method": "POST",
          "bulkId": "a",
          "version": "W/\"1\"",
          "status": {"code":"201"}
        },
        {
          "location": "https://door.example/scim/v1/Users/#3",
          "method": "POST",
          "bulkId": "b",
          "version": "W/\"1\"",
          "status": {"code":"201"}
        },
        {
          "location": "https://door.example/scim/v1/Users/#1",
          "method": "PATCH",
          "version": "W/\"2\"",
          "status": {"code":"200"}
        },
        {
          "location": "https://door.example/scim/v1/Groups/#4",
          "method": "POST",
          "bulkId": "g",
          "version": "W/\"1\"",
          "status": {"code":"201"}
        },
        {
          "method": "POST",
          "bulkId": "again",
          "status": {
            "code": "409",
            "description": "There is an active user with the userName \"ada\" already."
          },
          "response": {
            "schemas": ["urn:scim:schemas:core:1.0"],
            "Errors": [
              {
                "description": "There is an active user with the userName \"ada\" already.",
                "code": "409"
              }
            ],
            "detail": "There is an active user with the userName \"ada\" already."
          }
        },
        {
          "location": "https://door.example/scim/v1/Users/#1",
          "method": "DELETE",
          "status": {
            "code": "412",
            "description": "The resource has the version W/\"2\", which the request rules out by If-Match, If-None-Match or version. Nothing was changed. Read it again and decide anew."
          },
          "response": {
            "schemas": ["urn:scim:schemas:core:1.0"],
            "Errors": [
              {
                "description": "The resource has the version W/\"2\", which the request rules out by If-Match, If-None-Match or version. Nothing was changed. Read it again and decide anew.",
                "code": "412"
              }
            ],
            "detail": "The resource has the version W/\"2\", which the request rules out by If-Match, If-None-Match or version. Nothing was changed. Read it again and decide anew."
          }
        }
      ]
    }
    "##);
    let bob = client.get(&format!("/Users/{}", id(&reply, 1))).await.json();
    let manager = &bob["urn:scim:schemas:extension:enterprise:1.0"]["manager"]["managerId"];
    assert_eq!(*manager, id(&reply, 0).as_str());
    assert_eq!(members(&client, &id(&reply, 3)).await, [id(&reply, 1)]);
});

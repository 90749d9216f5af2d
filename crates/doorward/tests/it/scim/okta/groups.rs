//! Groups: push, delta, full push, rename, empty, delete.

use axum::{body::Body, http::Request};
use testkit::contract;

use super::operations;
use crate::scim::support::{Client, assert_shown};

async fn members(client: &Client, path: &str) -> String {
    let group = client.get(&format!("{path}?attributes=members.display")).await.json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let names: Vec<&str> =
        members.iter().map(|one| one["display"].as_str().unwrap_or("?")).collect();
    names.join(" ")
}

contract!(async fn a_group_is_looked_up_and_created_empty(store) {
    let client = Client::open(store).await;
    let look_up = "/Groups?filter=displayName%20eq%20%22Engines%22&startIndex=1&count=100";
    assert_eq!(client.get(look_up).await.listed("id"), "");
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName":"Engines","members":[]}"#;
    assert_shown!(client.post("/Groups", body).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Groups/#1
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#1",
      "displayName": "Engines",
      "members": [],
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    assert_shown!(client.get(look_up).await, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 1,
      "startIndex": 1,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
          "id": "#1",
          "displayName": "Engines",
          "members": [],
          "meta": {
            "resourceType": "Group",
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "location": "https://door.example/scim/v2/Groups/#1",
            "version": "W/\"1\""
          }
        }
      ]
    }
    "##);
    assert_shown!(client.post("/Groups", body.replace("Engines", "ENGINES")).await, @r#"
    409
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "uniqueness",
      "detail": "There is a group with the displayName \"ENGINES\" already.",
      "status": "409"
    }
    "#);
});

contract!(async fn a_group_is_created_with_members_and_a_description(store) {
    let client = Client::open(store).await;
    let ada = client.user("ada").await;
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Engines",
            "members":[{{"value":"{ada}","display":"somebody"}}],
            "urn:okta:custom:group:1.0":{{"description":"All engines"}}}}"#
    );
    assert_shown!(client.post("/Groups", body).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Groups/#2
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group","urn:okta:custom:group:1.0"],
      "id": "#2",
      "displayName": "Engines",
      "urn:okta:custom:group:1.0": {"description":"All engines"},
      "members": [
        {
          "value": "#1",
          "$ref": "https://door.example/scim/v2/Users/#1",
          "type": "User"
        }
      ],
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#2",
        "version": "W/\"1\""
      }
    }
    "##);
    assert_shown!(client.get(&format!("/Users/{ada}")).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"1-(digest)"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "userName": "ada",
      "active": true,
      "groups": [
        {
          "value": "#2",
          "$ref": "https://door.example/scim/v2/Groups/#2",
          "display": "Engines",
          "type": "direct"
        }
      ],
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1-(digest)\""
      }
    }
    "##);
});

contract!(async fn members_come_and_go_in_one_request(store) {
    let client = Client::open(store).await;
    let [a, b, c, d] =
        [client.user("a").await, client.user("b").await, client.user("c").await, client.user("d").await];
    let path = format!("/Groups/{}", client.group("Engines", &[&a, &b]).await);
    let delta = operations(&format!(
        r#"{{"op":"remove","path":"members[value eq \"{a}\"]"}},
           {{"op":"remove","path":"members[value eq \"{b}\"]"}},
           {{"op":"add","path":"members","value":[{{"value":"{c}","display":"c"}},
                                                  {{"value":"{d}","display":"d"}}]}}"#
    ));
    let before = client.newest().await;
    assert_shown!(client.patch(&path, &delta).await, @r#"
    204
    etag: W/"2"
    "#);
    assert_eq!(members(&client, &path).await, "c d");
    assert_eq!(client.kinds_after(before).await, "GroupUpdated");
    // Whoever is there is added, and whoever is not there removed, without error or change.
    assert_shown!(client.patch(&path, &delta).await, @r#"
    204
    etag: W/"2"
    "#);
    assert_eq!(client.kinds_after(before).await, "GroupUpdated");
    assert_shown!(client.get(&path).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#5",
      "displayName": "Engines",
      "members": [
        {
          "value": "#3",
          "$ref": "https://door.example/scim/v2/Users/#3",
          "type": "User"
        },
        {
          "value": "#4",
          "$ref": "https://door.example/scim/v2/Users/#4",
          "type": "User"
        }
      ],
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#5",
        "version": "W/\"2\""
      }
    }
    "##);
});

contract!(async fn push_now_replaces_everybody_in_each_of_its_forms(store) {
    let client = Client::open(store).await;
    let [a, b] = [client.user("a").await, client.user("b").await];
    let id = client.group("Engines", &[&a]).await;
    let path = format!("/Groups/{id}");
    for (operation, left) in [
        (format!(r#"{{"op":"replace","path":"members","value":[{{"value":"{b}"}}]}}"#), "b"),
        (r#"{"op":"replace","path":"members","value":[]}"#.to_owned(), ""),
        (format!(r#"{{"op":"replace","value":{{"members":[{{"value":"{a}"}}]}}}}"#), "a"),
        (
            format!(r#"{{"op":"replace","value":{{"members":[],"id":"{id}","displayName":"X"}}}}"#),
            "",
        ),
    ] {
        let answer = client.patch(&path, operations(&operation)).await;
        assert_eq!(answer.status, 204, "{operation}: {answer}");
        assert_eq!(members(&client, &path).await, left, "{operation}");
    }
    assert_eq!(client.get(&path).await.json()["displayName"], "X");
});

contract!(async fn a_rename_leaves_the_members_alone(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let id = client.group("Engines", &[&a]).await;
    let path = format!("/Groups/{id}");
    let rename = operations(&format!(
        r#"{{"op":"replace","value":{{"id":"{id}","displayName":"Motors"}}}}"#
    ));
    assert_eq!(client.patch(&path, &rename).await.status, 204);
    let before = client.newest().await;
    assert_eq!(client.patch(&path, &rename).await.status, 204, "sent with every change");
    assert_eq!(client.newest().await, before);
    let group = client.get(&path).await.json();
    assert_eq!(group["displayName"], "Motors");
    assert_eq!(members(&client, &path).await, "a");

    let other = operations(r#"{"op":"replace","value":{"id":"other","displayName":"Y"}}"#);
    assert_shown!(client.patch(&path, other).await, @r#"
    400
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "mutability",
      "detail": "The id in the value is not the id of the resource, and an id never changes.",
      "status": "400"
    }
    "#);
    let taken = client.group("Taken", &[]).await;
    assert_shown!(client.patch(&format!("/Groups/{taken}"), rename.replace(&id, &taken)).await, @r#"
    409
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "uniqueness",
      "detail": "There is a group with the displayName \"Motors\" already.",
      "status": "409"
    }
    "#);
});

contract!(async fn an_app_that_only_puts_sends_the_whole_group(store) {
    let client = Client::open(store).await;
    let [a, b] = [client.user("a").await, client.user("b").await];
    let path = format!("/Groups/{}", client.group("Engines", &[]).await);
    let mut body = client.get(&path).await.json();
    body["members"] = serde_json::json!([{ "value": a, "display": "a" }, { "value": b }]);
    assert_shown!(client.put(&path, &body).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#3",
      "displayName": "Engines",
      "members": [
        {
          "value": "#1",
          "$ref": "https://door.example/scim/v2/Users/#1",
          "type": "User"
        },
        {
          "value": "#2",
          "$ref": "https://door.example/scim/v2/Users/#2",
          "type": "User"
        }
      ],
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#3",
        "version": "W/\"2\""
      }
    }
    "##);
    let before = client.newest().await;
    let read = client.get(&path).await.json();
    assert_eq!(client.put(&path, &read).await.status, 200);
    assert_eq!(client.newest().await, before, "what is equal is no change");
    // Without the key, no one was asked to leave; an empty list says so.
    let answer = client.put(&path, r#"{"displayName":"Motors"}"#).await;
    assert!(answer.json()["members"].is_null(), "{answer}");
    assert_eq!(members(&client, &path).await, "a b");
    assert_eq!(client.put(&path, r#"{"displayName":"Motors","members":[]}"#).await.status, 200);
    assert_eq!(members(&client, &path).await, "");
});

contract!(async fn members_who_are_not_here_yet_join_when_they_come(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let path = format!("/Groups/{}", client.group("Engines", &[&a, "00u-later"]).await);
    assert_eq!(members(&client, &path).await, "a");
    client.post("/Users", r#"{"userName":"later","externalId":"00u-later"}"#).await.created();
    assert_eq!(members(&client, &path).await, "a later");
});

contract!(async fn a_group_is_deleted_and_its_users_stay(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    let path = format!("/Groups/{}", client.group("Engines", &[&a]).await);
    let request = Request::delete(client.path(&path))
        .header("authorization", format!("Bearer {}", client.token))
        .header("content-type", "application/scim+json; charset=utf-8")
        .body(Body::empty())
        .expect("a request");
    assert_shown!(client.send(request).await, @"204");
    assert!(client.get(&format!("/Users/{a}")).await.json()["groups"].is_null());
    for answer in [
        client.get(&path).await,
        client.delete(&path).await,
        client.put(&path, r#"{"displayName":"E"}"#).await,
        client.patch(&path, operations(r#"{"op":"replace","value":{"displayName":"E"}}"#)).await,
    ] {
        assert_eq!(answer.verdict(), "404");
    }
    assert_eq!(client.get("/Groups").await.json()["totalResults"], 0);
});

contract!(async fn an_import_takes_groups_with_their_members(store) {
    let client = Client::open(store).await;
    let a = client.user("a").await;
    for n in 0..3 {
        client.group(&format!("g{n}"), &[&a]).await;
    }
    assert_shown!(client.get("/Groups?startIndex=2&count=1").await, @r##"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 3,
      "startIndex": 2,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
          "id": "#3",
          "displayName": "g1",
          "members": [
            {
              "value": "#1",
              "$ref": "https://door.example/scim/v2/Users/#1",
              "type": "User"
            }
          ],
          "meta": {
            "resourceType": "Group",
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "location": "https://door.example/scim/v2/Groups/#3",
            "version": "W/\"1\""
          }
        }
      ]
    }
    "##);
    assert_eq!(client.get("/Groups?startIndex=1&count=100").await.listed("displayName"), "g0 g1 g2");
});

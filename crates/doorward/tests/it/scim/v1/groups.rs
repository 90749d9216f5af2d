//! Groups in SCIM 1.1.

use testkit::contract;

use crate::scim::support::{Client, assert_shown};

/// A partial resource.
fn partial(rest: &str) -> String {
    format!(r#"{{"schemas":["urn:scim:schemas:core:1.0"],{rest}}}"#)
}

async fn members(client: &Client, path: &str) -> String {
    let group = client.get(&format!("{path}?attributes=members.display")).await.json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let names: Vec<&str> =
        members.iter().map(|one| one["display"].as_str().unwrap_or("?")).collect();
    names.join(" ")
}

contract!(async fn create_and_look_up(store) {
    let client = Client::open(store).await.v1();
    let look_up = "/Groups?filter=displayName%20eq%20%22Engines%22&startIndex=1&count=100";
    assert_eq!(client.get(look_up).await.listed("id"), "");
    let body = partial(
        r#""displayName":"Engines","urn:okta:custom:group:1.0":{"description":"All engines"}"#,
    );
    assert_shown!(client.post("/Groups", body).await, @r##"
    201
    content-type: application/json; charset=utf-8
    location: https://door.example/scim/v1/Groups/#1
    etag: W/"1"

    {
      "schemas": ["urn:scim:schemas:core:1.0","urn:okta:custom:group:1.0"],
      "id": "#1",
      "displayName": "Engines",
      "urn:okta:custom:group:1.0": {"description":"All engines"},
      "members": [],
      "meta": {
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v1/Groups/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    assert_shown!(client.get(look_up).await, @r##"
    200
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "totalResults": 1,
      "startIndex": 1,
      "itemsPerPage": 1,
      "Resources": [
        {
          "schemas": ["urn:scim:schemas:core:1.0","urn:okta:custom:group:1.0"],
          "id": "#1",
          "displayName": "Engines",
          "urn:okta:custom:group:1.0": {"description":"All engines"},
          "members": [],
          "meta": {
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "location": "https://door.example/scim/v1/Groups/#1",
            "version": "W/\"1\""
          }
        }
      ]
    }
    "##);
});

contract!(async fn rename(store) {
    let client = Client::open(store).await.v1();
    let a = client.user("a").await;
    let id = client.group("Engines", &[&a]).await;
    let path = format!("/Groups/{id}");
    let answer = client.patch(&path, partial(&format!(r#""id":"{id}","displayName":"New""#))).await;
    assert_shown!(answer, @r#"
    204
    etag: W/"2"
    "#);
    assert_eq!(client.get(&path).await.json()["displayName"], "New");
    assert_eq!(members(&client, &path).await, "a");
});

contract!(async fn members_are_merged_deleted_and_replaced(store) {
    let client = Client::open(store).await.v1();
    let [a, b, c] = [client.user("a").await, client.user("b").await, client.user("c").await];
    let path = format!("/Groups/{}", client.group("Engines", &[&a]).await);
    for (body, left) in [
        (format!(r#""members":[{{"value":"{b}","display":"b"}}]"#), "a b"),
        (format!(r#""members":[{{"value":"{a}","operation":"delete"}}]"#), "b"),
        (
            format!(
                r#""members":[{{"value":"{b}","display":"b","operation":"delete"}},
                   {{"value":"{a}"}},{{"value":"{c}"}}]"#
            ),
            "a c",
        ),
        (format!(r#""meta":{{"attributes":["members"]}},"members":[{{"value":"{b}"}}]"#), "b"),
        (r#""meta":{"attributes":["members"]}"#.to_owned(), ""),
    ] {
        let answer = client.patch(&path, partial(&body)).await;
        assert_eq!(answer.status, 204, "{body}: {answer}");
        assert_eq!(members(&client, &path).await, left, "{body}");
    }
});

contract!(async fn put_and_delete(store) {
    let client = Client::open(store).await.v1();
    let [a, b] = [client.user("a").await, client.user("b").await];
    let id = client.group("Engines", &[&a]).await;
    let path = format!("/Groups/{id}");
    let body = partial(&format!(
        r#""id":"{id}","displayName":"Engines","members":[{{"value":"{b}","display":"b"}}]"#
    ));
    assert_shown!(client.put(&path, body).await, @r##"
    200
    content-type: application/json; charset=utf-8
    etag: W/"2"

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "id": "#3",
      "displayName": "Engines",
      "members": [
        {
          "value": "#2",
          "$ref": "https://door.example/scim/v1/Users/#2",
          "type": "User"
        }
      ],
      "meta": {
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v1/Groups/#3",
        "version": "W/\"2\""
      }
    }
    "##);
    assert_shown!(client.delete(&path).await, @"204");
    assert_eq!(client.get("/Groups").await.listed("id"), "");
});

contract!(async fn errors_have_both_forms(store) {
    let client = Client::open(store).await.v1();
    assert_shown!(client.get("/Groups/00919288221112222").await, @r#"
    404
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [{"description":"There is no resource with this id.","code":"404"}],
      "detail": "There is no resource with this id."
    }
    "#);
    assert_shown!(client.get("/Users?filter=shoeSize%20eq%20%2244%22").await, @r#"
    400
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [{"description":"In the filter, shoeSize is not an attribute of a User.","code":"400"}],
      "detail": "In the filter, shoeSize is not an attribute of a User."
    }
    "#);
    assert_shown!(client.with_token("non-token").get("/Users").await, @r#"
    401
    content-type: application/json; charset=utf-8
    www-authenticate: Bearer realm="Doorward"

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [
        {
          "description": "This is not a Doorward API token: those begin with \"scim_\". Copy the token that was shown when it was issued.",
          "code": "401"
        }
      ],
      "detail": "This is not a Doorward API token: those begin with \"scim_\". Copy the token that was shown when it was issued."
    }
    "#);
    assert_shown!(client.post("/Groups", "{").await, @r#"
    400
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [
        {
          "description": "The body is not valid JSON: EOF while parsing an object at line 1 column 1.",
          "code": "400"
        }
      ],
      "detail": "The body is not valid JSON: EOF while parsing an object at line 1 column 1."
    }
    "#);
});

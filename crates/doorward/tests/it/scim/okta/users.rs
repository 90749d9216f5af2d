//! Users: test of the credentials, assignment, profile push, deactivation, return, import.

use testkit::contract;

use super::{ADA, operations};
use crate::scim::support::{Client, assert_shown};

contract!(async fn the_credentials_are_tested_on_an_empty_organization(store) {
    let client = Client::open(store).await;
    assert_shown!(client.get("/Users?startIndex=1&count=2").await, @r#"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 0,
      "startIndex": 1,
      "itemsPerPage": 0,
      "Resources": []
    }
    "#);
    assert_shown!(client.get("/Groups?startIndex=1&count=100").await, @r#"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 0,
      "startIndex": 1,
      "itemsPerPage": 0,
      "Resources": []
    }
    "#);
});

contract!(async fn a_look_up_comes_before_the_create_and_after(store) {
    let client = Client::open(store).await;
    let look_up = "/Users?filter=userName+eq+%22ada%40example.com%22&startIndex=1&count=100";
    assert_shown!(client.get(look_up).await, @r#"
    200
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      "totalResults": 0,
      "startIndex": 1,
      "itemsPerPage": 0,
      "Resources": []
    }
    "#);
    assert_shown!(client.post("/Users", ADA).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "Ada@Example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en-US",
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
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
          "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
          "id": "#1",
          "externalId": "00u1ada",
          "userName": "Ada@Example.com",
          "name": {"givenName":"Ada","familyName":"Lovelace"},
          "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
          "displayName": "Ada Lovelace",
          "locale": "en-US",
          "active": true,
          "meta": {
            "resourceType": "User",
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "location": "https://door.example/scim/v2/Users/#1",
            "version": "W/\"1\""
          }
        }
      ]
    }
    "##);
});

contract!(async fn a_second_create_is_a_conflict_that_names_the_cause(store) {
    let client = Client::open(store).await;
    client.post("/Users", ADA).await.created();
    let before = client.newest().await;
    assert_shown!(client.post("/Users", ADA).await, @r#"
    409
    content-type: application/scim+json

    {
      "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
      "scimType": "uniqueness",
      "detail": "There is an active user with the userName \"Ada@Example.com\" already.",
      "status": "409"
    }
    "#);
    assert_eq!(client.newest().await, before);
    // RFC 7643 §3.1: an externalId is the client's own, and unique only as far as the client says.
    let renamed = ADA.replace("Ada@Example.com", "other@example.com");
    client.post("/Users", renamed).await.created();
});

contract!(async fn a_profile_push_overlays_what_we_returned(store) {
    let client = Client::open(store).await;
    let id = client.post("/Users", ADA).await.created();
    let path = format!("/Users/{id}");
    let mut profile = client.get(&path).await.json();
    let before = client.newest().await;
    assert_eq!(client.put(&path, &profile).await.status, 200);
    assert_eq!(client.newest().await, before, "what is equal is no change");

    profile["name"]["familyName"] = "King".into();
    profile["name"]["formatted"] = "Ada Lovelace".into();
    profile["id"] = "another".into();
    profile["meta"]["created"] = "1999-01-01T00:00:00Z".into();
    profile["groups"] = serde_json::json!([{ "value": "g1" }]);
    profile["nickName"] = "".into();
    profile["title"] = serde_json::Value::Null;
    profile["somethingNew"] = 7.into();
    profile["password"] = "s3cr3t".into();
    assert_shown!(client.put(&path, &profile).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "Ada@Example.com",
      "name": {"givenName":"Ada","familyName":"King","formatted":"Ada Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en-US",
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
    assert_eq!(client.kinds_after(before).await, "UserUpdated");
});

contract!(async fn empty_values_clear_and_absent_ones_do_too(store) {
    let client = Client::open(store).await;
    let full = ADA.replace(
        "\"active\":true",
        r#""active":true,"title":"Countess","nickName":"A","timezone":"Europe/London",
           "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
           {"department":"Research","employeeNumber":701984}"#,
    );
    let created = client.post("/Users", full).await;
    assert_shown!(created, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "Ada@Example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en-US",
      "active": true,
      "title": "Countess",
      "nickName": "A",
      "timezone": "Europe/London",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department":"Research","employeeNumber":"701984"},
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let empty = ADA.replace(
        "\"active\":true",
        r#""active":true,"title":"","nickName":null,
           "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
           {"department":"","employeeNumber":null}"#,
    );
    assert_shown!(client.put(&format!("/Users/{}", created.id()), empty).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "Ada@Example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en-US",
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
});

contract!(async fn a_deactivated_user_is_kept_and_found_and_comes_back(store) {
    let client = Client::open(store).await;
    let id = client.post("/Users", ADA).await.created();
    let path = format!("/Users/{id}");
    let before = client.newest().await;
    let off = operations(r#"{"op":"replace","value":{"active":false}}"#);
    assert_shown!(client.patch(&path, &off).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "Ada@Example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en-US",
      "active": false,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
    assert_eq!(client.patch(&path, &off).await.status, 200, "again is no error");
    assert_eq!(client.get(&path).await.json()["active"], false);
    let found = client.get("/Users?filter=userName%20eq%20%22ada@example.com%22").await;
    assert_eq!(found.listed("id"), id);
    assert_eq!(client.get("/Users?startIndex=1&count=100").await.listed("id"), id);

    let on = operations(r#"{"op":"replace","value":{"active":true}}"#);
    let back = client.patch(&path, on).await;
    assert_eq!((back.status, back.json()["active"].clone()), (200, true.into()));
    assert_eq!(client.kinds_after(before).await, "UserArchived UserReactivated");
});

contract!(async fn an_app_that_only_puts_flips_active_in_what_it_read(store) {
    let client = Client::open(store).await;
    let id = client.post("/Users", ADA).await.created();
    let path = format!("/Users/{id}");
    let before = client.newest().await;
    for active in [false, true] {
        let mut body = client.get(&path).await.json();
        body["active"] = active.into();
        let put = client.put(&path, &body).await;
        assert_eq!((put.status, &put.json()["active"]), (200, &active.into()));
    }
    assert_eq!(client.kinds_after(before).await, "UserArchived UserReactivated");
    // A profile without the key says nothing about it.
    let profile = ADA.replace(r#","active":true"#, "");
    assert_eq!(client.put(&path, profile).await.json()["active"], true);
});

contract!(async fn who_is_hired_again_gets_the_old_id(store) {
    let client = Client::open(store).await;
    let id = client.post("/Users", ADA).await.created();
    let path = format!("/Users/{id}");
    let off = operations(r#"{"op":"replace","value":{"active":false}}"#);
    client.patch(&path, &off).await;
    assert_shown!(client.post("/Users", ADA).await, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"3"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "Ada@Example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en-US",
      "active": true,
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"3\""
      }
    }
    "##);
    // The same person under a new name, known by the externalId.
    client.patch(&path, &off).await;
    let renamed = ADA.replace("Ada@Example.com", "ada.king@example.com");
    assert_eq!(client.post("/Users", renamed).await.created(), id);
    // Deleting is another act, and leaves a tombstone.
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(client.get(&path).await.status, 404);
    assert_eq!(client.post("/Users", ADA).await.created(), id);
});

contract!(async fn a_password_is_accepted_and_never_kept(store) {
    let client = Client::open(store).await;
    let id = client.post("/Users", ADA).await.created();
    let path = format!("/Users/{id}");
    let before = client.newest().await;
    for operation in [
        r#"{"op":"replace","value":{"password":"n3w"}}"#,
        r#"{"op":"replace","path":"password","value":"n3w"}"#,
    ] {
        let answer = client.patch(&path, operations(operation)).await;
        assert_eq!(answer.status, 200, "{answer}");
        assert!(!answer.text().contains("n3w") && !answer.text().contains("password"));
    }
    assert_eq!(client.newest().await, before);
    for event in client.connection.organization.events().await {
        let kept = event.json();
        assert!(!kept.contains("1mz050nq") && !kept.contains("n3w"), "{kept}");
    }
});

contract!(async fn the_case_of_a_user_name_is_kept_and_does_not_count(store) {
    let client = Client::open(store).await;
    let created = client.post("/Users", ADA).await;
    assert_eq!(created.json()["userName"], "Ada@Example.com");
    for name in ["ada@example.com", "ADA@EXAMPLE.COM", "Ada@Example.com"] {
        let found = client.get(&format!("/Users?filter=userName+eq+%22{name}%22")).await;
        assert_eq!(found.listed("userName"), "Ada@Example.com");
    }
    let put = ADA.replace("Ada@Example.com", "ADA@example.com");
    let path = format!("/Users/{}", created.id());
    assert_eq!(client.put(&path, put).await.json()["userName"], "ADA@example.com");
});

contract!(async fn an_import_takes_one_hundred_after_the_other(store) {
    let client = Client::open(store).await;
    for n in 0..205 {
        client.user(&format!("u{n:03}@example.com")).await;
    }
    let mut seen = Vec::new();
    for start in [1, 101, 201, 301] {
        let page = client.get(&format!("/Users?startIndex={start}&count=100")).await;
        let list = page.json();
        assert_eq!(list["totalResults"], 205);
        assert_eq!(list["startIndex"], start);
        seen.extend(page.listed("userName").split_whitespace().map(str::to_owned));
    }
    let all: Vec<String> = (0..205).map(|n| format!("u{n:03}@example.com")).collect();
    assert_eq!(seen, all);
});

//! Users in SCIM 1.1.

use testkit::contract;

use crate::scim::support::{Client, assert_shown};

const ADA: &str = r#"{"schemas":["urn:scim:schemas:core:1.0",
    "urn:scim:schemas:extension:enterprise:1.0"],
    "userName":"ada@example.com","name":{"givenName":"Ada","familyName":"Lovelace"},
    "emails":[{"primary":true,"value":"ada@example.com","type":"work"}],
    "displayName":"Ada Lovelace","locale":"en_US","externalId":"00u1ada",
    "groups":[],"password":"1mz050nq","active":true,
    "urn:scim:schemas:extension:enterprise:1.0":
    {"department":"Research","manager":{"managerId":"00u7","displayName":"Charles"}}}"#;

contract!(async fn the_credentials_are_tested(store) {
    let client = Client::open(store).await.v1();
    assert_shown!(client.get("/Users?startIndex=1&count=2").await, @r#"
    200
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "totalResults": 0,
      "startIndex": 1,
      "itemsPerPage": 0,
      "Resources": []
    }
    "#);
    assert_shown!(client.get("/Groups?startIndex=1&count=100").await, @r#"
    200
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "totalResults": 0,
      "startIndex": 1,
      "itemsPerPage": 0,
      "Resources": []
    }
    "#);
});

contract!(async fn look_up_and_create(store) {
    let client = Client::open(store).await.v1();
    let look_up = "/Users?filter=userName%20eq%20%22ada@example.com%22&startIndex=1&count=100";
    assert_eq!(client.get(look_up).await.listed("id"), "");
    assert_shown!(client.post("/Users", ADA).await, @r##"
    201
    content-type: application/json; charset=utf-8
    location: https://door.example/scim/v1/Users/#1
    etag: W/"1"

    {
      "schemas": ["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "ada@example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en_US",
      "active": true,
      "urn:scim:schemas:extension:enterprise:1.0": {"department":"Research","manager":{"managerId":"00u7","displayName":"Charles"}},
      "meta": {
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v1/Users/#1",
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
          "schemas": ["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
          "id": "#1",
          "externalId": "00u1ada",
          "userName": "ada@example.com",
          "name": {"givenName":"Ada","familyName":"Lovelace"},
          "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
          "displayName": "Ada Lovelace",
          "locale": "en_US",
          "active": true,
          "urn:scim:schemas:extension:enterprise:1.0": {"department":"Research","manager":{"managerId":"00u7","displayName":"Charles"}},
          "meta": {
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "location": "https://door.example/scim/v1/Users/#1",
            "version": "W/\"1\""
          }
        }
      ]
    }
    "##);
});

contract!(async fn a_duplicate(store) {
    let client = Client::open(store).await.v1();
    client.post("/Users", ADA).await.created();
    assert_shown!(client.post("/Users", ADA).await, @r#"
    409
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [
        {
          "description": "There is an active user with the userName \"ada@example.com\" already.",
          "code": "409"
        }
      ],
      "detail": "There is an active user with the userName \"ada@example.com\" already."
    }
    "#);
});

contract!(async fn a_match_is_put_without_meta_and_password(store) {
    let client = Client::open(store).await.v1();
    let id = client.post("/Users", r#"{"userName":"ada@example.com"}"#).await.created();
    let profile = ADA.replace(r#""password":"1mz050nq","#, "");
    assert_shown!(client.put(&format!("/Users/{id}"), profile).await, @r##"
    200
    content-type: application/json; charset=utf-8
    etag: W/"2"

    {
      "schemas": ["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "ada@example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en_US",
      "active": true,
      "urn:scim:schemas:extension:enterprise:1.0": {"department":"Research","manager":{"managerId":"00u7","displayName":"Charles"}},
      "meta": {
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v1/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
});

contract!(async fn an_update_echoes_our_meta(store) {
    let client = Client::open(store).await.v1();
    let path = format!("/Users/{}", client.post("/Users", ADA).await.created());
    let mut body = client.get(&path).await.json();
    let before = client.newest().await;
    assert_eq!(client.put(&path, &body).await.status, 200);
    assert_eq!(client.newest().await, before, "what is equal is no change");
    body["title"] = "Countess".into();
    let enterprise = "urn:scim:schemas:extension:enterprise:1.0";
    body[enterprise]["manager"]["managerId"] = "00u8".into();
    let put = client.put(&path, &body).await;
    assert_eq!(put.json()["title"], "Countess");
    assert_eq!(put.json()[enterprise]["manager"]["managerId"], "00u8");
});

contract!(async fn a_user_is_deactivated_by_a_partial_resource(store) {
    let client = Client::open(store).await.v1();
    let id = client.post("/Users", ADA).await.created();
    let path = format!("/Users/{id}");
    let before = client.newest().await;
    let body = |active: bool| {
        format!(r#"{{"schemas":["urn:scim:schemas:core:1.0"],"id":"{id}","active":{active}}}"#)
    };
    assert_shown!(client.patch(&path, body(false)).await, @r##"
    200
    content-type: application/json; charset=utf-8
    etag: W/"2"

    {
      "schemas": ["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "ada@example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en_US",
      "active": false,
      "urn:scim:schemas:extension:enterprise:1.0": {"department":"Research","manager":{"managerId":"00u7","displayName":"Charles"}},
      "meta": {
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v1/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
    assert_eq!(client.patch(&path, body(true)).await.json()["active"], true);
    assert_eq!(client.kinds_after(before).await, "UserArchived UserReactivated");
});

contract!(async fn a_user_is_deactivated_by_a_put(store) {
    let client = Client::open(store).await.v1();
    let path = format!("/Users/{}", client.post("/Users", ADA).await.created());
    let mut body = client.get(&path).await.json();
    body["active"] = false.into();
    let put = client.put(&path, &body).await;
    assert_eq!((put.status, &put.json()["active"]), (200, &false.into()));
    // The agent sends pending users as inactive ones, and some with their groups.
    let pending = ADA.replace("ada@example.com", "p").replace("00u1ada", "p").replace(
        r#""groups":[],"password":"1mz050nq","active":true"#,
        r#""groups":[{"value":"g1"}],"active":false"#,
    );
    assert_eq!(client.post("/Users", pending).await.json()["active"], false);
});

contract!(async fn single_values_are_merged_cleared_and_deleted(store) {
    let client = Client::open(store).await.v1();
    let path = format!("/Users/{}", client.post("/Users", ADA).await.created());
    let body = r#"{"schemas":["urn:scim:schemas:core:1.0"],
        "name":{"familyName":"King"},"meta":{"attributes":["displayName","locale"]},
        "emails":[{"value":"ada@example.com","operation":"delete"},{"value":"new@example.com"}]}"#;
    assert_shown!(client.patch(&path, body).await, @r##"
    200
    content-type: application/json; charset=utf-8
    etag: W/"2"

    {
      "schemas": ["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "ada@example.com",
      "name": {"givenName":"Ada","familyName":"King"},
      "active": true,
      "emails": [{"value":"new@example.com"}],
      "urn:scim:schemas:extension:enterprise:1.0": {"department":"Research","manager":{"managerId":"00u7","displayName":"Charles"}},
      "meta": {
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v1/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
});

contract!(async fn an_incremental_import(store) {
    let client = Client::open(store).await.v1();
    client.user("old").await;
    store.clock.advance(std::time::Duration::from_mins(1));
    client.user("new").await;
    let filter = "/Users?filter=meta.lastModified%20gt%20%222026-01-01T00:00:30Z%22\
                  &startIndex=1&count=100";
    assert_eq!(client.get(filter).await.listed("userName"), "new");
    let urn = "/Users?filter=urn:scim:schemas:core:1.0:userName%20eq%20%22old%22";
    assert_eq!(client.get(urn).await.listed("userName"), "old");
});

contract!(async fn a_user_is_deleted(store) {
    let client = Client::open(store).await.v1();
    let path = format!("/Users/{}", client.post("/Users", ADA).await.created());
    assert_shown!(client.delete(&path).await, @"204");
    assert_shown!(client.get(&path).await, @r#"
    404
    content-type: application/json; charset=utf-8

    {
      "schemas": ["urn:scim:schemas:core:1.0"],
      "Errors": [{"description":"There is no resource with this id.","code":"404"}],
      "detail": "There is no resource with this id."
    }
    "#);
});

contract!(async fn both_versions_show_the_same_records(store) {
    let client = Client::open(store).await;
    let id = client.v1().post("/Users", ADA).await.created();
    assert_shown!(client.get(&format!("/Users/{id}")).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"1"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "externalId": "00u1ada",
      "userName": "ada@example.com",
      "name": {"givenName":"Ada","familyName":"Lovelace"},
      "emails": [{"primary":true,"value":"ada@example.com","type":"work"}],
      "displayName": "Ada Lovelace",
      "locale": "en_US",
      "active": true,
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department":"Research","manager":{"value":"00u7","displayName":"Charles"}},
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let before = client.newest().await;
    let shown = client.get(&format!("/Users/{id}")).await.json();
    assert_eq!(client.put(&format!("/Users/{id}"), shown).await.status, 200);
    assert_eq!(client.newest().await, before, "the way through 1.1 lost nothing");
});

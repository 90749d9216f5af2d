//! What Microsoft Entra ID sends, where it differs from Okta.

use directory::connection::Provider;
use testkit::{TestStore, contract};

use super::support::{Client, assert_shown};

async fn entra(store: &TestStore) -> Client {
    Client::for_provider(store, Provider::Entra).await
}

const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
    "externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"ada@example.com","active":true,
    "displayName":"Ada","emails":[{"primary":true,"type":"work","value":"ada@example.com"}],
    "meta":{"resourceType":"User"},
    "name":{"formatted":"Ada Lovelace","familyName":"Lovelace","givenName":"Ada"},"roles":[]}"#;

fn operations(operations: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations":[{operations}]}}"#
    )
}

contract!(async fn the_connection_is_tested_with_somebody_who_does_not_exist(store) {
    let client = entra(store).await;
    for path in [
        "/Users?filter=userName+eq+%22fd9f7a4c-4a3f-4f7f-9b6e-3d3a3c2b1a00%22",
        "/Users?filter=externalId+eq+%22fd9f7a4c%22",
        "/Users?aadOptscim062020&filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22x%22",
        "/Groups?excludedAttributes=members&filter=displayName+eq+%22fd9f7a4c%22",
    ] {
        let list = client.get(path).await;
        assert_eq!((list.listed("id").as_str(), &list.json()["totalResults"]), ("", &0.into()));
    }
});

contract!(async fn a_user_is_found_by_each_matching_attribute(store) {
    let client = entra(store).await;
    let created = client.post("/Users", ADA).await;
    assert_shown!(created, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Users/#1
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
      "id": "#1",
      "externalId": "#2",
      "userName": "ada@example.com",
      "active": true,
      "displayName": "Ada",
      "emails": [{"primary":true,"type":"work","value":"ada@example.com"}],
      "name": {"formatted":"Ada Lovelace","familyName":"Lovelace","givenName":"Ada"},
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"1\""
      }
    }
    "##);
    let id = created.id();
    for filter in [
        "userName+eq+%22ADA@example.com%22",
        "externalId+eq+%220a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef%22",
        "emails%5Btype+eq+%22work%22%5D.value+eq+%22ada@example.com%22",
        "emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22ADA@EXAMPLE.COM%22",
        "userName+eq+%22ada@example.com%22+and+active+eq+%22True%22",
    ] {
        assert_eq!(client.get(&format!("/Users?filter={filter}")).await.listed("id"), id, "{filter}");
    }
    let other = "emails%5Btype+eq+%22home%22%5D.value+eq+%22ada@example.com%22";
    assert_eq!(client.get(&format!("/Users?filter={other}")).await.listed("id"), "");
});

contract!(async fn one_operation_for_each_attribute(store) {
    let client = entra(store).await;
    let path = format!("/Users/{}", client.post("/Users", ADA).await.created());
    let body = operations(
        r#"{"op":"Replace","path":"displayName","value":"Ada K."},
           {"op":"Replace","path":"name.familyName","value":"King"},
           {"op":"Replace","path":"emails[type eq \"work\"].value","value":"ada.king@example.com"},
           {"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+44 20 7946 0000"},
           {"op":"Replace","path":"addresses[type eq \"work\"].postalCode","value":"EC1"},
           {"op":"Add","value":"Research",
            "path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},
           {"op":"Add","value":"26118915",
            "path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"},
           {"op":"Replace","path":"active","value":"False"},
           {"op":"Remove","path":"nickName"}"#,
    );
    assert_shown!(client.patch(&path, body).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "externalId": "#2",
      "userName": "ada@example.com",
      "active": false,
      "displayName": "Ada K.",
      "emails": [{"primary":true,"type":"work","value":"ada.king@example.com"}],
      "name": {"formatted":"Ada Lovelace","familyName":"King","givenName":"Ada"},
      "phoneNumbers": [{"type":"mobile","value":"+44 20 7946 0000"}],
      "addresses": [{"type":"work","postalCode":"EC1"}],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department":"Research","manager":{"value":"26118915"}},
      "meta": {
        "resourceType": "User",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Users/#1",
        "version": "W/\"2\""
      }
    }
    "##);
    let restored = operations(r#"{"op":"Replace","path":"active","value":"True"}"#);
    assert_eq!(client.patch(&path, restored).await.json()["active"], true);
});

contract!(async fn with_the_flag_of_2020_keys_are_paths(store) {
    let client = entra(store).await;
    let path = format!("/Users/{}?aadOptscim062020", client.post("/Users", ADA).await.created());
    let body = operations(
        r#"{"op":"replace","value":{"displayName":"B","name.givenName":"Augusta",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"7",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager":{"value":"9"}}},
           {"op":"remove","path":"emails[type eq \"work\" and value eq \"ada@example.com\"]"}"#,
    );
    assert_shown!(client.patch(&path, body).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"2"

    {
      "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
      ],
      "id": "#1",
      "externalId": "#2",
      "userName": "ada@example.com",
      "active": true,
      "displayName": "B",
      "name": {"formatted":"Ada Lovelace","familyName":"Lovelace","givenName":"Augusta"},
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber":"7","manager":{"value":"9"}},
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

contract!(async fn a_user_is_disabled_and_later_deleted(store) {
    let client = entra(store).await;
    let path = format!("/Users/{}", client.post("/Users", ADA).await.created());
    let before = client.newest().await;
    let off = operations(r#"{"op":"Replace","path":"active","value":"False"}"#);
    assert_eq!(client.patch(&path, off).await.json()["active"], false);
    assert_eq!(client.get(&path).await.status, 200);
    assert_shown!(client.delete(&path).await, @"204");
    assert_eq!(client.get(&path).await.status, 404);
    assert_eq!(client.delete(&path).await.status, 404);
    assert_eq!(client.kinds_after(before).await, "UserArchived UserDeleted");
});

contract!(async fn a_group_is_created_empty_and_filled(store) {
    let client = entra(store).await;
    let [a, b] = [client.user("a").await, client.user("b").await];
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group",
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159","displayName":"Engines",
        "meta":{"resourceType":"Group"}}"#;
    let created = client.post("/Groups", body).await;
    assert_shown!(created, @r##"
    201
    content-type: application/scim+json
    location: https://door.example/scim/v2/Groups/#3
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#3",
      "externalId": "#4",
      "displayName": "Engines",
      "members": [],
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#3",
        "version": "W/\"1\""
      }
    }
    "##);
    let path = format!("/Groups/{}", created.id());
    let add = operations(&format!(
        r#"{{"op":"Add","path":"members","value":[{{"$ref":null,"value":"{a}"}},
                                                  {{"$ref":null,"value":"{b}"}}]}}"#
    ));
    assert_shown!(client.patch(&path, add).await, @r#"
    204
    etag: W/"2"
    "#);
    let remove = operations(&format!(
        r#"{{"op":"Remove","path":"members","value":[{{"$ref":null,"value":"{a}"}}]}}"#
    ));
    assert_eq!(client.patch(&path, &remove).await.status, 204);
    let group = client.get(&path).await.json();
    assert_eq!(group["members"].as_array().map(Vec::len), Some(1), "only those who are listed");
    assert_eq!(group["members"][0]["value"], b);
    let remove = operations(&format!(r#"{{"op":"remove","path":"members[value eq \"{b}\"]"}}"#));
    assert_eq!(client.patch(&path, &remove).await.status, 204);
    assert_eq!(client.get(&path).await.json()["members"], serde_json::json!([]));
});

contract!(async fn members_are_left_out_where_they_are_excluded(store) {
    let client = entra(store).await;
    let a = client.user("a").await;
    let id = client.group("Engines", &[&a]).await;
    assert_shown!(client.get(&format!("/Groups/{id}?excludedAttributes=members")).await, @r##"
    200
    content-type: application/scim+json
    etag: W/"1"

    {
      "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      "id": "#2",
      "displayName": "Engines",
      "meta": {
        "resourceType": "Group",
        "created": "2026-01-01T00:00:00.000Z",
        "lastModified": "2026-01-01T00:00:00.000Z",
        "location": "https://door.example/scim/v2/Groups/#2",
        "version": "W/\"1\""
      }
    }
    "##);
    let list = "/Groups?excludedAttributes=members&filter=displayName+eq+%22engines%22";
    assert_eq!(client.get(list).await.listed("id"), id);
    assert!(!client.get(list).await.text().contains("members"));
});
